/* SPDX-License-Identifier: MIT */
/* session.c - one exec, from the command line to the exit status */
#include "session.h"

#include <errno.h>
#include <unistd.h>

#include "announce.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "begin.h"
#include "cli.h"
#include "earlier.h"
#include "lead.h"
#include "model/redact.h"
#include "stage/childenv.h"
#include "stage/finish.h"
#include "stage/hurry.h"
#include "stage/outcome.h"
#include "stage/rank.h"
#include "store/copy_range.h"
#include "wire/http.h"

enum { EXIT_REFUSED = 125 };

struct session {
	const struct options *options;
	struct plan *plan;
	struct supervise supervise;
	struct beginning beginning;
};

/*
 * By the process that becomes CMD: were it by us, a kill in between would leave
 * a spool of which nobody knows that its command runs.
 */
static void
note_child(void *spool)
{
	spool_note_child(spool, getpid());
}

static int
start_cmd(struct session *s, struct err *err)
{
	cleanup_strv struct strv env = STRV_INIT;
	struct childenv_request request = {
	    .record = &s->plan->record,
	    .client = s->beginning.client.uri ? &s->beginning.client : NULL,
	    .spool = s->beginning.spool.dir,
	    .library = s->beginning.library,
	    .image = s->beginning.image_variable,
	    .credentials = &s->plan->settings.tracking.credentials,
	    .export_run_id = s->plan->export_run_id,
	};

	rank_enter(&s->plan->rank);
	childenv_build(&request, &env);
	/* The terminal's ^C is not passed on: CMD would have had it itself. */
	if (supervise_interrupted())
		return -1;
	s->supervise.prepare = note_child;
	s->supervise.arg = &s->beginning.spool;
	return supervise_start(&s->supervise, s->plan->words, env.v, err);
}

/* What is not recorded, why, and where it is. */
static void
say_kept(const struct session *s, const struct outcome *o,
         const struct finish_result *f)
{
	const struct record *r = &s->plan->record;
	const char *spool = s->beginning.spool.dir;

	if (s->plan->stays_offline)
		log_info("the run %s (%s) waits in '%s' for 'kmlflow sync'",
		         r->run_name, run_status_name(outcome_status(o)),
		         spool);
	else if (f->why == HURRY_TIME)
		log_warn("the time for recording is over (%g s); the rest is "
		         "kept in '%s', and 'kmlflow sync' sends it",
		         (double)s->options->finish_ms / 1000, spool);
	else if (f->why == HURRY_SIGNAL)
		log_warn("interrupted; the rest is kept in '%s', and 'kmlflow "
		         "sync' sends it",
		         spool);
	else if (r->pending)
		log_warn("the run %s is not recorded yet; it is kept in '%s', "
		         "and 'kmlflow sync' sends it",
		         r->run_name, spool);
	else
		log_warn("not all could be recorded; it is kept in '%s', and "
		         "'kmlflow sync' sends it",
		         spool);
}

static void
say_end(const struct session *s, const struct outcome *o,
        const struct finish_result *f)
{
	const struct record *r = &s->plan->record;
	int files = f->tally.uploaded + f->tally.already_there;
	cleanup_buf struct buf store = BUF_INIT;

	for (size_t i = 0; i < f->problems.n; i++)
		log_warn("%s", f->problems.v[i]);
	if (o->oom_kills)
		log_warn("the out-of-memory killer ended %d process%s here "
		         "while the command ran",
		         o->oom_kills, o->oom_kills == 1 ? "" : "es");
	if (f->tally.conflicts)
		log_warn("%d param%s in the run that the command itself has "
		         "logged with another value, which is left",
		         f->tally.conflicts,
		         f->tally.conflicts == 1 ? " is" : "s are");
	if (f->tally.unstable)
		log_warn("%d artifacts were still being written when the "
		         "command ended",
		         f->tally.unstable);
	if (f->missing)
		log_info("%d declared file%s not written; see 'kmlflow "
		         "explain'",
		         f->missing, f->missing == 1 ? " was" : "s were");
	if (!f->published)
		say_kept(s, o, f);
	if (r->pending)
		return;
	redact_url(&store, r->tracking_uri);
	log_info("run %s (%s) %s: %d artifact%s, %zu param%s, "
	         "in %s",
	         r->run_name, r->run_id, run_status_name(outcome_status(o)),
	         files, files == 1 ? "" : "s", r->params.n,
	         r->params.n == 1 ? "" : "s", store.s);
}

