/* SPDX-License-Identifier: MIT */
/* attempt.c - a run that the next start of the same job continues */
#include "stage/attempt.h"

#include <inttypes.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/record.h"
#include "stage/origin.h"
#include "store/tracking.h"

#define TAG_KEY "kmlflow.key"
#define TAG_NUMBER "kmlflow.attempt"
#define TAG_START "kmlflow.attempt.start"
#define TAG_INVOCATION "kmlflow.invocation_id"

static int64_t
number_of(const struct kvs *tags, const char *key, int64_t fallback)
{
	const char *text = kvs_get(tags, key);

	return text ? strtoll(text, NULL, 10) : fallback;
}

int
attempt_find(struct tracking *t, const char *experiment_id, const char *key,
             struct attempt *ret, struct err *err)
{
	struct attempt a = {.number = 0};
	cleanup_kvs struct kvs tags = KVS_INIT;

	if (tracking_find_by_tag(t, experiment_id, TAG_KEY, key, &a.run, err)) {
		if (err->kind != ERR_NOTFOUND)
			return -1;
		*err = (struct err)ERR_INIT;
		return 0;
	}
	if (a.run.deleted || tracking_read(t, a.run.id, NULL, &tags, err)) {
		bool deleted = a.run.deleted;

		attempt_free(&a);
		return deleted ? 0 : -1;
	}
	a.number = (int)number_of(&tags, TAG_NUMBER, 1);
	a.start_time = number_of(&tags, TAG_START, a.run.start_time);
	a.invocation = mem_dup(kvs_get(&tags, TAG_INVOCATION));
	a.process = mem_dup(kvs_get(&tags, ORIGIN_TAG));
	*ret = a;
	return 1;
}

void
attempt_free(struct attempt *a)
{
	run_free(&a->run);
	free(a->invocation);
	free(a->process);
	*a = (struct attempt){.number = 0};
}

void
attempt_number(struct record *r, int number)
{
	kvs_set(&r->tags, TAG_KEY, r->key);
	kvs_setf(&r->tags, TAG_NUMBER, "%d", number);
	kvs_setf(&r->tags, TAG_START, "%" PRId64, r->start_time);
}

int
attempt_forget(struct tracking *t, const char *run_id, struct err *err)
{
	static const char *const keys[] = {
	    "kmlflow.exit_code", "kmlflow.signal",    "kmlflow.outcome",
	    "kmlflow.oom_kills", "kmlflow.survivors", "kmlflow.capture",
	    "kmlflow.rank",      "kmlflow.ranks",
	};
	cleanup_kvs struct kvs tags = KVS_INIT;

	if (tracking_read(t, run_id, NULL, &tags, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (kvs_get(&tags, keys[i]) &&
		    tracking_delete_tag(t, run_id, keys[i], err))
			return -1;
	return 0;
}

int
attempt_continue(struct tracking *t, struct record *r, struct err *err)
{
	cleanup_attempt struct attempt last = {.number = 0};
	int got = attempt_find(t, r->experiment_id, r->key, &last, err);
	bool ours;

	if (got <= 0)
		return got;
	ours = last.invocation && !strcmp(last.invocation, r->invocation_id);
	r->run_id = mem_steal(&last.run.id);
	if (!ours && last.start_time > r->start_time)
		kvs_free(&r->tags);
	else
		attempt_number(r, last.number + !ours);
	return 0;
}

int
attempt_is_over(struct tracking *t, const struct record *r, bool *ended,
                struct err *err)
{
	cleanup_kvs struct kvs tags = KVS_INIT;
	cleanup_run struct run run = {.id = NULL};
	const char *now;

	if (tracking_get_run(t, r->run_id, &run, err) ||
	    tracking_read(t, r->run_id, NULL, &tags, err))
		return -1;
	*ended = run.status != RUN_RUNNING;
	now = kvs_get(&tags, TAG_INVOCATION);
	/* An empty one is what the loss of power left of ours. */
	return now && *now && strcmp(now, r->invocation_id) != 0;
}
