/* SPDX-License-Identifier: MIT */
/* sqlite_run.c - runs of the SQLite store: made, found, ended */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/run.h"
#include "model/run_name.h"
#include "store/file_store.h"
#include "store/key.h"
#include "store/local_uri.h"
#include "store/sqlite_store.h"

#define TAG_RUN_NAME "mlflow.runName"

enum { RUN_NAME_MAX = 250, USER_MAX = 256 };

static int
no_run(const struct sqlite_store *s, const char *run_id, struct err *err)
{
	return err_set(err, ERR_NOTFOUND, "there is no run '%s' in '%s'",
	               run_id, s->path);
}

/* Every verb but the making of things: no database, no such run. */
static int
need_run(struct sqlite_store *s, const char *run_id, struct err *err)
{
	if (!sqlite_store_need(s, false, err))
		return 0;
	return err->kind == ERR_NOTFOUND ? no_run(s, run_id, err) : -1;
}

/* --- telling ------------------------------------------------------------ */

/* Runs of MLflow before 1.30 have their name in a tag only. */
static const char run_query[] =
    "SELECT r.run_uuid, r.experiment_id, e.name,"
    " coalesce(nullif(r.name, ''), t.value, ''), r.artifact_uri, r.status,"
    " r.start_time,"
    " r.lifecycle_stage = 'deleted' OR e.lifecycle_stage = 'deleted'"
    " FROM runs AS r"
    " LEFT JOIN experiments AS e ON e.experiment_id = r.experiment_id"
    " LEFT JOIN tags AS t ON t.run_uuid = r.run_uuid"
    " AND t.key = '" TAG_RUN_NAME "'"
    " WHERE r.run_uuid = ?";

static enum run_status
status_of(const char *name)
{
	for (int i = RUN_RUNNING; i <= RUN_KILLED; i++)
		if (name && !strcmp(name, run_status_name((enum run_status)i)))
			return (enum run_status)i;
	return (enum run_status)0;
}

static int
tell(struct sqlite_store *s, const char *run_id, struct run *ret,
     struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q =
	    sqlite_prepare(s->db, run_query, err);
	int got;

	if (!q)
		return -1;
	sqlite_bind_text(q, 1, run_id);
	got = sqlite_step(q, err);
	if (got <= 0)
		return got ? -1 : no_run(s, run_id, err);
	*ret = (struct run){
	    .id = mem_dup(sqlite_text(q, 0)),
	    .experiment_id = mem_dup(sqlite_text(q, 1)),
	    .experiment_name = mem_dup(sqlite_text(q, 2)),
	    .name = mem_dup(sqlite_text(q, 3)),
	    .artifact_uri = mem_dup(sqlite_text(q, 4)),
	    .status = status_of(sqlite_text(q, 5)),
	    .start_time = sqlite_int(q, 6),
	    .deleted = sqlite_int(q, 7),
	};
	return 0;
}

int
sqlite_get_run(struct tracking *t, const char *run_id, struct run *ret,
               struct err *err)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);

	return need_run(s, run_id, err) || tell(s, run_id, ret, err) ? -1 : 0;
}

int
sqlite_check_active(struct sqlite_store *s, const char *run_id, struct err *err)
{
	cleanup_run struct run run = {.id = NULL};

	if (need_run(s, run_id, err) || tell(s, run_id, &run, err))
		return -1;
	if (run.deleted)
		return err_set(err, ERR_REMOTE,
		               "the run '%s' is deleted: nothing can be added "
		               "to it",
		               run_id);
	return 0;
}

/* --- making ------------------------------------------------------------- */

static char *
choose_name(const struct run_spec *spec)
{
	const char *tag = spec->tags ? kvs_get(spec->tags, TAG_RUN_NAME) : NULL;

	if (spec->name && *spec->name)
		return mem_dup(spec->name);
	if (tag && *tag)
		return mem_dup(tag);
	/* The same each time, so that making the run again agrees. */
	return run_name_make(spec->invocation_id);
}

/* Old releases keep "./mlruns/1", which means another place elsewhere. */
static int
settle_location(char **location, struct err *err)
{
	cleanup_free char *scheme = local_uri_scheme(*location);
	const char *path = *location + (*scheme ? strlen("file:") : 0);
	char *whole;

	if ((*scheme && strcmp(scheme, "file") != 0) || *path == '/')
		return 0;
	if (local_uri_absolute(*location, &whole, err))
		return -1;
	mem_replace(location, whole);
	return 0;
}

