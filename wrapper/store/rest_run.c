/* SPDX-License-Identifier: MIT */
/* rest_run.c - runs of a tracking server: made, found, ended */
#include "base/buf.h"
#include "base/err.h"
#include "model/run.h"
#include "store/key.h"
#include "store/tracking_rest.h"
#include "wire/json.h"

#define TAG_RUN_NAME "mlflow.runName"

enum { UNFILTERED_PAGE = 200, UNFILTERED_PAGES = 10 };

int64_t
rest_int(const struct cJSON *object, const char *key, int64_t fallback)
{
	const char *text = json_str(object, key);

	return text ? strtoll(text, NULL, 10) : json_int(object, key, fallback);
}

int
rest_post(struct rest *r, const char *path, const struct cJSON *body,
          struct err *err)
{
	const struct rest_call call = {
	    .method = "POST",
	    .path = path,
	    .body = body,
	};

	return rest_do(r, &call, NULL, err);
}

void
rest_push_pair(struct cJSON *list, const char *key, const char *value)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct cJSON *pair = json_object();

	key_clean_value(&text, value, TAG_VALUE_MAX);
	json_set_str(pair, "key", key);
	json_set_str(pair, "value", text.s);
	json_push(list, pair);
}

struct cJSON *
rest_pairs(const struct kvs *kvs)
{
	struct cJSON *list = json_array();

	for (size_t i = 0; kvs && i < kvs->n; i++)
		rest_push_pair(list, kvs->v[i].key, kvs->v[i].value);
	return list;
}

/* --- telling ------------------------------------------------------------ */

static enum run_status
status_of(const struct cJSON *info)
{
	const char *word = json_str(info, "status");

	for (int i = RUN_RUNNING; word && i <= RUN_KILLED; i++)
		if (!strcmp(word, run_status_name((enum run_status)i)))
			return (enum run_status)i;
	return RUN_RUNNING;
}

/* Servers before 1.30 have the name in a tag only. */
static const char *
name_of(const struct cJSON *run)
{
	const char *name = json_str(json_get(run, "info"), "run_name");
	const struct cJSON *tag =
	    json_first(json_get(json_get(run, "data"), "tags"));

	for (; (!name || !*name) && tag; tag = json_next(tag)) {
		const char *key = json_str(tag, "key");

		if (key && !strcmp(key, TAG_RUN_NAME))
			name = json_str(tag, "value");
	}
	return name ? name : "";
}

int
rest_tell_run(const struct cJSON *run, struct run *ret, struct err *err)
{
	const struct cJSON *info = json_get(run, "info");
	const char *id = json_str(info, "run_id");
	const char *stage = json_str(info, "lifecycle_stage");
	const char *uri = json_str(info, "artifact_uri");

	if (!id)
		id = json_str(info, "run_uuid");
	if (!id || !uri || !json_str(info, "experiment_id"))
		return err_set(err, ERR_REMOTE,
		               "the server tells of a run without id, "
		               "experiment or artifact URI");
	*ret = (struct run){
	    .id = mem_dup(id),
	    .experiment_id = mem_dup(json_str(info, "experiment_id")),
	    .name = mem_dup(name_of(run)),
	    .artifact_uri = mem_dup(uri),
	    .status = status_of(info),
	    .start_time = rest_int(info, "start_time", 0),
	    .deleted = stage && !strcmp(stage, "deleted"),
	};
	return 0;
}

int
rest_fetch_run(struct rest *r, const char *run_id, struct cJSON **ret,
               struct err *err)
{
	cleanup_kvs struct kvs query = KVS_INIT;
	const struct rest_call call = {
	    .method = "GET",
	    .path = "runs/get",
	    .query = &query,
	};

	kvs_set(&query, "run_id", run_id);
	return rest_do(r, &call, ret, err);
}

int
rest_get_run(struct tracking *base, const char *run_id, struct run *ret,
             struct err *err)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);
	cleanup_json struct cJSON *answer = NULL;

	if (rest_fetch_run(&t->rest, run_id, &answer, err) ||
	    rest_tell_run(json_get(answer, "run"), ret, err))
		return -1;
	ret->experiment_name = rest_experiment_name(t, ret->experiment_id);
	return 0;
}

static void
read_pairs(const struct cJSON *list, struct kvs *to)
{
	const struct cJSON *n = json_first(list);

	for (; to && n; n = json_next(n)) {
		const char *value = json_str(n, "value");

		if (json_str(n, "key"))
			kvs_push(to, json_str(n, "key"), value ? value : "");
	}
}

int
rest_read(struct tracking *base, const char *run_id, struct kvs *params,
          struct kvs *tags, struct err *err)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);
	cleanup_json struct cJSON *answer = NULL;
	const struct cJSON *data;

	if (rest_fetch_run(&t->rest, run_id, &answer, err))
		return -1;
	data = json_get(json_get(answer, "run"), "data");
	read_pairs(json_get(data, "params"), params);
	read_pairs(json_get(data, "tags"), tags);
	return 0;
}

/* The server tells the latest point of each metric: that of the last step. */
int
rest_last_steps(struct tracking *base, const char *run_id,
                struct metrics *points, struct err *err)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);
	cleanup_json struct cJSON *answer = NULL;
	const struct cJSON *n;

	if (rest_fetch_run(&t->rest, run_id, &answer, err))
		return -1;
	n = json_get(json_get(json_get(answer, "run"), "data"), "metrics");
	for (n = json_first(n); n; n = json_next(n)) {
		const char *key = json_str(n, "key");

		for (size_t i = 0; key && i < points->n; i++)
			if (!strcmp(key, points->v[i].key))
				points->v[i].step = rest_int(n, "step", 0);
	}
	return 0;
}

