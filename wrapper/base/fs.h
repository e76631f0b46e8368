/* SPDX-License-Identifier: MIT */
/* fs.h - files: whole reads with a cap, atomic writes, trees */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;
struct err;

/*
 * Each function that can fail returns 0, or -1 with 'err' set (ERR_SYS with
 * the errno kept in err->sys, unless said otherwise).  Descriptors that they
 * make are close-on-exec.  EINTR is retried.
 */

/* Appends all of the file to 'to'; more than 'cap' bytes is ERR_FORMAT. */
int fs_read(const char *path, size_t cap, struct buf *to, struct err *err);
int fs_read_fd(int fd, size_t cap, struct buf *to, struct err *err);

/* Writes all of 'len' bytes. */
int fs_write_fd(int fd, const void *data, size_t len, struct err *err);

/*
 * Whether the files that tell what all the others are get to the disk before
 * they get their names, for the whole process: what must not be found empty
 * after the power went, where nobody waits for us.  At first they do not.
 * Returns what it was.
 */
bool fs_set_careful(bool careful);
bool fs_is_careful(void);

/* Before a rename: waits for the disk if that is wanted. */
int fs_settle(int fd, const char *path, struct err *err);

/*
 * The file appears at 'path' whole or not at all: written beside it under a
 * name that starts with ".kmlflow-", settled, then renamed.  'mode' is not
 * masked.
 */
int fs_write_atomic(const char *path, const void *data, size_t len, mode_t mode,
                    struct err *err);

/* Creates 'path' and its missing parents, as mkdir -p; existing is fine. */
int fs_mkdirs(const char *path, mode_t mode, struct err *err);

/* The missing parents of 'path', but not 'path' itself. */
int fs_mkparents(const char *path, mode_t mode, struct err *err);

/* Removes a tree, not following symbolic links; absent is fine. */
int fs_remove_tree(const char *path, struct err *err);

bool fs_is_dir(const char *path);
bool fs_exists(const char *path); /* of any kind; a dangling link too */

/*
 * Known not to be there.  Where that cannot be told it is false: what rests on
 * an absence, and could lose something, asks this.
 */
bool fs_is_absent(const char *path);

/* 'path' itself when absolute, else below 'base'. */
char *fs_join(const char *base, const char *path);

/* The last component, as basename(1) without trailing slashes; owned. */
char *fs_basename(const char *path);
char *fs_dirname(const char *path);

/*
 * Absolute, without "." and "..", without doubled or trailing slashes, by
 * text alone: symbolic links are not looked at.  'path' must be absolute.
 */
char *fs_normalise(const char *path);

/*
 * As realpath(3), for a path of which the last components need not exist:
 * the longest existing parent is resolved, the rest is normalised by text.
 */
char *fs_resolve(const char *path);

/* The cwd, owned; "/" where it cannot be told (removed, unreadable). */
char *fs_cwd(void);
