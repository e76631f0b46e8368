/* SPDX-License-Identifier: MIT */
/* half_sent.c - what has been begun in a store, for another process to end */
#include "store/half_sent.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "store/artifact_impl.h"
#include "wire/digest.h"

enum { NOTE_MAX = 16 << 10, DIR_MODE = 0700, FILE_MODE = 0600 };

/* A file for each; NULL: nothing is kept. */
static char *
path_of(const struct artifact *a, const char *place)
{
	cleanup_buf struct buf name = BUF_INIT;
	struct err ignored = ERR_INIT;

	if (!a->kept ||
	    digest_sha256_hex(place, strlen(place), &name, &ignored))
		return NULL;
	return mem_printf("%s/%s", a->kept, name.s);
}

void
half_sent_note(const struct artifact *a, const char *place, off_t size,
               const char *id)
{
	cleanup_free char *path = path_of(a, place);
	cleanup_free char *text =
	    mem_printf("%s\n%lld\n%s\n", place, (long long)size, id);
	struct err err = ERR_INIT;

	if (path &&
	    (fs_mkdirs(a->kept, DIR_MODE, &err) ||
	     fs_write_atomic(path, text, strlen(text), FILE_MODE, &err)))
		log_debug("%s", err.msg);
}

void
half_sent_forget(const struct artifact *a, const char *place)
{
	cleanup_free char *path = path_of(a, place);

	if (path)
		(void)unlink(path);
}

char *
half_sent_find(const struct artifact *a, const char *place, off_t size)
{
	cleanup_free char *path = path_of(a, place);
	cleanup_free char *begin =
	    mem_printf("%s\n%lld\n", place, (long long)size);
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	size_t len = strlen(begin);

	if (!path || fs_read(path, NOTE_MAX, &text, &ignored) ||
	    strncmp(text.s, begin, len) != 0 || text.s[text.len - 1] != '\n')
		return NULL;
	buf_cut(&text, text.len - 1);
	return mem_dup(text.s + len);
}
