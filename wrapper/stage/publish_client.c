/* SPDX-License-Identifier: MIT */
/* publish_client.c - what an MLflow client inside CMD wrote into the spool */
#include "stage/publish_client.h"

#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/strv.h"
#include "base/tree.h"
#include "model/manifest.h"
#include "model/record.h"
#include "model/run.h"
#include "model/run_name.h"
#include "stage/client_store.h"
#include "stage/hurry.h"
#include "stage/publish.h"
#include "stage/spool.h"
#include "stage/spool_notes.h"
#include "stage/upload.h"
#include "store/artifact.h"
#include "store/file_export.h"
#include "store/tracking.h"

#define TAG_PARENT "mlflow.parentRunId"

/* One run of the client's store on its way. */
struct sending {
	const struct publish_client_request *request;
	const struct file_run *from;
	const struct file_run *own; /* the run itself, NULL: not there */
	struct run to;
	struct artifact *store;
	const char *below; /* where in the run files go, NULL: at the top */
	struct publish_tally *tally;
	struct strv *problems;
	struct err *err;
};

char *
publish_client_resolve(struct tracking *t, const char *id, struct err *err)
{
	cleanup_run struct run run = {.id = NULL};

	if (tracking_get_run(t, id, &run, err)) {
		if (err->kind != ERR_NOTFOUND && err->kind != ERR_FORMAT)
			return NULL;
		*err = (struct err)ERR_INIT;
		if (tracking_find_by_tag(t, NULL, "kmlflow.invocation_id", id,
		                         &run, err)) {
			if (err->kind == ERR_NOTFOUND)
				*err = (struct err)ERR_INIT;
			return NULL;
		}
	}
	return mem_steal(&run.id);
}

/* --- files -------------------------------------------------------------- */

static int
send_file(void *arg, const char *path, const char *relative,
          const struct stat *st)
{
	struct sending *s = arg;
	cleanup_entry struct manifest_entry e = {
	    .path = mem_dup(path),
	    .key = s->below ? mem_printf("%s/%s", s->below, relative)
	                    : mem_dup(relative),
	};
	const char *below = s->request->below;
	struct upload_result result;

	(void)st;
	if (below && s->from == s->own)
		mem_replace(&e.key, mem_printf("%s/%s", below, e.key));
	if (hurry_now() != HURRY_NONE)
		return err_set(s->err, ERR_RETRY, "no time was left");
	if (upload_file(s->store, &e, &result, s->err)) {
		/* What the store will never take holds up nothing. */
		if (s->err->kind != ERR_FORMAT)
			return err_wrap(s->err, "%s", e.key);
		strv_take(s->problems,
		          mem_printf("%s: %s", e.key, s->err->msg));
		*s->err = (struct err)ERR_INIT;
		return 0;
	}
	if (result.same) {
		s->tally->already_there++;
	} else {
		s->tally->uploaded++;
		s->tally->bytes += result.size;
	}
	return 0;
}

static int
send_model(void *arg, const char *name, const char *files)
{
	struct sending *s = arg;
	int failed;

	s->below = name;
	failed = tree_files(files, send_file, s, s->err);
	s->below = NULL;
	return failed;
}

/* Its description, as a file: a store of ours cannot be told of datasets. */
static int
send_input(void *arg, const char *id, const char *file)
{
	struct sending *s = arg;
	cleanup_free char *name = mem_printf("mlflow-datasets/%s.yaml", id);
	struct stat st;

	return lstat(file, &st) ? 0 : send_file(s, file, name, &st);
}

/*
 * Models are sent as MLflow before version 3 keeps them, as files of the run
 * below the model's name: any server can take that.
 */
static int
send_files(struct sending *s)
{
	const char *tracking_uri = s->request->record->tracking_uri;
	cleanup_free char *dir = fs_join(s->from->dir, "artifacts");
	int failed;

	if (artifact_open(s->to.artifact_uri, tracking_uri, &s->store, s->err))
		return -1;
	failed = tree_files(dir, send_file, s, s->err) ||
	         file_export_models(s->from, send_model, s, s->err) ||
	         file_export_inputs(s->from, send_input, s, s->err);
	artifact_notes(s->store, s->problems);
	artifact_close(s->store);
	s->store = NULL;
	return failed ? -1 : 0;
}

/* --- params, metrics, tags ---------------------------------------------- */

static void
drop(struct kvs *tags, const char *key, const char *known)
{
	const char *value = kvs_get(tags, key);

	if (value && known && !strcmp(value, known))
		kvs_set(tags, key, NULL);
}

/* Tags that are as kmlflow made them need not be sent again. */
static void
drop_known(const struct record *r, struct kvs *tags)
{
	cleanup_free char *by_chance = run_name_make(r->invocation_id);

	for (size_t i = 0; i < r->tags.n; i++)
		drop(tags, r->tags.v[i].key, r->tags.v[i].value);
	/* Such as the attempt, which was a guess. */
	for (size_t i = tags->n; i-- > 0;)
		if (!strncmp(tags->v[i].key, "kmlflow.", 8))
			kvs_set(tags, tags->v[i].key, NULL);
	drop(tags, "mlflow.runName", r->run_name);
	drop(tags, "mlflow.runName", by_chance);
}

