/* SPDX-License-Identifier: MIT */
/* artifact_key.c - where a captured file goes within its run */
#include "stage/artifact_key.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/declared.h"

static int
check(const char *key, struct err *err)
{
	for (const char *p = key; *p;) {
		size_t len = strcspn(p, "/");

		if (!len || (len <= 2 && !strncmp(p, "..", len)))
			return err_set(err, ERR_FORMAT,
			               "no artifact can be named so");
		p += len;
		if (*p && !*++p)
			return err_set(err, ERR_FORMAT,
			               "no artifact can be named so");
	}
	for (const char *p = key; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(err, ERR_FORMAT,
			               "control character in its name");
	return 0;
}

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
	} else {
		buf_adds(&key, base);
		if (relative && d->kind != DECLARED_VERSIONED)
			buf_addf(&key, "/%s", relative);
	}
	if (check(key.s, err))
		return -1;
	*ret = buf_detach(&key);
	return 0;
}
