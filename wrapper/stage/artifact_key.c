/* SPDX-License-Identifier: MIT */
/* artifact_key.c - where a captured file goes within its run */
#include "stage/artifact_key.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/declared.h"
#include "store/artifact.h"

/* Slashes and single dots of a configured directory do not count. */
static void
add_directory(struct buf *key, const char *dir)
{
	while (dir && *dir) {
		size_t len = strcspn(dir, "/");

		if (len && !(len == 1 && *dir == '.')) {
			buf_add(key, dir, len);
			buf_addc(key, '/');
		}
		dir += len;
		dir += *dir == '/';
	}
}

int
artifact_key(const struct declared *d, const char *relative, char **ret,
             struct err *err)
{
	cleanup_buf struct buf key = BUF_INIT;
	cleanup_free char *base = fs_basename(d->path);

	add_directory(&key, d->artifact_path);
	if (d->kind == DECLARED_GLOB) {
		buf_adds(&key, relative);
	} else if (d->kind == DECLARED_VERSIONED_DIR) {
		/* What is left out is the version. */
		buf_adds(&key, relative + strcspn(relative, "/") +
		                   (strchr(relative, '/') != NULL));
	} else {
		buf_adds(&key, base);
		if (relative && d->kind != DECLARED_VERSIONED)
			buf_addf(&key, "/%s", relative);
	}
	/* Said of one file now, it does not hold up all others later. */
	if (artifact_check_key(key.s, err))
		return -1;
	*ret = buf_detach(&key);
	return 0;
}
