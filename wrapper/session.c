/* SPDX-License-Identifier: MIT */
/* session.c - one exec, from the command line to the exit status */
#include "session.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "stage/capture.h"
#include "stage/childenv.h"
#include "stage/describe.h"
#include "stage/finish.h"
#include "stage/git.h"
#include "stage/outcome.h"
#include "stage/snapshot.h"
#include "stage/spool.h"
#include "store/tracking.h"

/* Most commands give git this head start before they can touch a file. */
enum { GIT_WAIT_MS = 25, EXIT_REFUSED = 125 };

struct session {
	const struct options *options;
	struct plan *plan;
	struct spool spool;
	struct supervise supervise;
	struct git_probe git;
	bool git_known;
	char *library;
	char *image_variable;
};

/* The store's part: experiment and run, or what continues one. */
static int
begin_run(struct session *s, struct err *err)
{
	const struct tracking_settings *t = &s->plan->settings.tracking;
	struct record *r = &s->plan->record;
	struct experiment_spec experiment = {
	    .id = t->experiment_id,
	    .name = t->experiment_name,
	    .create = t->experiment_create,
	    .restore_if_deleted = t->restore_if_deleted,
	    .artifact_location = t->artifact_location,
	    .tags = &t->experiment_tags,
	};

	if (r->run_id)
		return r->joined
		           ? 0
		           : tracking_set_status(s->plan->tracking, r->run_id,
		                                 RUN_RUNNING, 0, err);
	mem_replace(&r->experiment_id, NULL);
	mem_replace(&r->experiment_name, NULL);
	return tracking_experiment(s->plan->tracking, &experiment, false,
	                           &r->experiment_id, &r->experiment_name, err);
}

static int
create_run(struct session *s, struct err *err)
{
	struct record *r = &s->plan->record;
	struct run_data data = {.tags = &r->tags};
	struct run_spec spec = {
	    .invocation_id = r->invocation_id,
	    .experiment_id = r->experiment_id,
	    .name = r->run_name,
	    .user = r->user,
	    .start_time = r->start_time,
	    .tags = &r->tags,
	};
	cleanup_run struct run run = {.id = NULL};

	/* A run that is continued gets the tags and keeps its name. */
	if (r->run_id)
		return tracking_log(s->plan->tracking, r->run_id, &data, NULL,
		                    err);
	if (tracking_create_run(s->plan->tracking, &spec, &run, err))
		return -1;
	mem_replace(&r->run_id, mem_steal(&run.id));
	mem_replace(&r->run_name, mem_steal(&run.name));
	mem_replace(&r->artifact_uri, mem_steal(&run.artifact_uri));
	return 0;
}

/* The spool knows of the run before the store does: none is ever orphaned. */
static int
open_spool(struct session *s, struct err *err)
{
	struct record *r = &s->plan->record;
	cleanup_free char *record = NULL;

	if (spool_create(s->plan->root, r->invocation_id, &s->spool, err))
		return -1;
	record = spool_path(&s->spool, "run.json");
	if (record_save(r, record, err) || create_run(s, err) ||
	    record_save(r, record, err))
		return -1;
	return 0;
}

/* Without the library the comparison before and after still works. */
static void
start_capture(struct session *s)
{
	struct record *r = &s->plan->record;
	cleanup_free char *keep = spool_path(&s->spool, "kept");
	struct err err = ERR_INIT;

	if (!r->declared.n)
		return;
	s->library = capture_find_library(&err);
	if (!s->library || capture_create(&r->declared, keep, s->spool.dir,
	                                  &s->image_variable, &err)) {
		log_warn("%s; files are found by comparison alone", err.msg);
		mem_replace(&s->library, NULL);
		return;
	}
	r->image = mem_dup(strchr(s->image_variable, ':') + 1);
}

static int
prepare(struct session *s, struct err *err)
{
	struct record *r = &s->plan->record;
	cleanup_free char *before = NULL;
	struct snapshot snapshot;
	int failed;

	r->declared = s->plan->settings.declared;
	s->plan->settings.declared = (struct declared_list){.v = NULL};
	for (size_t i = 0; i < s->plan->settings.warnings.n; i++)
		strv_add(&r->warnings, s->plan->settings.warnings.v[i]);
	if (begin_run(s, err) || open_spool(s, err))
		return -1;
	start_capture(s);
	if (r->image) {
		cleanup_free char *record = spool_path(&s->spool, "run.json");

		if (record_save(r, record, err))
			return -1;
	}
	before = spool_path(&s->spool, "before");
	snapshot_take(&r->declared, &snapshot);
	failed = snapshot_save(&snapshot, before, err);
	snapshot_free(&snapshot);
	return failed;
}

/* Written down before CMD starts, for a sync that comes instead of us. */
static void
save_git(struct session *s)
{
	cleanup_free char *path = spool_path(&s->spool, "run.json");
	struct record *r = &s->plan->record;
	struct git_state git;
	struct err err = ERR_INIT;

	s->git_known = true;
	git_finish(&s->git, &git);
	describe_git(&git, s->plan->kedro.is_kedro_run, &r->end_tags);
	if (git.known && record_save(r, path, &err))
		log_debug("%s", err.msg);
	git_state_free(&git);
}

