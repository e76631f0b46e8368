/* SPDX-License-Identifier: MIT */
/* conf_files.h - which files of a conf/ directory belong to which type */
#pragma once

#include <stdbool.h>

struct err;
struct strv;

/*
 * Adds the paths, relative to 'dir' and sorted, of all regular files below it
 * that end as some loader of Kedro wants it, and of which no part is hidden.
 * An absent directory has none.  ERR_CONFIG where one cannot be read.
 */
int conf_files_scan(const char *dir, const char *shown, struct strv *to,
                    struct err *err);

/* Whether 'path' ends in .yml, .yaml or .json; others only old loaders read. */
bool conf_files_is_ours(const char *path);

/*
 * Whether 'path' (as from conf_files_scan()) is of 'type' by Kedro's patterns:
 * its name begins with the type's, or its first directory does; "globals" is
 * the file globals.yml alone.
 */
bool conf_files_match(const char *path, const char *type);

/* The same by a pattern of settings.py: "**" is any number of directories. */
bool conf_files_glob(const char *path, const char *pattern);
