/* SPDX-License-Identifier: MIT */
/* rest_experiment.c - experiments of a tracking server */
#include "base/err.h"
#include "base/mem.h"
#include "store/tracking_rest.h"
#include "wire/json.h"

/* Pages of a list; a server that never ends it is left alone. */
enum { PAGE = 1000, PAGES_MAX = 1000 };

static int
get_experiment(struct rest *r, const struct experiment_spec *spec,
               struct cJSON **ret, struct err *err)
{
	cleanup_kvs struct kvs query = KVS_INIT;
	const struct rest_call call = {
	    .method = "GET",
	    .path = spec->id ? "experiments/get" : "experiments/get-by-name",
	    .query = &query,
	};

	kvs_set(&query, spec->id ? "experiment_id" : "experiment_name",
	        spec->id ? spec->id : spec->name);
	return rest_do(r, &call, ret, err);
}

static int
create(struct rest *r, const struct experiment_spec *spec, struct err *err)
{
	cleanup_json struct cJSON *body = json_object();

	json_set_str(body, "name", spec->name);
	if (spec->artifact_location)
		json_set_str(body, "artifact_location",
		             spec->artifact_location);
	if (spec->tags && spec->tags->n)
		json_set(body, "tags", rest_pairs(spec->tags));
	return rest_post(r, "experiments/create", body, err);
}

static int
restore(struct rest *r, const char *id, struct err *err)
{
	cleanup_json struct cJSON *body = json_object();

	json_set_str(body, "experiment_id", id);
	return rest_post(r, "experiments/restore", body, err);
}

static int
check_stage(struct tracking_rest *t, const struct cJSON *experiment,
            const struct experiment_spec *spec, bool dry, struct err *err)
{
	const char *stage = json_str(experiment, "lifecycle_stage");
	const char *id = json_str(experiment, "experiment_id");
	bool deleted = stage && !strcmp(stage, "deleted");

	t->experiment_active = !deleted || !dry;
	if (!deleted)
		return 0;
	if (!spec->restore_if_deleted)
		return err_set(err, ERR_REMOTE,
		               "experiment '%s' is deleted: restore it with "
		               "'mlflow experiments restore -x %s', or use "
		               "another name",
		               spec->id ? spec->id : spec->name, id);
	return dry ? 0 : restore(&t->rest, id, err);
}

/* 'answer' is that of experiments/get. */
static int
take(struct tracking_rest *t, const struct cJSON *answer,
     const struct experiment_spec *spec, bool dry, struct err *err)
{
	const struct cJSON *experiment = json_get(answer, "experiment");
	const char *id = json_str(experiment, "experiment_id");
	const char *name = json_str(experiment, "name");

	if (!id || !name)
		return err_set(err, ERR_REMOTE,
		               "%s tells of an experiment without id or name",
		               t->rest.base);
	if (check_stage(t, experiment, spec, dry, err))
		return -1;
	mem_replace(&t->experiment_id, mem_dup(id));
	mem_replace(&t->experiment_name, mem_dup(name));
	return 0;
}

/* Missing: somebody else may make it at the same time. */
static int
make(struct tracking_rest *t, const struct experiment_spec *spec,
     struct err *err)
{
	cleanup_json struct cJSON *answer = NULL;

	if (create(&t->rest, spec, err) && err->kind != ERR_CONFLICT)
		return err_wrap(err, "create experiment '%.200s'", spec->name);
	if (get_experiment(&t->rest, spec, &answer, err))
		return -1;
	return take(t, answer, spec, false, err);
}

/* The one that was asked for last is not asked for again. */
static bool
is_known(const struct tracking_rest *t, const struct experiment_spec *spec)
{
	if (!t->experiment_id || !t->experiment_active)
		return false;
	return spec->id ? !strcmp(spec->id, t->experiment_id)
	                : !strcmp(spec->name, t->experiment_name);
}

static int
find(struct tracking_rest *t, const struct experiment_spec *spec, bool dry,
     struct err *err)
{
	cleanup_json struct cJSON *answer = NULL;

	if (!get_experiment(&t->rest, spec, &answer, err))
		return take(t, answer, spec, dry, err);
	if (err->kind != ERR_NOTFOUND)
		return -1;
	if (!spec->id && spec->create)
		return dry ? 1 : make(t, spec, err);
	return err_set(err, ERR_NOTFOUND,
	               "there is no experiment '%.200s' on %s",
	               spec->id ? spec->id : spec->name, t->rest.base);
}

int
rest_experiment(struct tracking *base, const struct experiment_spec *spec,
                bool dry, char **id, char **name, struct err *err)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);
	int got = is_known(t, spec) ? 0 : find(t, spec, dry, err);

	if (got < 0)
		return -1;
	*id = got ? NULL : mem_dup(t->experiment_id);
	*name = mem_dup(got ? spec->name : t->experiment_name);
	return 0;
}

char *
rest_experiment_name(struct tracking_rest *t, const char *id)
{
	const struct experiment_spec spec = {.id = id};
	cleanup_json struct cJSON *answer = NULL;
	struct err ignored = ERR_INIT;

	if (t->experiment_id && !strcmp(t->experiment_id, id))
		return mem_dup(t->experiment_name);
	if (get_experiment(&t->rest, &spec, &answer, &ignored))
		return NULL;
	return mem_dup(json_str(json_get(answer, "experiment"), "name"));
}

static int
search_page(struct rest *r, const char *token, struct cJSON **ret,
            struct err *err)
{
	cleanup_json struct cJSON *body = json_object();
	const struct rest_call call = {
	    .method = "POST",
	    .path = "experiments/search",
	    .body = body,
	};

	json_set_int(body, "max_results", PAGE);
	json_set_str(body, "view_type", "ALL");
	if (token)
		json_set_str(body, "page_token", token);
	return rest_do(r, &call, ret, err);
}

int
rest_all_experiments(struct rest *r, struct strv *ids, struct err *err)
{
	cleanup_free char *token = NULL;

	for (int i = 0; i < PAGES_MAX; i++) {
		cleanup_json struct cJSON *page = NULL;
		const struct cJSON *e;

		if (search_page(r, token, &page, err))
			return -1;
		e = json_first(json_get(page, "experiments"));
		for (; e; e = json_next(e))
			if (json_str(e, "experiment_id"))
				strv_add(ids, json_str(e, "experiment_id"));
		mem_replace(&token, mem_dup(json_str(page, "next_page_token")));
		if (!token || !*token)
			return 0;
	}
	return 0;
}
