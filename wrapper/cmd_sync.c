/* SPDX-License-Identifier: MIT */
/* cmd_sync.c - kmlflow sync: publishes what an interrupted exec left */
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "commands.h"
#include "model/record.h"
#include "model/run.h"
#include "secrets.h"
#include "stage/finish.h"
#include "stage/outcome.h"
#include "stage/spool.h"
#include "store/tracking.h"

struct totals {
	int sent;
	int waiting; /* their command still runs */
	int failed;
};

/* exec was killed between its first and its last look: nothing had begun. */
static bool
never_started(const struct spool *s)
{
	cleanup_free char *before = spool_path(s, "before");

	return !fs_exists(before);
}

static int
send_spool(struct spool *s, struct err *err)
{
	cleanup_free char *path = spool_path(s, "run.json");
	cleanup_record struct record r = {.run_id = NULL};
	struct finish_request request = {.report = NULL};
	struct finish_result result;
	struct secrets secrets;
	struct outcome outcome;
	bool published;

	if (record_load(path, &r, err))
		return -1;
	if (!r.run_id && never_started(s))
		return spool_remove(s, err);
	if (spool_load_outcome(s, &outcome, err))
		outcome = (struct outcome){
		    .exit_code = -1,
		    .start_time = r.start_time,
		    .end_time = clock_now_ms(),
		    .unknown = true,
		};
	request.outcome = &outcome;
	secrets_recall(&r, &secrets);
	finish(s, &r, &request, &result);
	secrets_forget(&secrets);
	for (size_t i = 0; i < result.problems.n; i++)
		log_warn("%s", result.problems.v[i]);
	published = result.published;
	if (published)
		log_info("run %s (%s) %s: %d artifacts sent", r.run_name,
		         r.run_id, run_status_name(outcome_status(&outcome)),
		         result.tally.uploaded);
	finish_free(&result);
	return published
	           ? 0
	           : err_set(err, ERR_RETRY, "'%s' is not fully sent", s->dir);
}

static void
sync_one(const char *dir, struct totals *totals)
{
	struct spool s = SPOOL_INIT;
	struct err err = ERR_INIT;

	if (!spool_open(dir, &s, &err) && !send_spool(&s, &err)) {
		totals->sent++;
	} else if (err.kind == ERR_NOTFOUND && s.lock < 0) {
		if (spool_is_stillborn(dir) && fs_remove_tree(dir, &err))
			log_warn("%s", err.msg);
	} else if (err.kind == ERR_RETRY && s.lock < 0) {
		log_info("%s; left alone", err.msg);
		totals->waiting++;
	} else {
		log_error("%s", err.msg);
		totals->failed++;
	}
	spool_close(&s);
}

/* Whether a spool is one of those that the command line names. */
static bool
is_named(const struct options *o, const char *dir)
{
	cleanup_free char *name = fs_basename(dir);

	if (!o->words[0])
		return true;
	for (char *const *w = o->words; *w; w++)
		if (!strncmp(name, *w, strlen(*w)) || !strcmp(dir, *w))
			return true;
	return false;
}

static int
run_sync(const struct options *o)
{
	cleanup_free char *root = command_root(o);
	cleanup_strv struct strv places = STRV_INIT;
	cleanup_strv struct strv spools = STRV_INIT;
	struct totals totals = {.sent = 0};
	int named = 0;

	spool_places(root, &places);
	for (size_t i = 0; i < places.n; i++)
		spool_list(places.v[i], &spools);
	for (size_t i = 0; i < spools.n; i++) {
		if (!is_named(o, spools.v[i]))
			continue;
		named++;
		sync_one(spools.v[i], &totals);
	}
	if (o->words[0] && !named) {
		log_error("no spool of that run here");
		return 1;
	}
	if (o->json)
		printf("{\"sent\":%d,\"waiting\":%d,\"failed\":%d}\n",
		       totals.sent, totals.waiting, totals.failed);
	else if (!named)
		log_info("nothing to do");
	else
		log_info("%d sent, %d still running, %d failed", totals.sent,
		         totals.waiting, totals.failed);
	return totals.failed ? 1 : 0;
}

const struct command command_sync = {
    .name = "sync",
    .bit = VERB_SYNC,
    .arguments = "[OPTIONS] [RUN…]",
    .summary = "Publishes what is still in spools, or those of RUN…",
    .run = run_sync,
};
