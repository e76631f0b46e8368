/* SPDX-License-Identifier: MIT */
/* upload.c - one captured file into an artifact store */
#include "stage/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/manifest.h"
#include "stage/snapshot.h"
#include "store/artifact.h"

enum { TRIES = 3 };

/* O_NONBLOCK: what was a file may have become a FIFO since. */
static int
open_source(const char *path, struct stat *st, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "open");
	if (fstat(fd, st) || !S_ISREG(st->st_mode)) {
		fd_close_ptr(&fd);
		return err_set(err, ERR_FORMAT, "not a regular file any more");
	}
	return fd;
}

/* One try at what was like 'st', which becomes what it is like then. */
static int
try_upload(struct artifact *store, const char *key, int fd, struct stat *st,
           struct upload_result *ret, struct err *err)
{
	struct stamp before;
	struct stamp after;
	int same;

	stamp_of(st, &before);
	ret->size = st->st_size;
	same = artifact_same(store, key, fd, st->st_size, err);
	if (same < 0)
		return -1;
	ret->same = same > 0;
	if (!same && artifact_put(store, key, fd, st->st_size, err))
		return -1;
	if (fstat(fd, st))
		return err_sys(err, "fstat");
	stamp_of(st, &after);
	/* A name that comes or goes changes the ctime, not the content. */
	ret->unstable =
	    before.size != after.size || before.mtime_ns != after.mtime_ns;
	return 0;
}

int
upload_file(struct artifact *store, const struct manifest_entry *e,
            struct upload_result *ret, struct err *err)
{
	const char *path = e->source ? e->source : e->path;
	struct upload_result result = {.size = 0};
	cleanup_fd int fd = -1;
	struct stat st;

	fd = open_source(path, &st, err);
	if (fd < 0 && err->kind == ERR_SYS && err->sys == ENOENT) {
		*ret = (struct upload_result){.vanished = true};
		return 0;
	}
	if (fd < 0)
		return -1;
	for (int i = 0; i < TRIES; i++) {
		if (try_upload(store, e->key, fd, &st, &result, err))
			return -1;
		if (!result.unstable)
			break;
	}
	*ret = result;
	return 0;
}