/* --- finding ------------------------------------------------------------ */

/* There is no way to write a quote within quotes. */
static int
make_filter(const char *key, const char *value, struct buf *to, struct err *err)
{
	char quote = strchr(value, '\'') ? '"' : '\'';

	if (strchr(value, quote) || strchr(key, '`'))
		return err_set(err, ERR_FORMAT,
		               "a server cannot be asked for the tag %s=%s",
		               key, value);
	buf_addf(to, "tags.`%s` = %c%s%c", key, quote, value, quote);
	return 0;
}

static int
search(struct rest *r, const struct strv *experiments,
       const struct rest_tag *tag, const char *token, struct cJSON **ret,
       struct err *err)
{
	cleanup_json struct cJSON *body = json_object();
	cleanup_buf struct buf filter = BUF_INIT;
	struct cJSON *ids = json_array();
	const struct rest_call call = {
	    .method = "POST",
	    .path = "runs/search",
	    .body = body,
	    .once = tag->once,
	};

	for (size_t i = 0; i < experiments->n; i++)
		json_push_str(ids, experiments->v[i]);
	json_set(body, "experiment_ids", ids);
	if (make_filter(tag->key, tag->value, &filter, err))
		return -1;
	/* The most recent comes first where no order is named. */
	json_set_str(body, "filter", filter.s);
	json_set_str(body, "run_view_type", "ALL");
	json_set_int(body, "max_results", token ? UNFILTERED_PAGE : 1);
	if (token && *token)
		json_set_str(body, "page_token", token);
	return rest_do(r, &call, ret, err);
}

static bool
has_tag(const struct cJSON *run, const struct rest_tag *tag)
{
	const struct cJSON *n = json_get(json_get(run, "data"), "tags");

	for (n = json_first(n); n; n = json_next(n)) {
		const char *key = json_str(n, "key");
		const char *value = json_str(n, "value");

		if (key && value && !strcmp(key, tag->key))
			return !strcmp(value, tag->value);
	}
	return false;
}

/*
 * A server that knows no filters (GitLab's) answers with all its runs: those
 * are looked through, as far back as the run that is looked for can be.
 */
int
rest_search_tag(struct rest *r, const struct strv *experiments,
                const struct rest_tag *tag, struct cJSON **ret,
                const struct cJSON **run, struct err *err)
{
	cleanup_free char *token = NULL;

	*run = NULL;
	for (int i = 0; i < UNFILTERED_PAGES; i++) {
		cleanup_json struct cJSON *page = NULL;
		const struct cJSON *n;

		if (search(r, experiments, tag, token, &page, err))
			return -1;
		n = json_first(json_get(page, "runs"));
		if (!n)
			return 0;
		while (n && !has_tag(n, tag))
			n = json_next(n);
		if (n) {
			*run = n;
			*ret = page;
			page = NULL;
			return 0;
		}
		/* The first was of one run alone: all anew, in pages. */
		mem_replace(&token,
		            i ? mem_dup(json_str(page, "next_page_token"))
		              : mem_dup(""));
		if (!token || (i && !*token))
			return 0;
	}
	return 0;
}

int
rest_find_by_tag(struct tracking *base, const char *experiment_id,
                 const char *key, const char *value, struct run *ret,
                 struct err *err)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);
	cleanup_json struct cJSON *answer = NULL;
	cleanup_strv struct strv ids = STRV_INIT;
	const struct rest_tag tag = {.key = key, .value = value};
	const struct cJSON *run;

	if (experiment_id)
		strv_add(&ids, experiment_id);
	else if (rest_all_experiments(&t->rest, &ids, err))
		return -1;
	if (rest_search_tag(&t->rest, &ids, &tag, &answer, &run, err))
		return -1;
	if (!run)
		return err_set(err, ERR_NOTFOUND,
		               "no run has the tag %s=%s on %s", key, value,
		               t->rest.base);
	if (rest_tell_run(run, ret, err))
		return -1;
	ret->experiment_name = rest_experiment_name(t, ret->experiment_id);
	return 0;
}

/* --- ending ------------------------------------------------------------- */

int
rest_set_status(struct tracking *base, const char *run_id, unsigned status,
                int64_t end_time, struct err *err)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);
	cleanup_json struct cJSON *body = json_object();

	if (status < RUN_RUNNING || status > RUN_KILLED)
		return err_set(err, ERR_FORMAT, "%u is no status", status);
	json_set_str(body, "run_id", run_id);
	json_set_str(body, "run_uuid", run_id); /* servers before 1.1 */
	json_set_str(body, "status", run_status_name((enum run_status)status));
	if (end_time)
		json_set_int(body, "end_time", end_time);
	return rest_post(&t->rest, "runs/update", body, err);
}

int
rest_delete_tag(struct tracking *base, const char *run_id, const char *key,
                struct err *err)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);
	cleanup_json struct cJSON *body = json_object();

	json_set_str(body, "run_id", run_id);
	json_set_str(body, "key", key);
	if (!rest_post(&t->rest, "runs/delete-tag", body, err))
		return 0;
	if (err->kind != ERR_NOTFOUND)
		return -1;
	*err = (struct err)ERR_INIT;
	return 0;
}
