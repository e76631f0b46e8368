/* SPDX-License-Identifier: MIT */
/* tracking_sqlite.c - an SQLite database as the tracking store */
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/strv.h"
#include "model/sqlite_uri.h"
#include "store/key.h"
#include "store/local_uri.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_store.h"

/*
 * MLflow takes several seconds to make its tables one by one, and fails if it
 * finds ours among them: an empty file may be one that it begins with.
 */
enum { WAIT_MS = 20000, EMPTY_MS = 3000, STEP_MS = 100 };

/* --- what the tables are like ------------------------------------------- */

static const char *const needed[] = {
    "experiments.experiment_id",
    "experiments.name",
    "experiments.artifact_location",
    "experiments.lifecycle_stage",
    "experiment_tags.value",
    "runs.run_uuid",
    "runs.name",
    "runs.source_type",
    "runs.source_name",
    "runs.source_version",
    "runs.entry_point_name",
    "runs.user_id",
    "runs.status",
    "runs.start_time",
    "runs.end_time",
    "runs.lifecycle_stage",
    "runs.artifact_uri",
    "runs.experiment_id",
    "params.value",
    "tags.value",
    "metrics.step",
    "metrics.is_nan",
    "latest_metrics.value",
};

static const char columns_query[] =
    "SELECT m.name || '.' || c.name, c.type"
    " FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c"
    " WHERE m.type = 'table' AND m.name IN ('experiments', 'experiment_tags',"
    " 'runs', 'params', 'tags', 'metrics', 'latest_metrics',"
    " 'alembic_version')";

/* The n of "VARCHAR(n)", and no more than 'most'. */
static size_t
limit_of(const char *type, size_t most)
{
	const char *open = type ? strchr(type, '(') : NULL;
	size_t n = open ? strtoul(open + 1, NULL, 10) : 0;

	return n && n < most ? n : most;
}

static void
note_limit(struct sqlite_store *s, const char *column, const char *type)
{
	if (!strcmp(column, "params.value"))
		s->base.param_limit = (int)limit_of(type, PARAM_VALUE_MAX);
	if (!strcmp(column, "tags.value"))
		s->tag_limit = limit_of(type, TAG_VALUE_MAX);
}

static int
read_columns(struct sqlite_store *s, struct strv *ret, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q =
	    sqlite_prepare(s->db, columns_query, err);
	int got = q ? sqlite_step(q, err) : -1;

	for (; got > 0; got = sqlite_step(q, err)) {
		strv_add(ret, sqlite_text(q, 0));
		note_limit(s, ret->v[ret->n - 1], sqlite_text(q, 1));
	}
	return got;
}

static int
has_tables(struct sqlite_store *s, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q =
	    sqlite_prepare(s->db, "SELECT 1 FROM sqlite_master LIMIT 1", err);

	return q ? sqlite_step(q, err) : -1;
}

int
sqlite_store_look(struct sqlite_store *s, enum sqlite_state *ret,
                  struct err *err)
{
	cleanup_strv struct strv columns = STRV_INIT;
	int any;

	if (read_columns(s, &columns, err))
		return -1;
	if (!columns.n) {
		any = has_tables(s, err);
		if (any >= 0)
			*ret = any ? SQLITE_FOREIGN : SQLITE_EMPTY;
		return any < 0 ? -1 : 0;
	}
	s->has_times = strv_has(&columns, "experiments.creation_time");
	s->has_workspace = strv_has(&columns, "experiments.workspace");
	s->has_deleted_time = strv_has(&columns, "runs.deleted_time");
	*ret = SQLITE_READY;
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!strv_has(&columns, needed[i]))
			*ret = SQLITE_PARTIAL;
	return 0;
}

/* --- opening ------------------------------------------------------------ */

