/* SPDX-License-Identifier: MIT */
/* templated.h - "${a.b|default}" of Kedro's TemplatedConfigLoader */
#pragma once

struct arena;
struct buf;
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

/*
 * What Jinja2 makes of a file with nothing of its own in it: the last line
 * loses its end.  ERR_CONFIG where there is a template, which we do not run.
 */
int templated_render(struct buf *text, const char *file, struct err *err);
