/* SPDX-License-Identifier: MIT */
/* tree.h - all files below a directory, one after the other */
#pragma once

struct err;
struct stat;

/*
 * Called with the path of a regular file and what of it follows the root's.
 * Anything but 0 ends the walk, which then gives the same.
 */
typedef int tree_fn(void *arg, const char *path, const char *relative,
                    const struct stat *st);

/*
 * In the order of names.  Symbolic links are passed over, and so is what
 * nobody would nest: more than 100 levels.  No 'root', no files.  -1 with
 * 'err' set: a directory cannot be read.
 */
int tree_files(const char *root, tree_fn *fn, void *arg, struct err *err);