/* A strict run that CMD ended well must have been recorded well. */
static void
apply_strict(const struct session *s, const struct finish_result *f,
             struct outcome *o)
{
	bool left = !f->published && !s->plan->stays_offline;
	bool trouble = left || f->problems.n || f->report_failed;

	if (s->options->strict && trouble && !o->signal && !o->exit_code)
		o->exit_code = EXIT_REFUSED;
}

static bool
is_time_over(void)
{
	return hurry_now() == HURRY_TIME;
}

static enum http_stop
how_to_stop(void)
{
	static const enum http_stop stops[] = {
	    [HURRY_NONE] = HTTP_GO,
	    [HURRY_SIGNAL] = HTTP_NO_REPEATS,
	    [HURRY_TIME] = HTTP_AT_ONCE,
	};

	return stops[hurry_now()];
}

/* Who leaves at once leaves all the rest unpublished. */
static void
begin_hurry(const struct session *s, const struct outcome *o)
{
	const struct finish_result nothing = {.published = false};
	struct outcome leave = *o;

	apply_strict(s, &nothing, &leave);
	hurry_begin(&leave, s->options->finish_ms);
	http_set_stop(how_to_stop);
	copier_set_stop(is_time_over);
}

static _Noreturn void
end(struct session *s, struct outcome *o)
{
	struct record *r = &s->plan->record;
	struct outcome all = *o;
	struct finish_request request = {
	    .outcome = &all,
	    .report = s->options->report,
	    .dotenv = s->options->dotenv,
	    .openmetrics = s->options->openmetrics,
	    .hurried = r->pending,
	    .offline = s->plan->stays_offline,
	};
	struct finish_result result;
	struct err err = ERR_INIT;

	if (spool_save_outcome(&s->beginning.spool, o, &err))
		log_warn("%s", err.msg);
	lead_end(s->plan, &s->beginning, &all);
	begin_hurry(s, o);
	begin_late_tags(&s->beginning, s->plan);
	earlier_send(s->plan, &s->beginning.spool);
	finish(&s->beginning.spool, r, &request, &result);
	say_end(s, &all, &result);
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
	if (s->plan->offline && !s->plan->stays_offline)
		log_warn("%s; the command runs all the same, and what is to be "
		         "recorded waits in '%s'",
		         s->plan->offline, s->beginning.spool.dir);
	if (s->plan->new_store)
		log_info("%s", s->plan->new_store);
	log_debug("run %s (%s) in experiment '%s', spool '%s'", r->run_name,
	          r->run_id ? r->run_id : "not made yet",
	          r->experiment_name ? r->experiment_name : "?",
	          s->beginning.spool.dir);
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
		ret.exit_code = err->kind != ERR_SYS ? 125
		                : err->sys == ENOENT ? 127
		                                     : 126;
	}
	canary_stop(&s->supervise.canary);
	return ret;
}

/* Nobody waits for a server once somebody wants us to end. */
static enum http_stop
is_interrupted(void)
{
	return supervise_interrupted() ? HTTP_AT_ONCE : HTTP_GO;
}

int
session_run(const struct options *o, struct plan *plan, struct err *err)
{
	struct session s = {
	    .options = o,
	    .plan = plan,
	    .beginning = {.spool = SPOOL_INIT},
	};
	struct outcome outcome;

	http_set_stop(is_interrupted);
	supervise_begin(&s.supervise, o->argc, o->argv);
	if (begin(plan, &s.beginning, err)) {
		supervise_restore(&s.supervise);
		return -1;
	}
	say_start(&s);
	announce(s.beginning.image_variable, plan->words[0]);
	lead_open(plan, &s.beginning);
	if (start_cmd(&s, err))
		outcome = not_started(&s, err);
	else
		supervise_wait(&s.supervise, &outcome);
	end(&s, &outcome);
}
