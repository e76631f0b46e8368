/* SPDX-License-Identifier: MIT */
/* run_config.h - the file that `kedro run --config` names */
#pragma once

#include "model/scalar.h"

struct arena;
struct err;
struct kedro_run;
struct value;

/* What settings_load() has to read of it. */
struct run_config {
	const char *path;    /* as typed, relative to the cwd; NULL: none */
	const char *section; /* that holds the options */
	const char *version; /* of Kedro; NULL: the newest */
};

/*
 * Fills the options of 'k' that the command line leaves open from the file,
 * by the names that they have there, in Kedro 0.16 to 1.x.  Without a file it
 * does nothing.  ERR_CONFIG: no file, no section, not strings.
 */
int run_config_apply(struct kedro_run *k, const char *cwd, struct err *err);

/*
 * The mapping that is under 'params', typed as YAML of 'dialect'; *ret is NULL
 * where there is none or where it is a string, which run_config_apply() took.
 * A key that no Kedro since 0.19 knows is ERR_CONFIG; older ones pass it over.
 */
int run_config_params(const struct run_config *c, const char *cwd,
                      enum dialect dialect, struct arena *arena,
                      struct value **ret, struct err *err);
