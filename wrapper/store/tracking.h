/* SPDX-License-Identifier: MIT */
/* tracking.h - where runs are recorded, whatever the store */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct kvs;
struct metrics;
struct run;
struct run_spec;
struct strv;
struct tracking; /* opaque; backends see tracking_impl.h */

/*
 * The scheme of 'uri' picks the backend: none or "file" is a local directory,
 * "sqlite" a database file, "http" and "https" a tracking server.  Nothing is
 * written before the first call that must write.  ERR_CONFIG: no such backend,
 * or the store cannot be written to; the message says what to do.
 * tracking_close() frees *ret.
 */
int tracking_open(const char *uri, struct tracking **ret, struct err *err);
void tracking_close(struct tracking *t); /* NULL is a no-op */

/*
 * What is to be said of a local store that is not there yet and will be made:
 * one line, owned.  NULL: it is there, or is not ours to make.
 */
char *tracking_new_store(struct tracking *t);

/*
 * From here on all calls together may wait this long for a server that is not
 * there, five times as long for one that is and does not answer, and fail with
 * ERR_RETRY then; 0: as long as the store's rules say.
 */
void tracking_set_patience(struct tracking *t, int ms);

/* How to find an experiment, or to make it. */
struct experiment_spec {
	const char *id;   /* must exist; NULL: by name */
	const char *name; /* NULL when 'id' is given */
	bool create;
	bool restore_if_deleted;
	const char *artifact_location; /* for a new one; NULL: the store's */
	const struct kvs *tags;        /* for a new one; may be NULL */
};

/*
 * Looks up, restores or creates.  ERR_NOTFOUND: missing and not to be made;
 * ERR_REMOTE: deleted and not to be restored.  *id and *name are owned by the
 * caller.  With 'dry' nothing is written, and *id is NULL for one that would
 * be made.
 */
int tracking_experiment(struct tracking *t, const struct experiment_spec *spec,
                        bool dry, char **id, char **name, struct err *err);

/*
 * Begins a run, status RUNNING.  Called again with the same invocation_id it
 * gives the same run, so that a lost answer never makes a second one.
 * *ret holds id, names and artifact URI; run_free() frees it.
 */
int tracking_create_run(struct tracking *t, const struct run_spec *spec,
                        struct run *ret, struct err *err);

/* ERR_NOTFOUND: no such run. */
int tracking_get_run(struct tracking *t, const char *run_id, struct run *ret,
                     struct err *err);

/* Params and tags that the run has now; either may be NULL. */
int tracking_read(struct tracking *t, const char *run_id, struct kvs *params,
                  struct kvs *tags, struct err *err);

/*
 * For the key of each of 'points' the highest step that the run has; the step
 * of one that it has not at all is left as it is.  ERR_NOTFOUND: no such run.
 */
int tracking_last_steps(struct tracking *t, const char *run_id,
                        struct metrics *points, struct err *err);

/* The most recent run whose tag 'key' is 'value'; ERR_NOTFOUND: none. */
int tracking_find_by_tag(struct tracking *t, const char *experiment_id,
                         const char *key, const char *value, struct run *ret,
                         struct err *err);

/*
 * The ids of the runs with the status RUNNING that have the tag kmlflow.host
 * with this value; without those that are deleted.  No store, no runs.
 */
int tracking_running(struct tracking *t, const char *host, struct strv *ret,
                     struct err *err);

/* How a run ends; 'time' 0 leaves it without one. */
struct run_end {
	unsigned status;
	int64_t time; /* ms since the epoch */
};

/* What is added to a run; each may be NULL. */
struct run_data {
	const struct kvs *params;
	const struct metrics *metrics;
	const struct kvs *tags;
	const struct run_end *end; /* set when all else is there */
};

/*
 * Adds to a run.  A param that is there with another value is left as it is
 * and counted in *conflicts (may be NULL).  A tag replaces.  A metric point
 * that is there already is not written twice.  An entry that cannot be stored
 * does not take the others along: they are written, the end is set, and the
 * first such entry is what 'err' tells (ERR_FORMAT: its key or value will never
 * do).
 */
int tracking_log(struct tracking *t, const char *run_id,
                 const struct run_data *data, int *conflicts, struct err *err);

/* Sets the status; 'end_time' 0 leaves the run without one. */
int tracking_set_status(struct tracking *t, const char *run_id, unsigned status,
                        int64_t end_time, struct err *err);

/* Takes a tag away; one that is not there is fine. */
int tracking_delete_tag(struct tracking *t, const char *run_id, const char *key,
                        struct err *err);

/* Longest param value that the store takes, in characters. */
int tracking_param_limit(struct tracking *t);

/*
 * Whether MLflow takes 'key' as the name of a param, metric or tag: up to 250
 * characters, letters and digits of any script, "_-./: ", no leading slash,
 * no empty, "." or ".." components.  ERR_FORMAT says what is wrong with it.
 */
int tracking_check_key(const char *key, struct err *err);
