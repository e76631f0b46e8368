/* SPDX-License-Identifier: MIT */
/* tracking_rest.h - the parts of the REST store, for one another alone */
#pragma once

#include "store/rest.h"
#include "store/tracking_impl.h"

struct cJSON;

struct tracking_rest {
	struct tracking base;
	struct rest rest;
	/* The experiment that was found last, so that it is asked for once. */
	char *experiment_id;
	char *experiment_name;
	bool experiment_active;
};

/* The verbs of tracking_impl.h. */
int rest_experiment(struct tracking *t, const struct experiment_spec *spec,
                    bool dry, char **id, char **name, struct err *err);
int rest_create_run(struct tracking *t, const struct run_spec *spec,
                    struct run *ret, struct err *err);
int rest_get_run(struct tracking *t, const char *run_id, struct run *ret,
                 struct err *err);
int rest_read(struct tracking *t, const char *run_id, struct kvs *params,
              struct kvs *tags, struct err *err);
int rest_last_steps(struct tracking *t, const char *run_id,
                    struct metrics *points, struct err *err);
int rest_find_by_tag(struct tracking *t, const char *experiment_id,
                     const char *key, const char *value, struct run *ret,
                     struct err *err);
int rest_running(struct tracking *t, const char *host, struct strv *ret,
                 struct err *err);
int rest_log(struct tracking *t, const char *run_id,
             const struct run_data *data, int *conflicts, struct err *err);
int rest_delete_tag(struct tracking *t, const char *run_id, const char *key,
                    struct err *err);
int rest_set_status(struct tracking *t, const char *run_id, unsigned status,
                    int64_t end_time, struct err *err);

/* Posts 'body' to 'path'; the answer is only looked at for errors. */
int rest_post(struct rest *r, const char *path, const struct cJSON *body,
              struct err *err);

/* The whole of a run: {run: {info, data}}. */
int rest_fetch_run(struct rest *r, const char *run_id, struct cJSON **ret,
                   struct err *err);

/*
 * *run: the most recent run, of any stage, that has the tag; NULL: none, also
 * where that could not be told.  It lies in *ret, which is the caller's.
 */
struct rest_tag {
	const char *key;
	const char *value;
	bool once; /* no repeats */
};
int rest_search_tag(struct rest *r, const struct strv *experiments,
                    const struct rest_tag *tag, struct cJSON **ret,
                    const struct cJSON **run, struct err *err);

/* {info, data} as a run. */
int rest_tell_run(const struct cJSON *run, struct run *ret, struct err *err);

/* The name of an experiment, NULL where it cannot be told; owned. */
char *rest_experiment_name(struct tracking_rest *t, const char *id);

/* [{key, value}] of tags or params, the text made UTF-8. */
struct cJSON *rest_pairs(const struct kvs *kvs);
void rest_push_pair(struct cJSON *list, const char *key, const char *value);

/* An integer, which some servers write as a string. */
int64_t rest_int(const struct cJSON *object, const char *key, int64_t fallback);

/* All experiments' ids, of any stage. */
int rest_all_experiments(struct rest *r, struct strv *ids, struct err *err);
