/* SPDX-License-Identifier: MIT */
/* earlier.c - what earlier attempts of the same job have left */
#include "earlier.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "session.h"
#include "spool_send.h"
#include "stage/attempt.h"
#include "stage/hurry.h"
#include "stage/origin.h"
#include "stage/spool.h"
#include "stage/spool_list.h"

int
earlier_take(struct plan *p, struct err *err)
{
	struct record *r = &p->record;
	cleanup_attempt struct attempt last = {.number = 0};
	int got;

	p->attempt = 1;
	if (!r->experiment_id)
		return 0;
	got = attempt_find(p->tracking, r->experiment_id, r->key, &last, err);
	if (got <= 0)
		return got;
	if (last.run.status == RUN_RUNNING && last.process &&
	    origin_state(last.process) == ORIGIN_ALIVE)
		return err_set(err, ERR_CONFIG,
		               "the run %s of the key '%s' still runs here: "
		               "each job needs a key of its own",
		               last.run.id, r->key);
	p->attempt = last.number + 1;
	p->resumed = true;
	r->run_id = mem_steal(&last.run.id);
	r->run_name = mem_steal(&last.run.name);
	r->artifact_uri = mem_steal(&last.run.artifact_uri);
	return 0;
}

static bool
has_key(const char *dir, const struct record *ours)
{
	cleanup_free char *path = fs_join(dir, "run.json");
	cleanup_record struct record r = {.run_id = NULL};
	struct err ignored = ERR_INIT;

	return !record_load(path, &r, &ignored) && r.key &&
	       !strcmp(r.key, ours->key) &&
	       strcmp(r.invocation_id, ours->invocation_id) != 0;
}

void
earlier_send(const struct plan *p, const struct spool *s)
{
	const struct record *r = &p->record;
	cleanup_free char *place = fs_dirname(s->dir);
	cleanup_strv struct strv spools = STRV_INIT;

	if (!r->key || r->pending)
		return;
	spool_list(place, &spools);
	for (size_t i = 0; i < spools.n && hurry_now() == HURRY_NONE; i++)
		if (has_key(spools.v[i], r))
			spool_send(spools.v[i], true);
}
