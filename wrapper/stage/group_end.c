/* SPDX-License-Identifier: MIT */
/* group_end.c - how a launch of many ranks ends */
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "stage/group.h"
#include "stage/group_file.h"
#include "stage/outcome.h"
#include "stage/outcome_file.h"
#include "stage/process.h"
#include "stage/rank.h"
#include "stage/spool.h"
#include "wire/json.h"

/*
 * From the beginning on, for ranks to come; and how long one of another machine
 * may be silent, which should be heard each GROUP_BEAT_S.
 */
enum { COME_S = 10, SILENCE_MS = 120000 };

/* One rank, seen from rank 0. */
struct seat {
	bool over;
	int64_t beat_ns;  /* the time of its file when last looked at */
	int64_t heard_ms; /* when that last changed, by our clock */
};

static int64_t
now_ms(void)
{
	return clock_mono_ns() / 1000000;
}

/* 0: there is no group. */
static int
size_of(const char *dir, char **key)
{
	cleanup_free char *path = fs_join(dir, GROUP_FILE);
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;
	int64_t size;

	if (fs_is_absent(path) || json_read(path, GROUP_MAX, &o, &ignored))
		return 0;
	if (key)
		*key = mem_dup(json_str(o, "key"));
	size = json_int(o, "size", 0);
	return size > 0 && size < INT_MAX ? (int)size : 0;
}

/* Its kmlflow was killed, and the command went on. */
static bool
command_runs(const char *dir, int number)
{
	cleanup_free char *path = group_path(dir, number, ".child");
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;

	return !fs_read(path, 256, &text, &ignored) && process_alive(text.s);
}

static bool
is_silent(const char *seat, struct seat *s)
{
	struct stat st;
	int64_t beat;

	if (stat(seat, &st))
		return true;
	beat = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (beat != s->beat_ns) {
		s->beat_ns = beat;
		s->heard_ms = now_ms();
	}
	return now_ms() - s->heard_ms > SILENCE_MS;
}

/* Whether nothing more is to be expected of it. */
static bool
is_over(const char *dir, int number, bool may_come, struct seat *s)
{
	cleanup_free char *end = group_path(dir, number, ".end");
	cleanup_free char *seat = group_path(dir, number, "");
	cleanup_buf struct buf origin = BUF_INIT;
	struct err ignored = ERR_INIT;

	if (fs_exists(end))
		return true;
	if (fs_is_absent(seat))
		return !may_come;
	if (fs_read(seat, 512, &origin, &ignored) || !origin.len)
		return false; /* it is just being written */
	switch (group_origin_state(origin.s)) {
	case ORIGIN_ALIVE:
		return false;
	case ORIGIN_GONE:
		/* Its last words may have come between the two looks. */
		return fs_exists(end) || !command_runs(dir, number);
	case ORIGIN_UNKNOWN:
		break;
	}
	return is_silent(seat, s);
}

static int64_t
age_ms(const char *path)
{
	struct timespec now;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &now);
	if (stat(path, &st))
		return INT64_MAX;
	return (now.tv_sec - st.st_mtim.tv_sec) * 1000 +
	       (now.tv_nsec - st.st_mtim.tv_nsec) / 1000000;
}

void
group_wait(const struct spool *s, int (*stop)(void))
{
	int size = size_of(s->dir, NULL);
	cleanup_free char *file = spool_path(s, GROUP_FILE);
	int64_t come =
	    size ? now_ms() + rank_timeout_ms(COME_S) - age_ms(file) : 0;
	cleanup_free struct seat *seats =
	    size ? mem_alloc((size_t)size * sizeof(*seats)) : NULL;
	long pause_ms = 2;

	while (size) {
		struct timespec pause = {.tv_nsec = pause_ms * 1000000};
		int left = 0;

		for (int i = 1; i < size; i++) {
			if (!seats[i].over)
				seats[i].over =
				    is_over(s->dir, i, now_ms() < come,
				            &seats[i]);
			left += !seats[i].over;
		}
		if (!left || stop())
			return;
		nanosleep(&pause, NULL);
		if (pause_ms < 200)
			pause_ms += pause_ms / 2 + 1;
	}
}

