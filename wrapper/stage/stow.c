/* SPDX-License-Identifier: MIT */
/* stow.c - what is to be sent later, kept as it was when CMD ended */
#include "stage/stow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/strv.h"
#include "model/manifest.h"
#include "stage/spool.h"
#include "stage/spool_notes.h"
#include "store/copy_range.h"

#define DIR_NAME "stowed"

struct stowing {
	struct spool *spool;
	struct copier copier;
	struct map done;
	bool lapsed; /* kept copies that are not noted are none */
};

char *
stow_item(int number)
{
	return mem_printf("stowed:%d", number);
}

static char *
place_of(const struct spool *s, int number)
{
	cleanup_free char *name = mem_printf(DIR_NAME "/%d", number);

	return spool_path(s, name);
}

static int
copy_into(struct stowing *w, int from, const char *temp, struct err *err)
{
	cleanup_fd int to =
	    open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct stat st;

	if (to < 0)
		return err_sys(err, "create '%s'", temp);
	if (fstat(from, &st))
		return err_sys(err, "fstat");
	return copier_run(&w->copier, from, to, st.st_size, err);
}

/* Whole or not at all: what is cut short is copied again. */
static int
copy(struct stowing *w, const char *path, int number, struct err *err)
{
	cleanup_free char *item = stow_item(number);
	cleanup_free char *place = place_of(w->spool, number);
	cleanup_free char *temp = mem_printf("%s.part", place);
	/* O_NONBLOCK: what was a file may have become a FIFO since. */
	cleanup_fd int from =
	    open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (from < 0)
		return err_sys(err, "open");
	if (!copy_into(w, from, temp, err)) {
		if (!rename(temp, place))
			return spool_mark_done(w->spool, item, err);
		err_sys(err, "rename '%s'", temp);
	}
	unlink(temp);
	return -1;
}

static bool
is_to_stow(const struct stowing *w, const struct manifest_entry *e, int number)
{
	cleanup_free char *sent = mem_printf("artifact:%d", number);
	cleanup_free char *kept = stow_item(number);
	cleanup_free char *place = place_of(w->spool, number);

	/* What has a source of its own is in the spool already. */
	if (e->fate != FATE_ARTIFACT || e->source || map_get(&w->done, sent))
		return false;
	return fs_is_absent(place) || (w->lapsed && !map_get(&w->done, kept));
}

static int
stow_all(struct stowing *w, struct strv *problems, struct err *err)
{
	cleanup_free char *path = spool_path(w->spool, "manifest");
	cleanup_free char *dir = spool_path(w->spool, DIR_NAME);
	cleanup_manifest struct manifest_reader reader = {.file = NULL};

	if (manifest_open(path, &reader, err))
		return -1;
	if (mkdir(dir, 0700) && errno != EEXIST)
		return err_sys(err, "create directory '%s'", dir);
	for (;;) {
		cleanup_entry struct manifest_entry e = {.path = NULL};
		int more = manifest_next(&reader, &e, err);
		struct err failed = ERR_INIT;

		if (more <= 0)
			return more;
		if (is_to_stow(w, &e, reader.number) &&
		    copy(w, e.path, reader.number, &failed))
			strv_take(problems,
			          mem_printf("%s: not kept in the spool: %s; "
			                     "what it holds when it is sent is "
			                     "what is recorded",
			                     e.path, failed.msg));
	}
}

void
stow(struct spool *s, struct strv *problems)
{
	struct stowing w = {.spool = s, .done = MAP_INIT};
	cleanup_strv struct strv items = STRV_INIT;
	struct err err = ERR_INIT;

	if (!spool_done(s, &items, &err))
		for (size_t i = 0; i < items.n; i++)
			*map_at(&w.done, items.v[i]) = &w;
	w.lapsed = map_get(&w.done, SPOOL_LAPSED);
	if (stow_all(&w, problems, &err))
		strv_take(problems,
		          mem_printf("keep files in the spool: %s", err.msg));
	map_free(&w.done, NULL);
	copier_free(&w.copier);
}

bool
stow_any(const struct spool *s)
{
	cleanup_free char *dir = spool_path(s, DIR_NAME);

	return !fs_is_absent(dir);
}

void
stow_source(const struct spool *s, int number, struct manifest_entry *e)
{
	cleanup_free char *place = NULL;

	if (e->source)
		return;
	place = place_of(s, number);
	if (!fs_is_absent(place))
		e->source = mem_steal(&place);
}
