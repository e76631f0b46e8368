/* SPDX-License-Identifier: MIT */
/* sqlite_store.h - the parts of the SQLite tracking store, for one another */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/tracking_impl.h"
#include "wire/sqlite.h"

/* MLflow's tables of any release from 1.3 on, in one file. */
struct sqlite_store {
	struct tracking base;
	char *path;            /* of the database, absolute */
	char *root;            /* where experiments have their artifacts */
	struct sqlite *db;     /* NULL until it is needed */
	bool ready;            /* its tables have been looked at */
	bool has_times;        /* experiments know when they were made */
	bool has_deleted_time; /* so do runs that are deleted */
	bool has_workspace;    /* experiments belong to one */
	size_t tag_limit;      /* characters of a value */
};

/*
 * Connects, unless that is done.  'create' makes a database where there is
 * none; without it that is ERR_NOTFOUND.  Waits for another program that is
 * just making it.  ERR_CONFIG: a database of something else.
 */
int sqlite_store_need(struct sqlite_store *s, bool create, struct err *err);

/* The columns that differ from release to release, and what is missing. */
enum sqlite_state {
	SQLITE_EMPTY,   /* no tables at all */
	SQLITE_FOREIGN, /* tables, but none of MLflow's */
	SQLITE_PARTIAL, /* tables are missing still */
	SQLITE_READY,
};

int sqlite_store_look(struct sqlite_store *s, enum sqlite_state *ret,
                      struct err *err);

/* The whole database appears at once, unless there is one already. */
int sqlite_store_create(struct sqlite_store *s, struct err *err);

/* Fills an empty database that is there; one that was filled stays. */
int sqlite_store_fill(struct sqlite_store *s, struct err *err);

/* Within a transaction; 'location' NULL: below the root. */
int sqlite_add_experiment(struct sqlite_store *s, int64_t id, const char *name,
                          const char *location, struct err *err);

/* What MLflow keeps as text: UTF-8, and no more than 'max' characters. */
void sqlite_bind_clean(struct sqlite_query *q, int at, const char *value,
                       size_t max);

/*
 * Within a transaction.  The query of sqlite_prepare_tag(), for all tags of a
 * run; each goes over what is there, its key has been checked.
 */
struct sqlite_query *sqlite_prepare_tag(struct sqlite_store *s,
                                        const char *run_id, struct err *err);
int sqlite_put_tag(struct sqlite_store *s, struct sqlite_query *q,
                   const char *key, const char *value, struct err *err);

/* Within a transaction. */
int sqlite_end_run(struct sqlite_store *s, const char *run_id,
                   const struct run_end *end, struct err *err);

/* ERR_NOTFOUND or, if nothing may be added to it, ERR_REMOTE. */
int sqlite_check_active(struct sqlite_store *s, const char *run_id,
                        struct err *err);

/* The verbs of tracking_ops. */
int sqlite_experiment(struct tracking *t, const struct experiment_spec *spec,
                      bool dry, char **id, char **name, struct err *err);
int sqlite_create_run(struct tracking *t, const struct run_spec *spec,
                      struct run *ret, struct err *err);
int sqlite_get_run(struct tracking *t, const char *run_id, struct run *ret,
                   struct err *err);
int sqlite_find_by_tag(struct tracking *t, const char *experiment_id,
                       const char *key, const char *value, struct run *ret,
                       struct err *err);
int sqlite_running(struct tracking *t, const char *host, struct strv *ret,
                   struct err *err);
int sqlite_delete_tag(struct tracking *t, const char *run_id, const char *key,
                      struct err *err);
int sqlite_set_status(struct tracking *t, const char *run_id, unsigned status,
                      int64_t end_time, struct err *err);
int sqlite_read(struct tracking *t, const char *run_id, struct kvs *params,
                struct kvs *tags, struct err *err);
int sqlite_last_steps(struct tracking *t, const char *run_id,
                      struct metrics *points, struct err *err);
int sqlite_log(struct tracking *t, const char *run_id,
               const struct run_data *data, int *conflicts, struct err *err);
