/* SPDX-License-Identifier: MIT */
/* publish.c - sends a spool to the stores */
#include "stage/publish.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/strv.h"
#include "model/record.h"
#include "stage/attempt.h"
#include "stage/hurry.h"
#include "stage/metric_points.h"
#include "stage/outcome.h"
#include "stage/publish_client.h"
#include "stage/publish_files.h"
#include "stage/publish_run.h"
#include "stage/spool.h"
#include "stage/spool_notes.h"
#include "stage/usage.h"
#include "store/tracking.h"

struct publishing {
	struct spool *spool;
	struct record *record;
	const struct publish_end *end;
	struct tracking *tracking;
	struct map done; /* what the spool notes as done */
	struct publish_tally *tally;
	struct strv *problems;
	char *below; /* where in the run files go; NULL: at the top */
	bool left;   /* something is not done */
	bool ended;  /* the run has its status */
};

static void
problem(struct publishing *p, const struct err *err, const char *what)
{
	strv_take(p->problems, mem_printf("%s: %s", what, err->msg));
	p->left = true;
}

/* Notes 'item'; what could not be noted is only done again. */
static void
mark(struct publishing *p, const char *item)
{
	struct err err = ERR_INIT;

	if (spool_mark_done(p->spool, item, &err))
		problem(p, &err, "note what is done");
}

static int
publish_artifacts(struct publishing *p)
{
	struct publish_files_request request = {
	    .spool = p->spool,
	    .record = p->record,
	    .tracking = p->tracking,
	    .done = &p->done,
	    .below = p->below,
	};

	if (publish_files(&request, p->tally, p->problems))
		p->left = true;
	return 0;
}

/*
 * Once another attempt has gone on with the run, its status and the tags of
 * the end are that one's; when that has ended as well, its files are not to be
 * replaced by older ones.
 */
static int
look_for_newer(struct publishing *p)
{
	const struct record *r = p->record;
	bool ended = false;
	struct err err = ERR_INIT;
	int over;

	if (r->joined || (!p->end->late && !r->key))
		return 0;
	over = attempt_is_over(p->tracking, r, &ended, &err);
	if (over < 0) {
		problem(p, &err, "run");
		return -1;
	}
	p->tally->over = over;
	if (over && ended)
		p->below = mem_printf("earlier-%.8s", r->invocation_id);
	return 0;
}

/* 0: all that a client logged is sent. */
static int
publish_client_store(struct publishing *p)
{
	struct publish_client_request request = {
	    .spool = p->spool,
	    .record = p->record,
	    .tracking = p->tracking,
	    .done = &p->done,
	    .below = p->below,
	};

	if (!publish_client(&request, p->tally, p->problems))
		return 0;
	p->left = true;
	return -1;
}

/* "steps:RUN:N,N,…", which is noted before what rests on it is sent. */
static bool
known_steps(const struct publishing *p, const char *item, struct metrics *last)
{
	size_t len = strlen(item);

	for (size_t i = 0; i < p->done.n; i++) {
		const char *at = p->done.v[i].key;

		if (strncmp(at, item, len) != 0)
			continue;
		at += len;
		for (size_t k = 0; k < last->n; k++) {
			last->v[k].step = strtoll(at, NULL, 10);
			at += strcspn(at, ",");
			at += *at == ',';
		}
		return true;
	}
	return false;
}

/*
 * The steps where metrics go on, as they were at the first attempt: a second
 * one must not go on after the first.
 */
static int
find_steps(struct publishing *p, const char *run_id, struct metrics *last,
           struct err *err)
{
	cleanup_buf struct buf item = BUF_INIT;

	buf_addf(&item, "steps:%s:", run_id);
	if (!last->n || known_steps(p, item.s, last))
		return 0;
	if (tracking_last_steps(p->tracking, run_id, last, err))
		return -1;
	for (size_t i = 0; i < last->n; i++)
		buf_addf(&item, "%s%" PRId64, i ? "," : "", last->v[i].step);
	return spool_mark_done(p->spool, item.s, err);
}

/* What the files say that are for 'run_id', or for ours (NULL). */
static int
read_metrics(struct publishing *p, const char *run_id, struct metrics *to,
             struct err *err)
{
	const struct metric_points points = {
	    .spool = p->spool,
	    .record = p->record,
	    .run_id = run_id,
	    .when = p->end->outcome->end_time,
	};
	struct metrics last = METRICS_INIT;
	int failed;

	failed = metric_points_open(&points, &last, err) ||
	         find_steps(p, run_id ? run_id : p->record->run_id, &last, err);
	if (!failed)
		failed =
		    metric_points_read(&points, &last, to, p->problems, err);
	metrics_free(&last);
	return failed ? -1 : 0;
}

/*
 * What the run was made with and has no more: the machine went down before
 * the store had it on the disk.  Tags that a client inside CMD has changed
 * stay as they are.  Nobody but a later process can have missed that.
 */
static int
add_lost_tags(struct publishing *p, struct kvs *to, struct err *err)
{
	const struct kvs *ours = &p->record->tags;
	cleanup_kvs struct kvs there = KVS_INIT;

	if (!p->end->late || p->tally->over || p->record->joined)
		return 0;
	if (tracking_read(p->tracking, p->record->run_id, NULL, &there, err))
		return -1;
	for (size_t i = 0; i < ours->n; i++) {
		const char *value = kvs_get(&there, ours->v[i].key);

		if (!value || !*value)
			kvs_set(to, ours->v[i].key, ours->v[i].value);
	}
	return 0;
}

/* A status that comes before something left over is set again after it. */
static void
mark_ended(struct publishing *p, const struct run_end *end, bool whole)
{
	if (whole)
		mark(p, "data");
	p->ended = end;
	if (end && !p->left)
		mark(p, "status");
}