/* --- the outcome of all --------------------------------------------------- */

static bool
is_bad(const struct outcome *o)
{
	return o->unknown || o->signal || o->exit_code;
}

/* Of two bad ends the one that is known, then the one that came first. */
static bool
is_cause(const struct outcome *o, const struct outcome *than)
{
	if (!is_bad(o) || !is_bad(than))
		return is_bad(o) && !is_bad(than);
	if (o->unknown != than->unknown)
		return than->unknown;
	return o->end_time < than->end_time;
}

/* 'cause' is what decides so far, with its own times. */
static void
merge(struct outcome *all, struct outcome *cause, const struct outcome *o)
{
	const struct outcome old = *all;

	if (is_cause(o, cause))
		*all = *cause = *o;
	all->ranks = old.ranks + 1;
	all->start_time =
	    o->start_time < old.start_time ? o->start_time : old.start_time;
	all->end_time = o->end_time > old.end_time ? o->end_time : old.end_time;
	all->wall_ns = o->wall_ns > old.wall_ns ? o->wall_ns : old.wall_ns;
	all->user_seconds = old.user_seconds + o->user_seconds;
	all->system_seconds = old.system_seconds + o->system_seconds;
	all->max_rss = o->max_rss > old.max_rss ? o->max_rss : old.max_rss;
	all->block_reads = old.block_reads + o->block_reads;
	all->block_writes = old.block_writes + o->block_writes;
	all->survivors = old.survivors + o->survivors;
	all->oom_kills =
	    o->oom_kills > old.oom_kills ? o->oom_kills : old.oom_kills;
}

static void
merge_ranks(const char *dir, int size, struct outcome *o)
{
	const struct outcome first = *o;
	struct outcome cause = first;
	struct outcome all = first;

	all.ranks = 1;
	for (int i = 1; i < size; i++) {
		cleanup_free char *end = group_path(dir, i, ".end");
		cleanup_free char *seat = group_path(dir, i, "");
		struct outcome one;
		struct err ignored = ERR_INIT;

		/* Who never came was not ours to watch. */
		if (fs_is_absent(seat))
			continue;
		if (outcome_load(end, &one, &ignored))
			one = (struct outcome){
			    .exit_code = -1,
			    .start_time = first.start_time,
			    .end_time = first.end_time,
			    .unknown = true,
			};
		one.rank = i;
		merge(&all, &cause, &one);
	}
	*o = all;
}

/* Unless another launch has taken the place meanwhile. */
static void
close_meeting(const struct spool *s, const char *key)
{
	cleanup_free char *place = fs_dirname(s->dir);
	cleanup_free char *id = fs_basename(s->dir);
	cleanup_free char *path = group_meeting(place, key);
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;
	const char *now;

	if (json_read(path, GROUP_MAX, &o, &ignored))
		return;
	now = json_str(o, "spool");
	if (now && !strcmp(now, id))
		unlink(path);
}

int
group_settle(const struct spool *s, struct outcome *o, struct err *err)
{
	cleanup_free char *path = spool_path(s, "ranks/outcome.json");
	cleanup_free char *key = NULL;
	int size = size_of(s->dir, &key);

	if (!size)
		return 0;
	if (key)
		close_meeting(s, key);
	if (!fs_is_absent(path))
		return outcome_load(path, o, err);
	merge_ranks(s->dir, size, o);
	return outcome_save(o, path, err);
}

bool
group_runs(const char *dir)
{
	int size = size_of(dir, NULL);

	for (int i = 1; i < size; i++)
		if (command_runs(dir, i))
			return true;
	return false;
}

void
group_images(const char *dir, struct strv *to)
{
	int size = size_of(dir, NULL);

	for (int i = 1; i < size; i++) {
		char *path = group_path(dir, i, ".image");

		if (fs_exists(path))
			strv_take(to, path);
		else
			free(path);
	}
}