/* A parent that was begun in a spool may have another id by now. */
static int
resolve_parent(const struct sending *s, struct kvs *tags)
{
	const char *parent = kvs_get(tags, TAG_PARENT);
	cleanup_free char *id = NULL;

	if (!parent)
		return 0;
	id = publish_client_resolve(s->request->tracking, parent, s->err);
	if (!id)
		return s->err->kind == ERR_NONE ? 0 : -1;
	kvs_set(tags, TAG_PARENT, id);
	return 0;
}

static int
send_data(struct sending *s)
{
	bool own = s->from == s->own;
	cleanup_kvs struct kvs params = KVS_INIT;
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct metrics metrics = METRICS_INIT;
	const struct run_data data = {
	    .params = &params,
	    .metrics = &metrics,
	    .tags = &tags,
	};
	int failed =
	    file_export_data(s->from, &params, &tags, &metrics, s->err);

	if (own)
		drop_known(s->request->record, &tags);
	if (!failed)
		failed = resolve_parent(s, &tags) ||
		         tracking_log(s->request->tracking, s->to.id, &data,
		                      &s->tally->conflicts, s->err);
	metrics_free(&metrics);
	if (failed && s->err->kind == ERR_FORMAT) {
		strv_take(s->problems, mem_dup(s->err->msg));
		*s->err = (struct err)ERR_INIT;
		return 0;
	}
	return failed ? -1 : 0;
}

/* --- runs --------------------------------------------------------------- */

/* A run that the client began beside ours, or below it. */
static int
make_run(struct sending *s)
{
	const struct record *r = s->request->record;
	bool same =
	    s->own && !strcmp(s->own->experiment_id, s->from->experiment_id);
	const struct experiment_spec spec = {
	    .id = same ? r->experiment_id : NULL,
	    .name = s->from->experiment_name,
	    .create = true,
	};
	cleanup_free char *id = NULL;
	cleanup_free char *name = NULL;
	struct run_spec run = {
	    .invocation_id = s->from->id,
	    .name = s->from->name,
	    .user = s->from->user,
	    .start_time = s->from->start_time,
	};

	if (tracking_experiment(s->request->tracking, &spec, false, &id, &name,
	                        s->err))
		return -1;
	run.experiment_id = id;
	return tracking_create_run(s->request->tracking, &run, &s->to, s->err);
}

static int
end_run(const struct sending *s)
{
	unsigned status = (unsigned)s->from->status;
	int64_t end = s->from->end_time;

	if (status == RUN_RUNNING || status == RUN_SCHEDULED)
		status = RUN_KILLED;
	if (!end)
		end = s->from->start_time;
	return tracking_set_status(s->request->tracking, s->to.id, status, end,
	                           s->err);
}

static int
send_run(struct sending *s)
{
	const struct record *r = s->request->record;
	int failed = 0;

	if (s->from == s->own)
		s->to = (struct run){
		    .id = mem_dup(r->run_id),
		    .artifact_uri = mem_dup(r->artifact_uri),
		};
	else
		failed = make_run(s);
	failed = failed || send_data(s) || send_files(s) ||
	         (s->from != s->own && end_run(s));
	run_free(&s->to);
	return failed ? -1 : 0;
}

static const struct file_run *
find_own(const struct file_runs *runs, const struct record *r)
{
	for (size_t i = 0; i < runs->n; i++)
		if (!strcmp(runs->v[i].id, r->invocation_id) ||
		    !strcmp(runs->v[i].id, r->run_id))
			return &runs->v[i];
	return NULL;
}

static int
send_and_note(struct sending *s)
{
	cleanup_free char *item = mem_printf("client:%s", s->from->id);

	*s->err = (struct err)ERR_INIT;
	if ((s->from != s->own && s->from->deleted) ||
	    map_get(s->request->done, item))
		return 0;
	if (!send_run(s) && !spool_mark_done(s->request->spool, item, s->err))
		return 0;
	strv_take(s->problems,
	          mem_printf("what the client logged: %s", s->err->msg));
	return -1;
}

int
publish_client(const struct publish_client_request *request,
               struct publish_tally *tally, struct strv *problems)
{
	cleanup_free char *root = client_store_path(request->spool->dir);
	cleanup_file_runs struct file_runs runs = {.v = NULL};
	struct err err = ERR_INIT;
	struct sending s = {
	    .request = request,
	    .tally = tally,
	    .problems = problems,
	    .err = &err,
	};
	int failed = 0;

	if (file_export_runs(root, &runs, &err)) {
		strv_take(problems, mem_dup(err.msg));
		return -1;
	}
	s.own = find_own(&runs, request->record);
	s.from = s.own;
	/* The run itself before those that may be its children. */
	if (s.own)
		failed = send_and_note(&s);
	for (size_t i = 0; !failed && i < runs.n; i++) {
		s.from = &runs.v[i];
		if (s.from != s.own)
			failed = send_and_note(&s);
	}
	if (!failed && file_export_has_more(root))
		strv_add(problems,
		         "traces and registered models that a client made "
		         "without a store are not sent");
	return failed;
}
