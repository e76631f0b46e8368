/* SPDX-License-Identifier: MIT */
/* rest_create.c - a run on a tracking server, made once */
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/run.h"
#include "store/file_store.h"
#include "store/tracking_rest.h"
#include "wire/json.h"

#define TAG_RUN_NAME "mlflow.runName"
#define TAG_INVOCATION "kmlflow.invocation_id"

struct creation {
	struct tracking_rest *t;
	const struct run_spec *spec;
	struct cJSON *answer; /* what a search by the invocation has told */
	const struct cJSON *found; /* in it */
};

/* 1: it is there; 0: it is not; -1: who knows. */
static int
look_for(struct creation *c, bool once, struct err *err)
{
	cleanup_strv struct strv ids = STRV_INIT;
	const struct rest_tag tag = {
	    .key = TAG_INVOCATION,
	    .value = c->spec->invocation_id,
	    .once = once,
	};

	strv_add(&ids, c->spec->experiment_id);
	json_free_ptr(&c->answer);
	if (rest_search_tag(&c->t->rest, &ids, &tag, &c->answer, &c->found,
	                    err))
		return -1;
	return c->found ? 1 : 0;
}

/* Asked when an answer was lost: a repeat would make a second run. */
static int
is_made(void *ctx)
{
	struct err ignored = ERR_INIT;

	return look_for(ctx, true, &ignored);
}

static struct cJSON *
make_body(const struct run_spec *spec, const char *name, bool all_tags)
{
	struct cJSON *body = json_object();
	struct cJSON *tags = json_array();

	json_set_str(body, "experiment_id", spec->experiment_id);
	json_set_str(body, "user_id", spec->user ? spec->user : "unknown");
	json_set_str(body, "run_name", name);
	json_set_int(body, "start_time", spec->start_time);
	rest_push_pair(tags, TAG_RUN_NAME, name);
	rest_push_pair(tags, TAG_INVOCATION, spec->invocation_id);
	for (size_t i = 0; all_tags && spec->tags && i < spec->tags->n; i++) {
		const struct kv *tag = &spec->tags->v[i];

		if (strcmp(tag->key, TAG_RUN_NAME) != 0 &&
		    strcmp(tag->key, TAG_INVOCATION) != 0)
			rest_push_pair(tags, tag->key, tag->value);
	}
	json_set(body, "tags", tags);
	return body;
}

static int
post_run(struct creation *c, const char *name, bool all_tags, struct run *ret,
         struct err *err)
{
	cleanup_json struct cJSON *body = make_body(c->spec, name, all_tags);
	cleanup_json struct cJSON *answer = NULL;
	const struct rest_call call = {
	    .method = "POST",
	    .path = "runs/create",
	    .body = body,
	    .is_done = is_made,
	    .ctx = c,
	};
	int got = rest_do(&c->t->rest, &call, &answer, err);

	if (got < 0)
		return -1;
	return got ? rest_tell_run(c->found, ret, err)
	           : rest_tell_run(json_get(answer, "run"), ret, err);
}

/* A tag that is refused does not take the run along. */
static int
make_run(struct creation *c, const char *name, struct run *ret, struct err *err)
{
	struct run_data data = {.tags = c->spec->tags};
	struct err refused = ERR_INIT;
	int ignored;

	if (!post_run(c, name, true, ret, err))
		return 0;
	if (err->kind != ERR_FORMAT || post_run(c, name, false, ret, err))
		return -1;
	if (rest_log(&c->t->base, ret->id, &data, &ignored, &refused))
		log_debug("%s", refused.msg);
	return 0;
}

static char *
choose_name(const struct run_spec *spec)
{
	const char *tag = spec->tags ? kvs_get(spec->tags, TAG_RUN_NAME) : NULL;

	if (spec->name && *spec->name)
		return mem_dup(spec->name);
	return tag && *tag ? mem_dup(tag) : file_run_name(spec->invocation_id);
}

int
rest_create_run(struct tracking *base, const struct run_spec *spec,
                struct run *ret, struct err *err)
{
	struct creation c = {
	    .t = container_of(base, struct tracking_rest, base),
	    .spec = spec,
	};
	cleanup_free char *name = choose_name(spec);
	int got = 0;

	for (size_t i = 0; spec->tags && i < spec->tags->n; i++)
		if (tracking_check_key(spec->tags->v[i].key, err))
			return err_wrap(err, "tag");
	if (!spec->fresh)
		got = look_for(&c, false, err);
	if (got > 0)
		got = rest_tell_run(c.found, ret, err);
	else if (got == 0)
		got = make_run(&c, name, ret, err);
	json_free(c.answer);
	if (!got && !*ret->name)
		mem_replace(&ret->name, mem_steal(&name));
	return got;
}
