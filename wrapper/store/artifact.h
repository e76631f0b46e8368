/* SPDX-License-Identifier: MIT */
/* artifact.h - where the files of a run go, whatever the store */
#pragma once

#include <sys/types.h>

struct artifact; /* opaque; backends see artifact_impl.h */
struct err;

/*
 * 'uri' is a run's artifact URI; its scheme picks the backend: none or "file"
 * is a local directory.  artifact_close() frees *ret.
 */
int artifact_open(const char *uri, struct artifact **ret, struct err *err);
void artifact_close(struct artifact *a); /* NULL is a no-op */

/*
 * Stores all of 'fd' as 'key', replacing what was there; no reader ever sees
 * half of it.  'key' is relative, without empty, "." or ".." components
 * (ERR_FORMAT else).  Reads from the start of the file, leaves 'fd' open.
 * ERR_RETRY: worth trying again.
 */
int artifact_put(struct artifact *a, const char *key, int fd, off_t size,
                 struct err *err);

/*
 * 1: 'key' is there with the same bytes as 'fd' holds; 0: it is not, or the
 * store cannot tell cheaply; -1: failed.
 */
int artifact_same(struct artifact *a, const char *key, int fd, off_t size,
                  struct err *err);
