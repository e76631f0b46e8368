/* SPDX-License-Identifier: MIT */
/* sqlite_data.c - params, tags and metrics of the SQLite store */
#include <float.h>
#include <math.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/ucs.h"
#include "model/run.h"
#include "store/key.h"
#include "store/sqlite_store.h"

#define TAG_RUN_NAME "mlflow.runName"

/* What an entry cannot help is noted; what stops all is an error. */
struct logging {
	struct sqlite_store *s;
	const char *run_id;
	int *conflicts;
	struct err *first;
};

static void
note(struct logging *l, const struct err *e)
{
	if (l->first->kind == ERR_NONE)
		*l->first = *e;
}

void
sqlite_bind_clean(struct sqlite_query *q, int at, const char *value, size_t max)
{
	cleanup_buf struct buf text = BUF_INIT;

	key_clean_value(&text, value, max);
	sqlite_bind_text(q, at, text.s);
}

/* --- params ------------------------------------------------------------- */

static const char param_insert[] =
    "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)"
    " ON CONFLICT DO NOTHING";

/* A value that is there stays; another one than ours is counted. */
static int
compare_param(struct logging *l, const char *key, const char *ours,
              struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q = sqlite_prepare(
	    l->s->db,
	    "SELECT value = ? FROM params WHERE key = ? AND run_uuid = ?", err);

	if (!q)
		return -1;
	sqlite_bind_text(q, 1, ours);
	sqlite_bind_text(q, 2, key);
	sqlite_bind_text(q, 3, l->run_id);
	if (sqlite_step(q, err) < 0)
		return -1;
	*l->conflicts += !sqlite_int(q, 0);
	return 0;
}

static int
put_param(struct logging *l, struct sqlite_query *q, const struct kv *p,
          struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT;
	int limit = l->s->base.param_limit;
	struct err e = ERR_INIT;

	if (tracking_check_key(p->key, &e)) {
		err_wrap(&e, "param");
		note(l, &e);
		return 0;
	}
	if (key_clean_value(&text, p->value, (size_t)limit)) {
		err_set(&e, ERR_FORMAT,
		        "param '%s': %zu characters, this store takes %d",
		        p->key, ucs_count(p->value), limit);
		note(l, &e);
		return 0;
	}
	sqlite_bind_text(q, 1, p->key);
	sqlite_bind_text(q, 2, text.s);
	sqlite_bind_text(q, 3, l->run_id);
	if (sqlite_run(q, err))
		return -1;
	return sqlite_changes(l->s->db) ? 0
	                                : compare_param(l, p->key, text.s, err);
}

static int
put_params(struct logging *l, const struct kvs *params, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q = NULL;
	int failed = 0;

	if (!params || !params->n)
		return 0;
	q = sqlite_prepare(l->s->db, param_insert, err);
	if (!q)
		return -1;
	for (size_t i = 0; !failed && i < params->n; i++)
		failed = put_param(l, q, &params->v[i], err);
	return failed;
}

/* --- metrics ------------------------------------------------------------ */

static const char point_insert[] =
    "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";

/* The latest is the highest by step, then time, then value. */
static const char latest_insert[] =
    "INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step,"
    " is_nan) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    " ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value,"
    " timestamp = excluded.timestamp, step = excluded.step,"
    " is_nan = excluded.is_nan"
    " WHERE (excluded.step, excluded.timestamp, excluded.value) >"
    " (step, coalesce(timestamp, 0), value)";

static int
put_point(struct logging *l, struct sqlite_query *q, const struct metric *m,
          struct err *err)
{
	double value = m->value;

	if (isnan(value))
		value = 0;
	else if (isinf(value))
		value = value > 0 ? DBL_MAX : -DBL_MAX;
	sqlite_bind_text(q, 1, m->key);
	sqlite_bind_real(q, 2, value);
	sqlite_bind_int(q, 3, m->timestamp);
	sqlite_bind_text(q, 4, l->run_id);
	sqlite_bind_int(q, 5, m->step);
	sqlite_bind_int(q, 6, isnan(m->value) ? 1 : 0);
	return sqlite_run(q, err);
}

static int
put_metrics(struct logging *l, const struct metrics *all, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *points = NULL;
	cleanup_sqlite_query struct sqlite_query *latest = NULL;

	if (!all || !all->n)
		return 0;
	points = sqlite_prepare(l->s->db, point_insert, err);
	latest = points ? sqlite_prepare(l->s->db, latest_insert, err) : NULL;
	if (!latest)
		return -1;
	for (size_t i = 0; i < all->n; i++) {
		struct err e = ERR_INIT;

		if (tracking_check_key(all->v[i].key, &e)) {
			err_wrap(&e, "metric");
			note(l, &e);
		} else if (put_point(l, points, &all->v[i], err) ||
		           put_point(l, latest, &all->v[i], err)) {
			return -1;
		}
	}
	return 0;
}

/* --- tags --------------------------------------------------------------- */

