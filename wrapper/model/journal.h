/* SPDX-License-Identifier: MIT */
/* journal.h - what a `kedro run` command line says of the run */
#pragma once

#include <stdbool.h>

#include "base/strv.h"
#include "model/packaged.h"

/*
 * Kedro's options, read from CMD where it is "kedro run",
 * "python -m kedro run" or a project that is installed as a package, or
 * something that runs one of them, such as "poetry run" (see launcher.h); the
 * values are as typed, NULL where not given.
 */
struct kedro_run {
	bool is_kedro_run;
	struct packaged packaged; /* 'name' NULL: "kedro run" */
	char *kedro_env;          /* KEDRO_ENV=… on the command line */
	char *config;             /* --config, see run_config.h */
	char *env;
	char *pipeline; /* --pipeline or --pipelines, comma-joined */
	char *tags;
	char *nodes;
	char *from_nodes;
	char *to_nodes;
	char *from_inputs;
	char *to_outputs;
	char *load_versions;
	char *namespaces;
	char *runner;
	char *params;
	char *conf_source;
};

void kedro_run_read(char *const *cmd, struct kedro_run *ret);

/* The field of an option's value by its long name, "--env"; NULL: no such. */
char **kedro_run_field(struct kedro_run *k, const char *option);
void kedro_run_free(struct kedro_run *k);

/*
 * The tags of kedro-mlflow's journal, by facts of its releases 0.2 to 2.0:
 * only options that were given, as Python's str() shows them, and always
 * "kedro_command", which names the default pipeline from Kedro 1.0 on.  Their
 * names are those of Kedro 'version' (NULL: the newest); 'params' is the repr()
 * of --params, NULL where there are none.
 */
void kedro_run_tags(const struct kedro_run *k, const char *version,
                    const char *params, struct kvs *tags);
