/* SPDX-License-Identifier: MIT */
/* walk.h - the files that a declared path stands for at this moment */
#pragma once

struct declared;
struct stat;

/*
 * Called for each file with its path: the parents resolved (no symbolic link
 * among them), the last component as it is.  'st' follows a link at the end.
 * 'relative' is what follows the declared directory, NULL for a single file.
 */
typedef void walk_fn(void *arg, const char *path, const char *relative,
                     const struct stat *st);

/*
 * Visits what exists: a file, all below a directory, the versions of a
 * versioned dataset, the matches of a pattern.  Symbolic links to directories
 * are followed only where the declared path itself is one; hidden names only
 * where they are declared by name.  What cannot be read is passed over.
 */
void walk_declared(const struct declared *d, walk_fn *fn, void *arg);

/* The directory part of a pattern that holds no pattern character; owned. */
char *walk_glob_root(const char *pattern);
