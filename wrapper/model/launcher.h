/* SPDX-License-Identifier: MIT */
/* launcher.h - programs that run another one: "env", "poetry run", … */
#pragma once

#include <stdbool.h>

struct kvs;
struct strv;

/*
 * What 'cmd' runs in the end: *ret is part of 'cmd', or of 'own', which is
 * filled where a shell's -c has simple words.  Variables that are set on the
 * way are added to 'env'.  *module: *ret[0] is a Python module's name.
 * *python: the interpreter that is named right before, or NULL; borrowed.
 */
void launcher_skip(char *const *cmd, struct strv *own, struct kvs *env,
                   char *const **ret, bool *module, const char **python);
