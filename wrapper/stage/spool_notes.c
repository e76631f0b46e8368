/* SPDX-License-Identifier: MIT */
/* spool_notes.c - what of a spool is done, noted in it */
#include "stage/spool_notes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/strv.h"
#include "stage/process.h"
#include "stage/spool.h"

#define BOOT "boot:"
#define SYNCED "synced"

enum { DONE_MAX = 256 << 20 };

int
spool_mark_done(struct spool *s, const char *item, struct err *err)
{
	cleanup_free char *line = mem_printf("%s\n", item);

	return spool_mark_lines(s, line, err);
}

/* Half a line, which must not become another one. */
static bool
is_torn(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char last = '\n';

	return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

/* Each process that makes notes says on which boot it does. */
static int
begin_notes(struct spool *s, struct buf *to, struct err *err)
{
	cleanup_free char *path = spool_path(s, "done");
	cleanup_buf struct buf boot = BUF_INIT;

	s->done_fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (s->done_fd < 0)
		return err_sys(err, "open '%s'", path);
	process_boot(&boot);
	buf_addf(to, "%s" BOOT "%s\n", is_torn(s->done_fd) ? "?\n" : "",
	         boot.s);
	return 0;
}

int
spool_mark_lines(struct spool *s, const char *lines, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (s->done_fd < 0 && begin_notes(s, &text, err))
		return -1;
	buf_adds(&text, lines);
	return fs_write_fd(s->done_fd, text.s, text.len, err);
}

int
spool_mark_synced(struct spool *s, struct err *err)
{
	return spool_mark_done(s, SYNCED, err);
}

/* Where metrics go on holds whatever became of them. */
static bool
is_lasting(const char *item)
{
	return !strncmp(item, "steps:", 6);
}

/*
 * Of the notes from 'sure' on, which another boot made, those that are worth
 * something in this one.  Whether others were dropped.
 */
static bool
drop_lapsed(struct strv *items, size_t sure)
{
	size_t kept = sure;
	bool dropped;

	for (size_t i = sure; i < items->n; i++) {
		if (is_lasting(items->v[i]))
			items->v[kept++] = items->v[i];
		else
			free(items->v[i]);
	}
	dropped = kept < items->n;
	items->n = kept;
	return dropped;
}

int
spool_done(const struct spool *s, struct strv *ret, struct err *err)
{
	cleanup_free char *path = spool_path(s, "done");
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_buf struct buf now = BUF_INIT;
	const char *boot = NULL; /* on which the latest notes were made */
	size_t sure = ret->n;    /* what comes before was synchronised */
	bool lapsed = false;
	char *end;

	if (fs_read(path, DONE_MAX, &text, err))
		return err->sys == ENOENT ? 0 : -1;
	for (char *line = text.s; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (!strncmp(line, BOOT, strlen(BOOT))) {
			if (boot && strcmp(line, boot) != 0)
				lapsed |= drop_lapsed(ret, sure);
			boot = line;
		} else if (!strcmp(line, SYNCED)) {
			sure = ret->n;
		} else {
			strv_add(ret, line);
		}
	}
	buf_adds(&now, BOOT);
	process_boot(&now);
	if (boot && strcmp(now.s, boot) != 0)
		lapsed |= drop_lapsed(ret, sure);
	if (lapsed)
		strv_add(ret, SPOOL_LAPSED);
	return 0;
}
