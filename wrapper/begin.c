/* SPDX-License-Identifier: MIT */
/* begin.c - from the plan to the moment before CMD starts */
#include "begin.h"

#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "model/run.h"
#include "model/run_name.h"
#include "session.h"
#include "stage/attempt.h"
#include "stage/capture.h"
#include "stage/describe.h"
#include "stage/publish_run.h"
#include "stage/snapshot.h"
#include "store/tracking.h"

/* Most commands give git this head start before they can touch a file. */
enum { GIT_WAIT_MS = 25 };

static int
save_record(const struct beginning *b, const struct record *r, struct err *err)
{
	cleanup_free char *path = spool_path(&b->spool, "run.json");

	return record_save(r, path, err);
}

/* The experiment of a new run, made where it is missing. */
static int
make_experiment(struct plan *p, struct err *err)
{
	const struct tracking_settings *t = &p->settings.tracking;
	struct experiment_spec spec = {
	    .id = t->experiment_id,
	    .name = t->experiment_name,
	    .create = t->experiment_create,
	    .restore_if_deleted = t->restore_if_deleted,
	    .artifact_location = t->artifact_location,
	    .tags = &t->experiment_tags,
	};

	mem_replace(&p->record.experiment_id, NULL);
	mem_replace(&p->record.experiment_name, NULL);
	return tracking_experiment(p->tracking, &spec, false,
	                           &p->record.experiment_id,
	                           &p->record.experiment_name, err);
}

static int
create_run(struct plan *p, struct err *err)
{
	struct record *r = &p->record;
	struct run_spec spec = {
	    .invocation_id = r->invocation_id,
	    .experiment_id = r->experiment_id,
	    .name = r->run_name,
	    .user = r->user,
	    .start_time = r->start_time,
	    .tags = &r->tags,
	    .fresh = true,
	};
	cleanup_run struct run run = {.id = NULL};
	char *note;

	/* A failure may come after the run is made: again gives that run. */
	if (tracking_create_run(p->tracking, &spec, &run, err) &&
	    (err->kind != ERR_SYS ||
	     tracking_create_run(p->tracking, &spec, &run, err)))
		return -1;
	mem_replace(&r->run_id, mem_steal(&run.id));
	mem_replace(&r->run_name, mem_steal(&run.name));
	mem_replace(&r->artifact_uri, mem_steal(&run.artifact_uri));
	note = publish_stray_note(r);
	if (note)
		strv_take(&r->warnings, note);
	return 0;
}

/* A run that is there already gets the tags and keeps its name. */
static int
continue_run(struct plan *p, struct err *err)
{
	struct record *r = &p->record;
	struct run_data data = {.tags = &r->tags};

	if (!r->joined && attempt_forget(p->tracking, r->run_id, err))
		return -1;
	/* A run that is RUNNING must not name a process that is gone. */
	if (tracking_log(p->tracking, r->run_id, &data, NULL, err))
		return -1;
	return r->joined ? 0
	                 : tracking_set_status(p->tracking, r->run_id,
	                                       RUN_RUNNING, 0, err);
}

/* Without the library the comparison before and after still works. */
static void
start_capture(struct beginning *b, struct record *r)
{
	cleanup_free char *keep = spool_path(&b->spool, "kept");
	struct err err = ERR_INIT;

	if (!r->declared.n)
		return;
	b->library = capture_find_library(&err);
	if (!b->library || capture_create(&r->declared, keep, b->spool.dir,
	                                  &b->image_variable, &err)) {
		log_warn("%s; files are found by comparison alone", err.msg);
		mem_replace(&b->library, NULL);
		return;
	}
	r->image = mem_dup(strchr(b->image_variable, ':') + 1);
}

static int
save_snapshot(const struct beginning *b, const struct record *r,
              struct err *err)
{
	cleanup_free char *path = spool_path(&b->spool, "before");
	struct snapshot snapshot;
	int failed;

	snapshot_take(&r->declared, &snapshot);
	failed = snapshot_save(&snapshot, path, err);
	snapshot_free(&snapshot);
	return failed;
}

static void
tell_git(struct beginning *b, const struct plan *p, struct kvs *tags)
{
	struct git_state git;

	b->git_told = true;
	git_finish(&b->git, &git);
	describe_git(&git, p->kedro.is_kedro_run, tags);
	git_state_free(&git);
}

/* The store learns of the run now, or when it is published. */
static int
tell_store(struct plan *p, struct err *err)
{
	struct record *r = &p->record;
	int failed = 0;

	if (!p->offline)
		failed = r->run_id ? continue_run(p, err) : create_run(p, err);
	if (failed && plan_go_offline(p, err))
		return -1;
	r->pending = p->offline != NULL;
	if (!r->run_name)
		r->run_name = run_name_make(r->invocation_id);
	/* None of ours is in CMD; SQLite's is kept for the end, unlocked. */
	tracking_close(p->tracking);
	p->tracking = NULL;
	return 0;
}

/* Without it a client inside CMD is on its own. */
static void
make_client_store(struct beginning *b, struct record *r)
{
	struct err err = ERR_INIT;

	if (r->pending && client_store_make(&b->spool, r, &b->client, &err))
		strv_take(&r->warnings,
		          mem_printf("no store for MLflow's client inside the "
		                     "command: %s",
		                     err.msg));
}

static int
make_all(struct plan *p, struct beginning *b, struct err *err)
{
	struct record *r = &p->record;
	struct err later = ERR_INIT;

	if (!r->run_id && !p->offline && make_experiment(p, err) &&
	    plan_go_offline(p, err))
		return -1;
	if (spool_create(p->root, r->invocation_id, &b->spool, err))
		return -1;
	start_capture(b, r);
	if (save_snapshot(b, r, err))
		return -1;
	if (git_wait(&b->git, GIT_WAIT_MS))
		tell_git(b, p, &r->tags);
	r->pending = true;
	if (save_record(b, r, err) || tell_store(p, err))
		return -1;
	if (p->export_run_id)
		make_client_store(b, r);
	/* The first one leads to the same run, should we be killed. */
	if (save_record(b, r, &later))
		log_warn("%s", later.msg);
	return 0;
}

int
begin(struct plan *p, struct beginning *ret, struct err *err)
{
	struct beginning b = {.spool = SPOOL_INIT};
	struct record *r = &p->record;
	struct err later = ERR_INIT;

	git_begin(&b.git, p->cwd);
	r->declared = p->settings.declared;
	p->settings.declared = (struct declared_list){.v = NULL};
	for (size_t i = 0; i < p->settings.warnings.n; i++)
		strv_add(&r->warnings, p->settings.warnings.v[i]);
	if (make_all(p, &b, err)) {
		if (r->image)
			unlink(r->image);
		if (b.spool.dir && spool_abandon(&b.spool, &later))
			log_debug("%s", later.msg);
		begin_late_tags(&b, p);
		spool_close(&b.spool);
		client_store_free(&b.client);
		free(b.library);
		free(b.image_variable);
		return -1;
	}
	*ret = b;
	return 0;
}

void
begin_late_tags(struct beginning *b, struct plan *p)
{
	if (!b->git_told)
		tell_git(b, p, &p->record.end_tags);
}