/* Once; 'state' tells whether to go on. */
static int
connect(struct sqlite_store *s, bool create, enum sqlite_state *state,
        struct err *err)
{
	if (create && !s->db && !fs_exists(s->path) &&
	    sqlite_store_create(s, err))
		return -1;
	if ((!s->db && sqlite_open(s->path, false, &s->db, err)) ||
	    sqlite_store_look(s, state, err))
		return -1;
	if (*state == SQLITE_EMPTY && !create)
		return err_set(err, ERR_NOTFOUND, "the database '%s' is empty",
		               s->path);
	return 0;
}

static void
disconnect(struct sqlite_store *s)
{
	sqlite_close(s->db);
	s->db = NULL;
}

int
sqlite_store_need(struct sqlite_store *s, bool create, struct err *err)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};

	if (s->ready)
		return 0;
	for (int waited = 0; waited <= WAIT_MS; waited += STEP_MS) {
		enum sqlite_state state = SQLITE_FOREIGN;
		int failed = connect(s, create, &state, err);

		if (!failed && state == SQLITE_EMPTY && waited >= EMPTY_MS)
			failed = sqlite_store_fill(s, err);
		s->ready = !failed && state == SQLITE_READY;
		if (s->ready)
			return 0;
		/* A connection that was locked out waits less from now on. */
		if (!failed || err->kind != ERR_RETRY)
			disconnect(s);
		if (failed)
			return -1;
		if (state == SQLITE_FOREIGN)
			break;
		nanosleep(&step, NULL);
	}
	return err_set(
	    err, ERR_CONFIG,
	    "'%s' is a database, but not one of MLflow 1.3 or later: "
	    "choose another file with MLFLOW_TRACKING_URI, or let "
	    "'mlflow db upgrade' repair this one",
	    s->path);
}

static int
open_store(const char *uri, struct tracking **ret, struct err *err)
{
	cleanup_free char *cwd = fs_cwd();
	cleanup_free char *path = NULL;
	cleanup_free char *root = NULL;
	struct sqlite_store *s;

	/* As MLflow's client has it: beside the program, not the database. */
	if (sqlite_uri_path(uri, cwd, &path, err) ||
	    local_uri_absolute("mlruns", &root, err))
		return -1;
	s = mem_alloc(sizeof(*s));
	s->base.ops = &tracking_sqlite_ops;
	s->tag_limit = TAG_VALUE_MAX;
	s->path = mem_steal(&path);
	s->root = mem_steal(&root);
	*ret = &s->base;
	return 0;
}

static void
close_store(struct tracking *t)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);

	disconnect(s);
	free(s->path);
	free(s->root);
	free(s);
}

static char *
new_store(struct tracking *t)
{
	const struct sqlite_store *s =
	    container_of(t, struct sqlite_store, base);

	if (fs_exists(s->path))
		return NULL;
	return mem_printf("new store '%s' for MLflow %s and later; "
	                  "MLFLOW_TRACKING_URI=mlruns makes one that older "
	                  "releases read",
	                  s->path, sqlite_schema_release);
}

/* Where there is no database yet, ours will be as the newest has it. */
static void
ask_param_limit(struct tracking *t)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);
	struct err ignored = ERR_INIT;

	if (sqlite_store_need(s, false, &ignored))
		t->param_limit = PARAM_VALUE_MAX;
}

static const char *const schemes[] = {"sqlite", "sqlite+pysqlite", NULL};

const struct tracking_ops tracking_sqlite_ops = {
    .schemes = schemes,
    .open = open_store,
    .close = close_store,
    .new_store = new_store,
    .experiment = sqlite_experiment,
    .create_run = sqlite_create_run,
    .get_run = sqlite_get_run,
    .read = sqlite_read,
    .last_steps = sqlite_last_steps,
    .find_by_tag = sqlite_find_by_tag,
    .running = sqlite_running,
    .log = sqlite_log,
    .logs_end = true,
    .set_status = sqlite_set_status,
    .delete_tag = sqlite_delete_tag,
    .ask_param_limit = ask_param_limit,
};