struct sqlite_query *
sqlite_prepare_tag(struct sqlite_store *s, const char *run_id, struct err *err)
{
	struct sqlite_query *q = sqlite_prepare(
	    s->db,
	    "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)"
	    " ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value",
	    err);

	if (q)
		sqlite_bind_text(q, 3, run_id);
	return q;
}

int
sqlite_put_tag(struct sqlite_store *s, struct sqlite_query *q, const char *key,
               const char *value, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT;
	size_t cut = key_clean_value(&text, value, s->tag_limit);

	if (cut)
		log_debug("tag '%s': %zu characters over the store's %zu are "
		          "left out",
		          key, cut, s->tag_limit);
	sqlite_bind_text(q, 1, key);
	sqlite_bind_text(q, 2, text.s);
	return sqlite_run(q, err);
}

/* The tag of the name and the name itself are always the same. */
static int
rename_run(struct logging *l, const char *name, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q =
	    sqlite_prepare(l->s->db,
	                   "UPDATE runs SET name = ? WHERE run_uuid = ?", err);

	if (!q)
		return -1;
	sqlite_bind_clean(q, 1, name, l->s->tag_limit);
	sqlite_bind_text(q, 2, l->run_id);
	return sqlite_run(q, err);
}

static int
put_tags(struct logging *l, const struct kvs *tags, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q = NULL;

	if (!tags || !tags->n)
		return 0;
	q = sqlite_prepare_tag(l->s, l->run_id, err);
	if (!q)
		return -1;
	for (size_t i = 0; i < tags->n; i++) {
		const struct kv *tag = &tags->v[i];
		struct err e = ERR_INIT;

		if (tracking_check_key(tag->key, &e)) {
			err_wrap(&e, "tag");
			note(l, &e);
			continue;
		}
		if (sqlite_put_tag(l->s, q, tag->key, tag->value, err))
			return -1;
		if (!strcmp(tag->key, TAG_RUN_NAME) &&
		    rename_run(l, tag->value, err))
			return -1;
	}
	return 0;
}

/* --- the verbs ---------------------------------------------------------- */

int
sqlite_log(struct tracking *t, const char *run_id, const struct run_data *data,
           int *conflicts, struct err *err)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);
	struct err first = ERR_INIT;
	int counted = 0;
	struct logging l = {s, run_id, &counted, &first};
	int failed;

	if (sqlite_store_need(s, false, err) || sqlite_begin(s->db, err))
		return -1;
	failed = sqlite_check_active(s, run_id, err) ||
	         put_params(&l, data->params, err) ||
	         put_metrics(&l, data->metrics, err) ||
	         put_tags(&l, data->tags, err) ||
	         (data->end && sqlite_end_run(s, run_id, data->end, err));
	if (sqlite_end(s->db, failed, err))
		return -1;
	*conflicts += counted;
	if (first.kind == ERR_NONE)
		return 0;
	*err = first;
	return -1;
}

static int
read_values(struct sqlite_store *s, const char *text, const char *run_id,
            struct kvs *ret, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q =
	    sqlite_prepare(s->db, text, err);
	int got;

	if (!q)
		return -1;
	sqlite_bind_text(q, 1, run_id);
	while ((got = sqlite_step(q, err)) > 0) {
		cleanup_free char *key = mem_dup(sqlite_text(q, 0));
		const char *value = sqlite_text(q, 1);

		kvs_push(ret, key, value ? value : "");
	}
	return got;
}

int
sqlite_read(struct tracking *t, const char *run_id, struct kvs *params,
            struct kvs *tags, struct err *err)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);
	cleanup_run struct run run = {.id = NULL};

	if (sqlite_get_run(t, run_id, &run, err))
		return -1;
	if (params && read_values(s,
	                          "SELECT key, value FROM params"
	                          " WHERE run_uuid = ? ORDER BY rowid",
	                          run_id, params, err))
		return -1;
	if (tags && read_values(s,
	                        "SELECT key, value FROM tags"
	                        " WHERE run_uuid = ? ORDER BY rowid",
	                        run_id, tags, err))
		return -1;
	return 0;
}

int
sqlite_last_steps(struct tracking *t, const char *run_id,
                  struct metrics *points, struct err *err)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);
	cleanup_sqlite_query struct sqlite_query *q = NULL;
	cleanup_run struct run run = {.id = NULL};

	if (sqlite_get_run(t, run_id, &run, err))
		return -1;
	q = sqlite_prepare(s->db,
	                   "SELECT step FROM metrics WHERE run_uuid = ?"
	                   " AND key = ? ORDER BY step DESC LIMIT 1",
	                   err);
	if (!q)
		return -1;
	for (size_t i = 0; i < points->n; i++) {
		int got;

		sqlite_bind_text(q, 1, run_id);
		sqlite_bind_text(q, 2, points->v[i].key);
		got = sqlite_step(q, err);
		if (got < 0)
			return -1;
		if (got)
			points->v[i].step = sqlite_int(q, 0);
		sqlite_reset(q);
	}
	return 0;
}
