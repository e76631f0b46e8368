/* SPDX-License-Identifier: MIT */
/* finish.c - from the end of CMD to the end of the spool */
#include "stage/finish.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/manifest.h"
#include "model/record.h"
#include "stage/barrier.h"
#include "stage/beside.h"
#include "stage/ci_summary.h"
#include "stage/collect.h"
#include "stage/hurry.h"
#include "stage/outcome.h"
#include "stage/report.h"
#include "stage/spool.h"
#include "stage/spool_notes.h"
#include "stage/stow.h"
#include "store/local_uri.h"
#include "wire/json.h"

enum { END_MAX = 1 << 20 };

static void
problem(struct finish_result *f, const struct err *err, const char *what)
{
	strv_take(&f->problems, mem_printf("%s: %s", what, err->msg));
}

static void
outcome_tags(const struct outcome *o, struct kvs *tags)
{
	const char *name = o->signal ? sigabbrev_np(o->signal) : NULL;

	if (o->unknown && o->ranks)
		kvs_setf(tags, "kmlflow.outcome",
		         "unknown: the end of rank %d was not seen", o->rank);
	else if (o->unknown)
		kvs_set(tags, "kmlflow.outcome",
		        "unknown: kmlflow was killed while the command ran");
	else if (name)
		kvs_setf(tags, "kmlflow.signal", "SIG%s", name);
	else if (o->signal)
		kvs_setf(tags, "kmlflow.signal", "%d", o->signal);
	else
		kvs_setf(tags, "kmlflow.exit_code", "%d", o->exit_code);
	if (o->ranks)
		kvs_setf(tags, "kmlflow.ranks", "%d", o->ranks);
	if (o->ranks && outcome_status(o) != RUN_FINISHED)
		kvs_setf(tags, "kmlflow.rank", "%d", o->rank);
	if (o->oom_kills)
		kvs_setf(tags, "kmlflow.oom_kills", "%d", o->oom_kills);
	if (o->survivors)
		kvs_setf(tags, "kmlflow.survivors", "%d", o->survivors);
}

/* What was written down by a call that got this far; 0: there is such. */
static int
load_end(const char *path, struct kvs *tags, struct strv *blind,
         struct err *err)
{
	cleanup_json struct cJSON *o = NULL;

	if (json_read(path, END_MAX, &o, err))
		return -1;
	json_kvs(o, "tags", tags);
	json_strv(o, "blind", blind);
	return 0;
}

/*
 * The manifest and the tags of the end, made once: what is noted as published
 * counts lines of this manifest, so it must not be made again.
 */
static int
collect_once(struct spool *s, struct record *r,
             const struct finish_request *request, struct kvs *tags,
             struct strv *blind, struct err *err)
{
	cleanup_free char *path = spool_path(s, "end.json");
	cleanup_json struct cJSON *o = NULL;
	struct collect_result result;
	int failed;

	if (!load_end(path, tags, blind, err))
		return 0;
	if (err->sys != ENOENT)
		return -1;
	failed = collect(s, r, request->outcome->survivors, &result, err);
	/* Only `explain` misses it; later nobody knows who wrote what. */
	if (!failed && !request->late)
		(void)beside_save(s, r, err);
	if (!failed) {
		for (size_t i = 0; i < r->end_tags.n; i++)
			kvs_set(tags, r->end_tags.v[i].key,
			        r->end_tags.v[i].value);
		outcome_tags(request->outcome, tags);
		kvs_set(tags, "kmlflow.capture", result.note.s);
		o = json_object();
		json_set_kvs(o, "tags", tags);
		json_set_strv(o, "blind", &result.blind);
		failed = json_write(o, false, path, 0600, err);
	}
	*blind = result.blind;
	buf_free(&result.note);
	return failed;
}

/* What could not be captured, for the messages. */
static void
count_fates(const struct spool *s, struct finish_result *f)
{
	cleanup_free char *path = spool_path(s, "manifest");
	cleanup_manifest struct manifest_reader reader = {.file = NULL};
	struct err err = ERR_INIT;

	if (manifest_open(path, &reader, &err))
		return;
	for (;;) {
		cleanup_entry struct manifest_entry e = {.path = NULL};

		if (manifest_next(&reader, &e, &err) <= 0)
			return;
		f->artifacts += e.fate == FATE_ARTIFACT;
		if (e.fate == FATE_MISSING && !e.reason)
			f->missing++;
		if (e.fate != FATE_SKIPPED)
			continue;
		f->skipped++;
		strv_take(&f->problems,
		          mem_printf("%s: not captured: %s", e.path, e.reason));
	}
}

static void
add_local(struct strv *dirs, const char *uri)
{
	struct err err = ERR_INIT;
	char *path = NULL;

	if (uri && !local_uri_path(uri, &path, &err))
		strv_take(dirs, path);
}

