/* SPDX-License-Identifier: MIT */
/* artifact.h - where the files of a run go, whatever the store */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct artifact; /* opaque; backends see artifact_impl.h */
struct err;
struct strv;

/*
 * 'uri' is a run's artifact URI; its scheme picks the backend: none or "file"
 * is a local directory, "mlflow-artifacts" the server of 'tracking_uri' (may
 * be NULL), "http" and "https" another one, "s3", "r2" and "gs" a bucket,
 * "wasbs" and "abfss" a container of Azure's, "ftp" and "sftp" a directory of
 * a server, "hdfs" and "viewfs" one of a Hadoop file system, "dbfs" one of a
 * workspace of Databricks.  artifact_close() frees *ret.
 */
int artifact_open(const char *uri, const char *tracking_uri,
                  struct artifact **ret, struct err *err);
void artifact_close(struct artifact *a); /* NULL is a no-op */

/*
 * From here on what a store has half of is noted below 'dir', which is made
 * when it is needed: another process that says the same goes on from there.
 */
void artifact_keep(struct artifact *a, const char *dir);

/*
 * Whether 'key' can be an artifact's path: relative, UTF-8, without control
 * characters and without empty, "." or ".." components; ERR_FORMAT else.
 */
int artifact_check_key(const char *key, struct err *err);

/*
 * Stores the first 'size' bytes of 'fd' as 'key', replacing what was there; no
 * reader ever sees half of it.  'size' is what fstat(2) told, so a file that
 * still grows is stored as it was then, one that shrank as it is; with 0 all
 * that can be read is stored.  ERR_FORMAT: see artifact_check_key().  Leaves
 * 'fd' open, does not use its offset, which may move.  ERR_CONFLICT: what is
 * there is a directory, or something in the way is not one.  ERR_RETRY: worth
 * trying again.
 */
int artifact_put(struct artifact *a, const char *key, int fd, off_t size,
                 struct err *err);

/*
 * 1: 'key' is there with the same bytes as 'fd' holds; 0: it is not, or the
 * store cannot tell cheaply, or it was put by 'a' itself; -1: failed.
 */
int artifact_same(struct artifact *a, const char *key, int fd, off_t size,
                  struct err *err);

/* Adds what the user should know of what was stored, a line each, once. */
void artifact_notes(struct artifact *a, struct strv *to);

/*
 * Whether a server on another machine has named a directory of its own, which
 * is one of this machine for us: what is stored is not where it looks for it.
 */
bool artifact_is_stray(const char *uri, const char *tracking_uri);
