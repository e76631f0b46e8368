/* SPDX-License-Identifier: MIT */
/* sqlite_experiment.c - experiments of the SQLite store */
#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/strv.h"
#include "store/file_store.h"
#include "store/key.h"
#include "store/local_uri.h"
#include "store/sqlite_store.h"

#define WORKSPACE "default"

enum { EXPERIMENT_TAG_MAX = 5000 };

/* 'name' NULL: there is none. */
struct found {
	int64_t id;
	char *name;
	bool deleted;
};

static void
found_free(struct found *f)
{
	free(f->name);
	f->name = NULL;
}

/* --- looking up --------------------------------------------------------- */

/* The number that 'id' is; -1: it cannot be one. */
static int64_t
number_of(const char *id)
{
	size_t len = strspn(id, "0123456789");

	return len && len <= 18 && !id[len] ? strtoll(id, NULL, 10) : -1;
}

static struct sqlite_query *
finder(struct sqlite_store *s, const struct experiment_spec *spec,
       struct err *err)
{
	cleanup_free char *text = mem_printf(
	    "SELECT experiment_id, name, lifecycle_stage FROM experiments"
	    " WHERE %s%s",
	    spec->id ? "experiment_id = ?" : "name = ?",
	    !spec->id && s->has_workspace ? " AND workspace = '" WORKSPACE "'"
					  : "");
	struct sqlite_query *q = sqlite_prepare(s->db, text, err);

	if (q && spec->id)
		sqlite_bind_int(q, 1, number_of(spec->id));
	else if (q)
		sqlite_bind_text(q, 1, spec->name);
	return q;
}

static int
find(struct sqlite_store *s, const struct experiment_spec *spec,
     struct found *ret, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q = finder(s, spec, err);
	int got = q ? sqlite_step(q, err) : -1;
	const char *stage;

	if (got < 0)
		return -1;
	found_free(ret);
	if (!got)
		return 0;
	ret->id = sqlite_int(q, 0);
	ret->name = mem_dup(sqlite_text(q, 1));
	stage = sqlite_text(q, 2);
	ret->deleted = stage && !strcmp(stage, "deleted");
	return 0;
}

static int
missing(const struct sqlite_store *s, const struct experiment_spec *spec,
        struct err *err)
{
	if (spec->id)
		return err_set(err, ERR_NOTFOUND,
		               "there is no experiment with the id '%s' in "
		               "'%s'",
		               spec->id, s->path);
	return err_set(err, ERR_NOTFOUND,
	               "there is no experiment '%s' in '%s', and it may not "
	               "be created",
	               spec->name, s->path);
}

/* --- making ------------------------------------------------------------- */

int
sqlite_add_experiment(struct sqlite_store *s, int64_t id, const char *name,
                      const char *location, struct err *err)
{
	cleanup_free char *number = mem_printf("%" PRId64, id);
	cleanup_free char *below = local_uri_append(s->root, number);
	cleanup_free char *text = mem_printf(
	    "INSERT INTO experiments (experiment_id, name, artifact_location,"
	    " lifecycle_stage%s%s) VALUES (?, ?, ?, 'active'%s%s)",
	    s->has_times ? ", creation_time, last_update_time" : "",
	    s->has_workspace ? ", workspace" : "", s->has_times ? ", ?, ?" : "",
	    s->has_workspace ? ", '" WORKSPACE "'" : "");
	cleanup_sqlite_query struct sqlite_query *q =
	    sqlite_prepare(s->db, text, err);
	int64_t now = clock_now_ms();

	if (!q)
		return -1;
	sqlite_bind_int(q, 1, id);
	sqlite_bind_text(q, 2, name);
	sqlite_bind_text(q, 3, location ? location : below);
	if (s->has_times) {
		sqlite_bind_int(q, 4, now);
		sqlite_bind_int(q, 5, now);
	}
	return sqlite_run(q, err);
}

/* One more than the highest, which is what SQLite would give; 0 is Default. */
static int
next_id(struct sqlite_store *s, const char *name, int64_t *ret, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q = sqlite_prepare(
	    s->db,
	    "SELECT coalesce(max(experiment_id), 0) + 1,"
	    " count(*) FILTER (WHERE experiment_id = 0) FROM experiments",
	    err);

	if (!q || sqlite_step(q, err) < 0)
		return -1;
	*ret = sqlite_int(q, 0);
	if (!strcmp(name, "Default") && !sqlite_int(q, 1))
		*ret = 0;
	return 0;
}

static int
add_tags(struct sqlite_store *s, int64_t id, const struct kvs *tags,
         struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q = sqlite_prepare(
	    s->db,
	    "INSERT INTO experiment_tags (key, value, experiment_id)"
	    " VALUES (?, ?, ?)",
	    err);
	int failed = q ? 0 : -1;

	for (size_t i = 0; !failed && tags && i < tags->n; i++) {
		sqlite_bind_text(q, 1, tags->v[i].key);
		sqlite_bind_clean(q, 2, tags->v[i].value, EXPERIMENT_TAG_MAX);
		sqlite_bind_int(q, 3, id);
		failed = sqlite_run(q, err);
	}
	return failed;
}