/* Where the artifacts of the experiment go. */
static int
location_of(struct sqlite_store *s, const char *experiment_id, char **ret,
            struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q =
	    sqlite_prepare(s->db,
	                   "SELECT artifact_location, lifecycle_stage"
	                   " FROM experiments WHERE experiment_id = ?",
	                   err);
	const char *text;
	int got;

	if (!q)
		return -1;
	sqlite_bind_text(q, 1, experiment_id);
	got = sqlite_step(q, err);
	if (got < 0)
		return -1;
	if (!got)
		return err_set(err, ERR_NOTFOUND,
		               "there is no experiment with the id '%s' in "
		               "'%s'",
		               experiment_id, s->path);
	text = sqlite_text(q, 1);
	if (text && !strcmp(text, "deleted"))
		return err_set(err, ERR_REMOTE,
		               "experiment '%s' is deleted: no run can be "
		               "added to it",
		               experiment_id);
	text = sqlite_text(q, 0);
	*ret = text && *text ? mem_dup(text)
	                     : local_uri_append(s->root, experiment_id);
	return settle_location(ret, err);
}

static int
insert_run(struct sqlite_store *s, const struct run_spec *spec,
           const char *name, const char *uri, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q = sqlite_prepare(
	    s->db,
	    "INSERT INTO runs (run_uuid, name, source_type, source_name,"
	    " entry_point_name, user_id, status, start_time, source_version,"
	    " lifecycle_stage, artifact_uri, experiment_id) VALUES"
	    " (?, ?, 'UNKNOWN', '', '', ?, 'RUNNING', ?, '', 'active', ?, ?)",
	    err);
	const char *user = spec->user && *spec->user ? spec->user : "unknown";

	if (!q)
		return -1;
	sqlite_bind_text(q, 1, spec->invocation_id);
	sqlite_bind_clean(q, 2, name, RUN_NAME_MAX);
	sqlite_bind_clean(q, 3, user, USER_MAX);
	sqlite_bind_int(q, 4, spec->start_time);
	sqlite_bind_text(q, 5, uri);
	sqlite_bind_text(q, 6, spec->experiment_id);
	return sqlite_run(q, err);
}

static int
put_first_tags(struct sqlite_store *s, const struct run_spec *spec,
               const char *name, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q =
	    sqlite_prepare_tag(s, spec->invocation_id, err);
	int failed = q ? 0 : -1;

	for (size_t i = 0; !failed && spec->tags && i < spec->tags->n; i++)
		failed = sqlite_put_tag(s, q, spec->tags->v[i].key,
		                        spec->tags->v[i].value, err);
	return failed ? -1 : sqlite_put_tag(s, q, TAG_RUN_NAME, name, err);
}

static int
make_run(struct sqlite_store *s, const struct run_spec *spec, struct err *err)
{
	cleanup_free char *below =
	    mem_printf("%s/artifacts", spec->invocation_id);
	cleanup_free char *name = choose_name(spec);
	cleanup_free char *location = NULL;
	cleanup_free char *uri = NULL;

	if (location_of(s, spec->experiment_id, &location, err))
		return -1;
	uri = local_uri_append(location, below);
	if (insert_run(s, spec, name, uri, err))
		return -1;
	return put_first_tags(s, spec, name, err);
}

/* Before anything is written: what will not do is refused as a whole. */
static int
check(const struct run_spec *spec, struct err *err)
{
	if (!file_is_id(spec->invocation_id))
		return err_set(err, ERR_FORMAT, "'%s' cannot be a run id",
		               spec->invocation_id);
	for (size_t i = 0; spec->tags && i < spec->tags->n; i++)
		if (tracking_check_key(spec->tags->v[i].key, err))
			return err_wrap(err, "tag");
	return 0;
}