static int
start_cmd(struct session *s, struct err *err)
{
	cleanup_strv struct strv env = STRV_INIT;
	struct childenv_request request = {
	    .record = &s->plan->record,
	    .spool = s->spool.dir,
	    .library = s->library,
	    .image = s->image_variable,
	    .credentials = &s->plan->settings.tracking.credentials,
	    .export_run_id = s->options->export_run_id,
	};

	childenv_build(&request, &env);
	if (git_wait(&s->git, GIT_WAIT_MS))
		save_git(s);
	/* The terminal's ^C is not passed on: CMD would have had it itself. */
	if (supervise_interrupted())
		return -1;
	return supervise_start(&s->supervise, s->options->words, env.v, err);
}

static void
say_end(const struct session *s, const struct outcome *o,
        const struct finish_result *f)
{
	const struct record *r = &s->plan->record;
	int files = f->tally.uploaded + f->tally.already_there;

	for (size_t i = 0; i < f->problems.n; i++)
		log_warn("%s", f->problems.v[i]);
	if (f->tally.conflicts)
		log_warn("%d params differ from what the command logged itself "
		         "and were left as they are",
		         f->tally.conflicts);
	if (f->tally.unstable)
		log_warn("%d artifacts were still being written when the "
		         "command ended",
		         f->tally.unstable);
	if (f->missing)
		log_info("%d declared file%s not written; see 'kmlflow "
		         "explain'",
		         f->missing, f->missing == 1 ? " was" : "s were");
	if (!f->published)
		log_warn("not all could be recorded; it is kept in '%s', and "
		         "'kmlflow sync' sends it",
		         s->spool.dir);
	log_info("run %s (%s) %s: %d artifact%s, %zu params, in %s",
	         r->run_name, r->run_id, run_status_name(outcome_status(o)),
	         files, files == 1 ? "" : "s", r->params.n, r->tracking_uri);
}

/* A strict run that CMD ended well must have been recorded well. */
static void
apply_strict(const struct session *s, const struct finish_result *f,
             struct outcome *o)
{
	bool trouble = !f->published || f->problems.n || f->report_failed;

	if (s->options->strict && trouble && !o->signal && !o->exit_code)
		o->exit_code = EXIT_REFUSED;
}

static _Noreturn void
end(struct session *s, struct outcome *o)
{
	struct record *r = &s->plan->record;
	struct finish_request request = {
	    .outcome = o,
	    .report = s->options->report,
	};
	struct finish_result result;
	struct err err = ERR_INIT;

	if (spool_save_outcome(&s->spool, o, &err))
		log_warn("%s", err.msg);
	if (!s->git_known)
		save_git(s);
	finish(&s->spool, r, &request, &result);
	say_end(s, o, &result);
	apply_strict(s, &result, o);
	finish_free(&result);
	supervise_leave(&s->supervise, o);
}

static void
say_start(const struct session *s)
{
	const struct record *r = &s->plan->record;

	for (size_t i = 0; i < r->warnings.n; i++)
		log_warn("%s", r->warnings.v[i]);
	if (s->plan->new_store)
		log_info("new store '%s'; MLflow 3.13 and later open a "
		         "directory only with MLFLOW_ALLOW_FILE_STORE=true, "
		         "which 'kmlflow ui' sets",
		         r->tracking_uri);
	log_debug("run %s (%s) in experiment '%s', spool '%s'", r->run_name,
	          r->run_id, r->experiment_name, s->spool.dir);
	for (size_t i = 0; i < r->declared.n; i++)
		log_debug("declared: %s (%s)", r->declared.v[i].path,
		          r->declared.v[i].name);
}

/* Somebody ended us before CMD began, or CMD could not be executed. */
static struct outcome
not_started(struct session *s, const struct err *err)
{
	struct outcome ret = {
	    .start_time = s->plan->record.start_time,
	    .end_time = clock_now_ms(),
	    .signal = err->kind == ERR_NONE ? supervise_interrupted() : 0,
	};

	if (!ret.signal) {
		log_error("%s", err->msg);
		ret.exit_code = err->sys == ENOENT ? 127 : 126;
	}
	canary_stop(&s->supervise.canary);
	return ret;
}

int
session_run(const struct options *o, struct plan *plan, struct err *err)
{
	struct session s = {
	    .options = o,
	    .plan = plan,
	    .spool = SPOOL_INIT,
	};
	struct outcome outcome;

	supervise_begin(&s.supervise, o->argc, o->argv);
	git_begin(&s.git, plan->cwd);
	if (prepare(&s, err)) {
		supervise_restore(&s.supervise);
		return -1;
	}
	say_start(&s);
	if (start_cmd(&s, err)) {
		outcome = not_started(&s, err);
	} else {
		spool_note_child(&s.spool, s.supervise.pid);
		supervise_wait(&s.supervise, &outcome);
	}
	end(&s, &outcome);
}