/* A local one is made absolute; NULL: the store's own. */
static int
own_location(const char *wanted, char **ret, struct err *err)
{
	cleanup_free char *scheme = NULL;

	*ret = NULL;
	if (!wanted || !*wanted)
		return 0;
	scheme = local_uri_scheme(wanted);
	if (!*scheme || !strcmp(scheme, "file"))
		return local_uri_absolute(wanted, ret, err);
	*ret = mem_dup(wanted);
	return 0;
}

static int
make(struct sqlite_store *s, const struct experiment_spec *spec,
     struct found *ret, struct err *err)
{
	cleanup_free char *location = NULL;
	int64_t id;

	if (own_location(spec->artifact_location, &location, err) ||
	    next_id(s, spec->name, &id, err) ||
	    sqlite_add_experiment(s, id, spec->name, location, err) ||
	    add_tags(s, id, spec->tags, err))
		return -1;
	ret->id = id;
	ret->name = mem_dup(spec->name);
	return 0;
}

static int
update(struct sqlite_store *s, const char *text, int64_t id, struct err *err)
{
	cleanup_sqlite_query struct sqlite_query *q =
	    sqlite_prepare(s->db, text, err);

	if (!q)
		return -1;
	sqlite_bind_int(q, 1, id);
	return sqlite_run(q, err);
}

static int
restore(struct sqlite_store *s, struct found *f, struct err *err)
{
	cleanup_free char *experiment =
	    mem_printf("UPDATE experiments SET lifecycle_stage = 'active'%s"
	               " WHERE experiment_id = ?1",
	               s->has_times ? ", last_update_time = ?2" : "");
	cleanup_free char *runs =
	    mem_printf("UPDATE runs SET lifecycle_stage = 'active'%s"
	               " WHERE experiment_id = ?",
	               s->has_deleted_time ? ", deleted_time = NULL" : "");
	cleanup_sqlite_query struct sqlite_query *q =
	    sqlite_prepare(s->db, experiment, err);

	if (!q)
		return -1;
	sqlite_bind_int(q, 1, f->id);
	if (s->has_times)
		sqlite_bind_int(q, 2, clock_now_ms());
	if (sqlite_run(q, err) || update(s, runs, f->id, err))
		return -1;
	f->deleted = false;
	return 0;
}

/* --- the verb ----------------------------------------------------------- */

/* Within a transaction what was seen before it may have changed. */
static int
change(struct sqlite_store *s, const struct experiment_spec *spec,
       struct found *f, struct err *err)
{
	int failed;

	if (sqlite_begin(s->db, err))
		return -1;
	failed = find(s, spec, f, err);
	if (!failed && !f->name)
		failed = make(s, spec, f, err);
	else if (!failed && f->deleted)
		failed = restore(s, f, err);
	return sqlite_end(s->db, failed, err);
}

static bool
is_default(const struct experiment_spec *spec)
{
	return spec->id ? !strcmp(spec->id, "0")
	                : !strcmp(spec->name, "Default");
}

/* Finds, or makes unless 'dry'; f->name stays NULL for one that would be. */
static int
settle(struct sqlite_store *s, const struct experiment_spec *spec, bool dry,
       struct found *f, struct err *err)
{
	bool may_create = !spec->id && spec->create;

	if (find(s, spec, f, err))
		return -1;
	if (f->name && !f->deleted)
		return 0;
	if (f->name && !spec->restore_if_deleted)
		return err_set(err, ERR_REMOTE,
		               "experiment '%s' (id %" PRId64 ") is deleted: "
		               "restore it, or choose another",
		               f->name, f->id);
	if (!f->name && !may_create)
		return missing(s, spec, err);
	if (!f->name && file_check_new_experiment(spec, err))
		return -1;
	return dry ? 0 : change(s, spec, f, err);
}

/* Where there is no database yet, and none is to be made now. */
static int
without_database(struct sqlite_store *s, const struct experiment_spec *spec,
                 char **id, char **name, struct err *err)
{
	bool may_create = !spec->id && spec->create;

	if (!may_create && !is_default(spec))
		return missing(s, spec, err);
	if (may_create && file_check_new_experiment(spec, err))
		return -1;
	*id = NULL;
	*name = mem_dup(spec->id ? "Default" : spec->name);
	return 0;
}

int
sqlite_experiment(struct tracking *t, const struct experiment_spec *spec,
                  bool dry, char **id, char **name, struct err *err)
{
	struct sqlite_store *s = container_of(t, struct sqlite_store, base);
	bool create = !dry && ((!spec->id && spec->create) || is_default(spec));
	struct found f = {.name = NULL};

	if (sqlite_store_need(s, create, err)) {
		if (err->kind != ERR_NOTFOUND)
			return -1;
		if (!dry)
			return missing(s, spec, err);
		return without_database(s, spec, id, name, err);
	}
	if (settle(s, spec, dry, &f, err)) {
		found_free(&f);
		return -1;
	}
	*id = f.name ? mem_printf("%" PRId64, f.id) : NULL;
	*name = f.name ? f.name : mem_dup(spec->name);
	return 0;
}