/* Whether the status is ours to set, and not set yet. */
static bool
ends(const struct publishing *p)
{
	return !p->record->joined && !p->tally->over &&
	       !map_get(&p->done, "status");
}

/*
 * Params that a client inside CMD wrote stay as they are; ours beside them.
 * An entry that the store refuses is told and does not hold up the rest.  With
 * them, last of all, the status: one that says the end is the end.
 */
static int
publish_data(struct publishing *p)
{
	struct metrics metrics = METRICS_INIT;
	const struct outcome *o = p->end->outcome;
	const struct run_end end = {outcome_status(o), o->end_time};
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct run_data data = {
	    .params = &p->record->params,
	    .metrics = &metrics,
	    .tags = p->tally->over ? NULL : &tags,
	    .end = ends(p) ? &end : NULL,
	};
	struct err err = ERR_INIT;
	struct err unread = ERR_INIT;
	bool whole;
	int failed;

	if (map_get(&p->done, "data"))
		return 0;
	if (!o->unknown)
		usage_metrics(o, &metrics);
	if (add_lost_tags(p, &tags, &unread))
		problem(p, &unread, "tags");
	for (size_t i = 0; i < p->end->tags->n; i++)
		kvs_set(&tags, p->end->tags->v[i].key,
		        p->end->tags->v[i].value);
	/* Metrics that cannot be read now do not hold up the rest. */
	whole = !read_metrics(p, NULL, &metrics, &unread);
	if (!whole)
		problem(p, &unread, "metrics");
	failed = tracking_log(p->tracking, p->record->run_id, &data,
	                      &p->tally->conflicts, &err);
	if (failed && err.kind != ERR_FORMAT) {
		problem(p, &err, "params, metrics and tags");
	} else {
		if (failed)
			strv_take(p->problems, mem_dup(err.msg));
		mark_ended(p, data.end, whole);
	}
	metrics_free(&metrics);
	return 0;
}

/* Metrics that the catalog sends to other runs. */
static int
publish_metrics(struct publishing *p)
{
	cleanup_strv struct strv runs = STRV_INIT;
	struct err unread = ERR_INIT;

	if (metric_points_runs(p->spool, &runs, &unread))
		problem(p, &unread, "metrics");
	for (size_t i = 0; i < runs.n; i++) {
		cleanup_free char *item = mem_printf("metrics:%s", runs.v[i]);
		struct metrics metrics = METRICS_INIT;
		struct run_data data = {.metrics = &metrics};
		struct err err = ERR_INIT;

		if (map_get(&p->done, item))
			continue;
		if (!read_metrics(p, runs.v[i], &metrics, &err) &&
		    (!metrics.n ||
		     !tracking_log(p->tracking, runs.v[i], &data, NULL, &err)))
			mark(p, item);
		else if (err.kind == ERR_FORMAT || err.kind == ERR_NOTFOUND)
			strv_take(p->problems, mem_dup(err.msg));
		else
			problem(p, &err, "metrics");
		metrics_free(&metrics);
	}
	return 0;
}

/* What stopped the data does not leave a run that ended RUNNING. */
static int
publish_status(struct publishing *p)
{
	const struct outcome *o = p->end->outcome;
	struct err err = ERR_INIT;

	if (p->ended || !ends(p))
		return 0;
	if (tracking_set_status(p->tracking, p->record->run_id,
	                        outcome_status(o), o->end_time, &err)) {
		problem(p, &err, "status");
		return 0;
	}
	if (!p->left)
		mark(p, "status");
	return 0;
}

static void
read_done(struct publishing *p)
{
	cleanup_strv struct strv items = STRV_INIT;
	struct err err = ERR_INIT;

	if (spool_done(p->spool, &items, &err))
		problem(p, &err, "read what is done");
	for (size_t i = 0; i < items.n; i++)
		*map_at(&p->done, items.v[i]) = p;
}

/* A server that is still gone after a hurried start is no news. */
static int
publish_pending(struct publishing *p)
{
	struct err err = ERR_INIT;
	char *note;

	if (!p->record->pending)
		return 0;
	if (p->end->hurried)
		tracking_set_patience(p->tracking, publish_patience());
	if (publish_run(p->tracking, p->spool, p->record, &err)) {
		p->left = true;
		if (!p->end->hurried || err.kind != ERR_RETRY)
			problem(p, &err, "run");
		return -1;
	}
	tracking_set_patience(p->tracking, 0);
	note = publish_stray_note(p->record);
	if (note)
		strv_take(p->problems, note);
	return 0;
}

/*
 * One after the other, unless one says that the rest must wait for it.  A
 * client's params come first, as they would have with a store.
 */
static int (*const steps[])(struct publishing *) = {
    publish_pending, look_for_newer, publish_client_store, publish_artifacts,
    publish_metrics, publish_data,   publish_status,
};

int
publish(struct spool *s, struct record *r, const struct publish_end *end,
        struct publish_tally *tally, struct strv *problems)
{
	struct publishing p = {
	    .spool = s,
	    .record = r,
	    .end = end,
	    .done = MAP_INIT,
	    .tally = tally,
	    .problems = problems,
	};
	struct err err = ERR_INIT;

	*tally = (struct publish_tally){.uploaded = 0};
	if (tracking_open(r->tracking_uri, &p.tracking, &err)) {
		problem(&p, &err, "tracking store");
		return -1;
	}
	read_done(&p);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		/* Once somebody wants us to end, nothing more is begun. */
		if (hurry_now() != HURRY_NONE) {
			p.left = true;
			break;
		}
		if (steps[i](&p))
			break;
	}
	tracking_close(p.tracking);
	map_free(&p.done, NULL);
	free(p.below);
	return p.left ? -1 : 0;
}
