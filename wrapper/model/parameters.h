/* SPDX-License-Identifier: MIT */
/* parameters.h - params of the run from the merged parameters */
#pragma once

#include <stddef.h>

struct err;
struct kvs;
struct params_settings;
struct strv;
struct value;

/* Characters that MLflow keeps of a param's value, and of its name. */
enum { PARAM_MAX_VALUE = 6000, PARAM_MAX_NAME = 250 };

struct params_out {
	struct kvs *params;
	struct kvs *tags;      /* what 'strategy: tag' moves there */
	struct strv *warnings; /* names that had to be changed */
};

/*
 * 'merged' (NULL: nothing) key by key, flattened where 'rules' say so, values
 * by Python's str(); then 'flags' over them, letter by letter.  Too long a
 * value under 'fail', an interpolation or a name that MLflow refuses is
 * ERR_CONFIG (ERR_USAGE for a flag).
 */
int parameters_render(const struct value *merged, const struct kvs *flags,
                      const struct params_settings *rules,
                      const struct params_out *out, struct err *err);