int
sqlite_create_run(struct tracking *t, const struct run_spec *spec,
                  struct run *ret, struct err *err)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);
	struct run run = {.id = NULL};
	int failed;

	if (check(spec, err) || sqlite_store_need(s, false, err) ||
	    sqlite_begin(s->db, err))
		return -1;
	failed = tell(s, spec->invocation_id, &run, err);
	if (failed && err->kind == ERR_NOTFOUND)
		failed = make_run(s, spec, err) ||
		         tell(s, spec->invocation_id, &run, err);
	if (sqlite_end(s->db, failed, err)) {
		run_free(&run);
		return -1;
	}
	*ret = run;
	return 0;
}

/* --- finding and ending ------------------------------------------------- */

int
sqlite_find_by_tag(struct tracking *t, const char *experiment_id,
                   const char *key, const char *value, struct run *ret,
                   struct err *err)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);
	cleanup_sqlite_query struct sqlite_query *q = NULL;
	cleanup_free char *id = NULL;
	int got;

	if (sqlite_store_need(s, false, err))
		return -1;
	q = sqlite_prepare(s->db,
	                   "SELECT r.run_uuid FROM tags AS t"
	                   " JOIN runs AS r ON r.run_uuid = t.run_uuid"
	                   " WHERE t.key = ?1 AND t.value = ?2"
	                   " AND (?3 IS NULL OR r.experiment_id = ?3)"
	                   " ORDER BY r.start_time DESC LIMIT 1",
	                   err);
	if (!q)
		return -1;
	sqlite_bind_text(q, 1, key);
	sqlite_bind_text(q, 2, value);
	sqlite_bind_text(q, 3, experiment_id);
	got = sqlite_step(q, err);
	if (got < 0)
		return -1;
	if (!got)
		return err_set(err, ERR_NOTFOUND,
		               "no run has the tag %s=%s in '%s'", key, value,
		               s->path);
	id = mem_dup(sqlite_text(q, 0));
	sqlite_reset(q);
	return tell(s, id, ret, err);
}

int
sqlite_end_run(struct sqlite_store *s, const char *run_id,
               const struct run_end *end, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q = NULL;

	if (end->status < RUN_RUNNING || end->status > RUN_KILLED)
		return err_set(err, ERR_FORMAT, "%u is no status", end->status);
	q = sqlite_prepare(s->db,
	                   "UPDATE runs SET status = ?, end_time = nullif(?, 0)"
	                   " WHERE run_uuid = ?",
	                   err);
	if (!q)
		return -1;
	sqlite_bind_text(q, 1, run_status_name((enum run_status)end->status));
	sqlite_bind_int(q, 2, end->time);
	sqlite_bind_text(q, 3, run_id);
	return sqlite_run(q, err);
}

int
sqlite_set_status(struct tracking *t, const char *run_id, unsigned status,
                  int64_t end_time, struct err *err)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);
	const struct run_end end = {status, end_time};

	if (sqlite_check_active(s, run_id, err))
		return -1;
	return sqlite_end_run(s, run_id, &end, err);
}

int
sqlite_running(struct tracking *t, const char *host, struct strv *ret,
               struct err *err)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);
	cleanup_sqlite_query struct sqlite_query *q = NULL;
	int got;

	if (sqlite_store_need(s, false, err))
		return err->kind == ERR_NOTFOUND ? 0 : -1;
	q = sqlite_prepare(s->db,
	                   "SELECT r.run_uuid FROM runs AS r"
	                   " JOIN tags AS t ON t.run_uuid = r.run_uuid"
	                   " WHERE r.status = 'RUNNING'"
	                   " AND r.lifecycle_stage = 'active'"
	                   " AND t.key = 'kmlflow.host' AND t.value = ?",
	                   err);
	if (!q)
		return -1;
	sqlite_bind_text(q, 1, host);
	while ((got = sqlite_step(q, err)) > 0)
		strv_add(ret, sqlite_text(q, 0));
	return got;
}

int
sqlite_delete_tag(struct tracking *t, const char *run_id, const char *key,
                  struct err *err)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);
	cleanup_sqlite_query struct sqlite_query *q = NULL;

	if (sqlite_check_active(s, run_id, err))
		return -1;
	q = sqlite_prepare(s->db,
	                   "DELETE FROM tags WHERE run_uuid = ? AND key = ?",
	                   err);
	if (!q)
		return -1;
	sqlite_bind_text(q, 1, run_id);
	sqlite_bind_text(q, 2, key);
	return sqlite_run(q, err);
}
