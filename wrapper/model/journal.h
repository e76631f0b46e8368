/* SPDX-License-Identifier: MIT */
/* journal.h - what a `kedro run` command line says of the run */
#pragma once

#include <stdbool.h>

#include "base/strv.h"

/*
 * Kedro's options, read from CMD where it is "kedro run" or
 * "python -m kedro run"; the values are as typed, NULL where not given.
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
};

void kedro_run_read(char *const *cmd, struct kedro_run *ret);
void kedro_run_free(struct kedro_run *k);

/*
 * The tags of kedro-mlflow's journal, by facts of its releases 0.2 to 2.0:
 * only options that were given, and always "kedro_command".
 */
void kedro_run_tags(const struct kedro_run *k, struct kvs *tags);
