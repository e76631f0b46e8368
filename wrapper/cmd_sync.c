/* SPDX-License-Identifier: MIT */
/* cmd_sync.c - kmlflow sync: publishes what an interrupted exec left */
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/map.h"
#include "cli.h"
#include "commands.h"
#include "spool_pick.h"
#include "spool_send.h"
#include "stage/spool_info.h"

/* While watching: how often to look, and how late to try again. */
enum { LOOK_S = 2, AGAIN_MAX_S = 300 };

struct totals {
	int seen;
	int sent;
	int waiting; /* their command still runs */
	int failed;
};

static void
count(enum spool_fate fate, struct totals *totals)
{
	totals->seen++;
	totals->sent += fate == SPOOL_SENT;
	totals->waiting += fate == SPOOL_BUSY;
	totals->failed += fate == SPOOL_FAILED;
}

static int
say_totals(const struct options *o, const struct totals *t)
{
	if (o->words[0] && !t->seen) {
		log_error("no spool of that run here");
		return 1;
	}
	if (o->json)
		printf("{\"sent\":%d,\"waiting\":%d,\"failed\":%d}\n", t->sent,
		       t->waiting, t->failed);
	else if (!t->seen)
		log_info("nothing to do");
	else
		log_info("%d sent, %d still running, %d failed", t->sent,
		         t->waiting, t->failed);
	return t->failed ? 1 : 0;
}

static int
send_all(const struct options *o)
{
	cleanup_strv struct strv spools = STRV_INIT;
	struct totals totals = {.seen = 0};

	spool_pick(o, &spools);
	for (size_t i = 0; i < spools.n; i++)
		count(spool_send(spools.v[i], false), &totals);
	return say_totals(o, &totals);
}

/* --- watching ----------------------------------------------------------- */

/* A spool that failed, and when it is tried again. */
struct again {
	int64_t at_ns;
	int wait_s;
};

static void
send_due(const char *dir, struct map *failed)
{
	struct again *again = map_get(failed, dir);
	void **at;

	if (again && again->wait_s && clock_mono_ns() < again->at_ns)
		return;
	if (spool_send(dir, true) != SPOOL_FAILED) {
		if (again)
			again->wait_s = 0;
		return;
	}
	if (!again) {
		at = map_at(failed, dir);
		again = *at = mem_alloc(sizeof(*again));
	}
	again->wait_s = again->wait_s ? again->wait_s * 2 : LOOK_S;
	if (again->wait_s > AGAIN_MAX_S)
		again->wait_s = AGAIN_MAX_S;
	again->at_ns = clock_mono_ns() + again->wait_s * INT64_C(1000000000);
	log_info("again in %d s", again->wait_s);
}

/* Until a signal ends it, which loses nothing wherever it comes. */
static _Noreturn void
watch(const struct options *o)
{
	struct map failed = MAP_INIT;

	log_info("watching for spools");
	for (;;) {
		cleanup_strv struct strv spools = STRV_INIT;

		spool_pick(o, &spools);
		for (size_t i = 0; i < spools.n; i++)
			send_due(spools.v[i], &failed);
		sleep(LOOK_S);
	}
}

/* --- telling ------------------------------------------------------------ */

static bool
would_send(const struct spool_info *i)
{
	return i->state == SPOOL_WAITS || i->state == SPOOL_INTERRUPTED;
}

static int
tell(const struct options *o)
{
	cleanup_strv struct strv spools = STRV_INIT;
	cleanup_buf struct buf text = BUF_INIT;
	struct totals totals = {.seen = 0};

	spool_pick(o, &spools);
	for (size_t k = 0; k < spools.n; k++) {
		cleanup_spool_info struct spool_info i = {.dir = NULL};

		spool_info_read(spools.v[k], &i);
		spool_info_line(&i, clock_now_ms(), &text);
		totals.seen++;
		totals.sent += would_send(&i);
		totals.waiting += i.state == SPOOL_RUNS;
		totals.failed += i.state == SPOOL_BROKEN;
	}
	if (!o->json)
		fwrite(text.s, 1, text.len, stdout);
	return say_totals(o, &totals);
}

static int
run_sync(const struct options *o)
{
	if (o->dry_run)
		return tell(o);
	if (o->watch)
		watch(o);
	return send_all(o);
}

const struct command command_sync = {
    .name = "sync",
    .bit = VERB_SYNC,
    .arguments = "[OPTIONS] [RUN…]",
    .summary = "Publishes what is still in spools, or those of RUN…",
    .run = run_sync,
};
