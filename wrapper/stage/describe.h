/* SPDX-License-Identifier: MIT */
/* describe.h - what is said of a run before it begins */
#pragma once

#include "base/strv.h"

struct err;
struct git_state;
struct kedro_run;
struct record;
struct settings;

/* What the command line adds; NULL where nothing was given. */
struct describe_request {
	const struct settings *settings;
	const struct kedro_run *kedro;
	const struct kvs *tags; /* -t */
	const char *note;       /* -m */
	const char *parent;     /* run id of the run around us */
	char *const *cmd;
	const char *cwd;
};

/*
 * Fills invocation id, command, user, times, tags and params of 'ret', a
 * zeroed record.  ERR_USAGE: MLFLOW_RUN_CONTEXT is not a JSON object.
 */
int describe_run(const struct describe_request *request, struct record *ret,
                 struct err *err);

/* MLflow's tags for the code, once git has answered. */
void describe_git(const struct git_state *state, bool kedro, struct kvs *tags);
