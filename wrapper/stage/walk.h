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

/* Called for what should be looked at and cannot be; 'reason' is of errno. */
typedef void walk_unseen_fn(void *arg, const char *path, int reason);

/*
 * Visits what exists: a file, all below a directory, the versions of a
 * versioned dataset, the matches of a pattern.  Symbolic links to directories
 * are followed only where the declared path itself is one; hidden names only
 * where they are declared by name.  What is not there, or vanishes on the way,
 * is passed over; what cannot be read is told to 'unseen', which may be NULL.
 */
void walk_declared(const struct declared *d, walk_fn *fn,
                   walk_unseen_fn *unseen, void *arg);

/* The directory part of a pattern that holds no pattern character; owned. */
char *walk_glob_root(const char *pattern);
