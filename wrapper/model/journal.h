/* SPDX-License-Identifier: MIT */
/* journal.h - what a `kedro run` command line says of the run */
#pragma once

#include <stdbool.h>

#include "base/strv.h"

/*
 * Kedro's options, read from CMD where it is "kedro run" or
 * "python -m kedro run", or something that runs one of them, such as
 * "poetry run" (see launcher.h); the values are as typed, NULL where not given.
 */
struct kedro_run {
	bool is_kedro_run;
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
void kedro_run_free(struct kedro_run *k);

/*
 * The tags of kedro-mlflow's journal, by facts of its releases 0.2 to 2.0:
 * only options that were given, as Python's str() shows them, and always
 * "kedro_command".  Their names are those of Kedro 'version' (NULL: the
 * newest); 'params' is the repr() of --params, NULL where there are none.
 */
void kedro_run_tags(const struct kedro_run *k, const char *version,
                    const char *params, struct kvs *tags);
