/* SPDX-License-Identifier: MIT */
/* file_layout.h - MLflow's local directory: where things are, safe writing */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/tracking_impl.h"

struct buf;
struct strv;

/* The local directory as a tracking store. */
struct file_store {
	struct tracking base;
	char *root;     /* absolute path of "mlruns" */
	char *location; /* the same as MLflow stores it: path or file URI */
	char *run_id;   /* the run found last, NULL: none; its directory */
	char *run_dir;
};

#define FILE_META "meta.yaml"
#define FILE_TRASH ".trash"

/* No reader takes a directory of this ending for an experiment. */
#define FILE_TEMP_DIR_SUFFIX ".trash"

/*
 * An unwritable store is the user's to repair: turns the ERR_SYS of a
 * failed write into ERR_CONFIG with advice, and returns -1.
 */
int file_advise(const struct file_store *fs, struct err *err);

/* "<prefix>.kmlflow-<16 hex digits><suffix>"; owned. */
char *file_temp_name(const char *prefix, const char *suffix);

/*
 * Writes a file so that it appears whole: first under a temporary name in
 * 'temp_dir' (same file system, ends without slash), then renamed to 'path',
 * of which missing parents are made.  Without 'replace' a file that is there
 * stays, and 1 is returned.
 */
int file_put(const char *temp_dir, const char *path, const struct buf *data,
             bool replace, struct err *err);
/* The same, see fs_settle(): others rest on this one. */
int file_put_settled(const char *temp_dir, const char *path,
                     const struct buf *data, bool replace, struct err *err);

/* The same for a directory that no reader looks into yet: at once. */
int file_put_unseen(const char *path, const struct buf *data, struct err *err);

/* A small regular file; ERR_NOTFOUND if it is not there. */
int file_get(const char *path, struct buf *to, struct err *err);

/* rename(2) that refuses to replace; errno EEXIST or ENOTEMPTY then. */
int file_rename_new(const char *from, const char *to);

/*
 * Names below 'dir' that may be directories, without those that start with a
 * dot or end in FILE_TEMP_DIR_SUFFIX; none if there is no 'dir'.
 */
int file_list_dirs(const char *dir, struct strv *ret, struct err *err);

/*
 * Serialises those who make or restore experiments, among kmlflow processes.
 * file_unlock() takes what file_lock() gave.
 */
struct file_lock {
	int fd;
	char *path; /* NULL unless the lock is the existence of a file */
};

int file_lock(const struct file_store *fs, struct file_lock *ret,
              struct err *err);
void file_unlock(struct file_lock *lock);
#define cleanup_file_lock __attribute__((cleanup(file_unlock)))
#define FILE_LOCK_INIT                                                         \
	{                                                                      \
		.fd = -1                                                       \
	}