/*
 * Whatever is captured is on a disk before it is said to be recorded and its
 * spool is gone, or before it is said to wait there.  A run that holds no more
 * than what kmlflow says of it itself is not worth the wait.
 */
static int
put_on_disk(struct spool *s, const struct record *r, struct finish_result *f)
{
	cleanup_strv struct strv dirs = STRV_INIT;
	struct err err = ERR_INIT;

	if (!barrier_wanted() || (!f->artifacts && !r->params.n))
		return 0;
	if (f->published) {
		add_local(&dirs, r->artifact_uri);
		add_local(&dirs, r->tracking_uri);
	} else {
		strv_add(&dirs, s->dir);
	}
	if (!barrier(&dirs, &err)) {
		/* Without the note the next one does it again. */
		if (!f->published)
			(void)spool_mark_synced(s, &err);
		return 0;
	}
	if (err.kind == ERR_SYS)
		problem(f, &err, "synchronise");
	return -1;
}

/* The job has ended that a sync comes after. */
static int
write_ci(const struct spool *s, const struct report *report,
         const struct finish_request *request, struct finish_result *f)
{
	const struct ci_summary_request ci = {
	    .report = report,
	    .spool = s,
	    .dotenv = request->dotenv,
	    .openmetrics = request->openmetrics,
	};

	return ci_summary_wanted(&ci) ? ci_summary_write(&ci, &f->problems) : 0;
}

static void
write_reports(struct spool *s, struct record *r,
              const struct finish_request *request, const struct kvs *tags,
              struct finish_result *f)
{
	struct report report = {
	    .record = r,
	    .outcome = request->outcome,
	    .tally = &f->tally,
	    .problems = &f->problems,
	    .capture = kvs_get(tags, "kmlflow.capture"),
	    .blind = &f->blind,
	    .published = f->published,
	};
	struct err err = ERR_INIT;

	if (request->report &&
	    report_write(&report, s, request->report, &err)) {
		f->report_failed = true;
		problem(f, &err, "report");
	}
	if (!request->late && write_ci(s, &report, request, f))
		f->report_failed = true;
	/* Only `explain` misses it. */
	(void)report_keep(&report, s, &err);
}

static void
clean_up(struct spool *s, const struct record *r, struct finish_result *f)
{
	struct err err = ERR_INIT;

	if (r->image)
		unlink(r->image);
	if (spool_remove(s, &err))
		problem(f, &err, "clean up");
}

/* For -vv: VmHWM of /proc/self/status; the image counts as far as touched. */
static void
log_memory(void)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	const char *at;

	if (log_get_level() < LOG_TRACE ||
	    fs_read("/proc/self/status", 1 << 16, &text, &err))
		return;
	at = strstr(text.s, "VmHWM:");
	if (at)
		log_trace("peak memory %ld kB", strtol(at + 6, NULL, 10));
}

/* For -vv: where the time goes.  The start of the next phase. */
static int64_t
log_phase(const char *what, int64_t begin)
{
	int64_t now = clock_mono_ns();

	log_trace("%s in %.1f ms", what, (double)(now - begin) / 1e6);
	return now;
}

void
finish(struct spool *s, struct record *r, const struct finish_request *request,
       struct finish_result *ret)
{
	struct finish_result f = {.problems = STRV_INIT, .blind = STRV_INIT};
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct publish_end end = {
	    .outcome = request->outcome,
	    .tags = &tags,
	    .late = request->late,
	    .hurried = request->hurried,
	};
	int64_t begin = clock_mono_ns();
	struct err err = ERR_INIT;

	if (collect_once(s, r, request, &tags, &f.blind, &err)) {
		problem(&f, &err, "collect what was written");
	} else {
		begin = log_phase("collected", begin);
		f.published = !request->offline &&
		              !publish(s, r, &end, &f.tally, &f.problems);
		begin = log_phase("published", begin);
		count_fates(s, &f);
		if (f.published && put_on_disk(s, r, &f))
			f.published = false;
		begin = log_phase("synchronised", begin);
		f.why = hurry_now();
		if (!request->late)
			hurry_end();
		if (!f.published)
			stow(s, &f.problems);
		if (!f.published && f.why == HURRY_NONE)
			(void)put_on_disk(s, r, &f);
		begin = log_phase("stowed", begin);
	}
	write_reports(s, r, request, &tags, &f);
	if (f.published)
		clean_up(s, r, &f);
	log_phase("reported and cleaned up", begin);
	log_memory();
	*ret = f;
}

void
finish_free(struct finish_result *f)
{
	strv_free(&f->problems);
	strv_free(&f->blind);
}
