/* SPDX-License-Identifier: MIT */
/* templated.h - "${a.b|default}" of Kedro's TemplatedConfigLoader */
#pragma once

struct arena;
struct err;
struct value;

/*
 * *ret is 'tree' with each "${PATH}" and "${PATH|DEFAULT}", in keys too,
 * replaced by what 'globals' (NULL: none) has at PATH.  A text that is one as
 * a whole becomes the value, whatever its type.  ERR_CONFIG where there is
 * none and no default.
 */
int templated_resolve(struct value *tree, const struct value *globals,
                      struct arena *arena, struct value **ret, struct err *err);

/* 0, or ERR_CONFIG where a file's text holds Jinja2, which we do not run. */
int templated_refuse_jinja(const char *text, const char *file, struct err *err);
