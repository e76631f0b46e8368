/* SPDX-License-Identifier: MIT */
/* rest_log.c - params, tags and metrics to a tracking server, in batches */
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/ucs.h"
#include "model/run.h"
#include "store/key.h"
#include "store/rest_items.h"
#include "store/tracking_rest.h"
#include "wire/json.h"

/*
 * What a server takes in one request.  The bytes are those that a proxy lets
 * through where nobody has told it otherwise (1 MiB).
 */
enum {
	PARAMS_MAX = 100,
	TAGS_MAX = 100,
	BATCH_MAX = 1000,
	BYTES_MAX = 900 << 10,
};

/* A server that refuses this many requests refuses everything. */
enum { REFUSALS_MAX = 400 };

struct logging {
	struct rest *rest;
	const char *run_id;
	struct items items;
	int *conflicts;
	struct err first; /* of the entries that cannot be stored */
	struct err fatal; /* why the rest is not sent */
	bool compared;    /* with what the run has */
	int refusals;
};

/* Items [from, from + n). */
struct range {
	struct logging *l;
	size_t from;
	size_t n;
};

static bool
is_over(const struct logging *l)
{
	return l->fatal.kind != ERR_NONE;
}

static struct cJSON *
make_body(const struct range *r, bool *empty)
{
	struct cJSON *body = json_object();
	struct cJSON *lists[] = {
	    [ITEM_PARAM] = json_array(),
	    [ITEM_TAG] = json_array(),
	    [ITEM_METRIC] = json_array(),
	};

	*empty = true;
	json_set_str(body, "run_id", r->l->run_id);
	for (size_t i = r->from; i < r->from + r->n; i++) {
		const struct item *item = &r->l->items.v[i];

		if (item->gone)
			continue;
		*empty = false;
		json_push(lists[item->kind], item_json(item));
	}
	json_set(body, "params", lists[ITEM_PARAM]);
	json_set(body, "metrics", lists[ITEM_METRIC]);
	json_set(body, "tags", lists[ITEM_TAG]);
	return body;
}

/* After a lost answer: a point must not be written twice. */
static int
has_all(void *ctx)
{
	const struct range *r = ctx;
	cleanup_json struct cJSON *answer = NULL;
	struct err ignored = ERR_INIT;

	if (rest_fetch_run(r->l->rest, r->l->run_id, &answer, &ignored))
		return -1;
	return items_are_there(&r->l->items, r->from, r->n,
	                       json_get(answer, "run"));
}

static int
post(struct range *r, struct err *err)
{
	bool empty;
	cleanup_json struct cJSON *body = make_body(r, &empty);
	const struct rest_call call = {
	    .method = "POST",
	    .path = "runs/log-batch",
	    .body = body,
	    .is_done = has_all,
	    .ctx = r,
	};

	if (empty)
		return 0;
	return rest_do(r->l->rest, &call, NULL, err) < 0 ? -1 : 0;
}

/*
 * The most likely reason for a refusal is a param that is there with another
 * value.  *gone: items of this range need not be sent any more.
 */
static int
compare(struct range *r, bool *gone, struct err *err)
{
	struct logging *l = r->l;
	cleanup_json struct cJSON *answer = NULL;
	const struct cJSON *run;
	const char *stage;

	l->compared = true;
	if (rest_fetch_run(l->rest, l->run_id, &answer, err))
		return -1;
	run = json_get(answer, "run");
	stage = json_str(json_get(run, "info"), "lifecycle_stage");
	if (stage && !strcmp(stage, "deleted"))
		return err_set(err, ERR_REMOTE,
		               "the run '%s' is deleted: nothing can be added "
		               "to it",
		               l->run_id);
	*l->conflicts += items_drop_params(&l->items, run);
	*gone = items_left(&l->items, r->from, r->n) < r->n;
	return 0;
}

static void
note(struct logging *l, const struct item *item, struct err *e)
{
	static const char *const names[] = {
	    [ITEM_PARAM] = "param",
	    [ITEM_TAG] = "tag",
	    [ITEM_METRIC] = "metric",
	};

	if (l->first.kind != ERR_NONE)
		return;
	err_wrap(e, "%s '%.80s'", names[item->kind], item->key);
	e->kind = ERR_FORMAT;
	l->first = *e;
}

static void send(struct range *r);

static void
send_part(struct range *r, size_t from, size_t n)
{
	struct range part = {.l = r->l, .from = r->from + from, .n = n};

	if (n && !is_over(r->l))
		send(&part);
}

/* Halves it until the items that are not wanted are alone. */
static void
divide(struct range *r, struct err *e)
{
	struct logging *l = r->l;
	struct item *item = &l->items.v[r->from];

	if (r->n > 1) {
		send_part(r, 0, r->n / 2);
		send_part(r, r->n / 2, r->n - r->n / 2);
	} else if (item_shorten(item)) {
		send_part(r, 0, 1);
	} else {
		note(l, item, e);
		item->gone = true;
	}
}

static void
send(struct range *r)
{
	struct logging *l = r->l;
	struct err e = ERR_INIT;
	bool gone = false;

	if (!post(r, &e))
		return;
	if ((e.kind != ERR_FORMAT && e.kind != ERR_CONFLICT) ||
	    ++l->refusals > REFUSALS_MAX) {
		l->fatal = e;
		return;
	}
	if (!l->compared) {
		struct err lost = ERR_INIT;

		if (compare(r, &gone, &lost))
			l->fatal = lost;
		else if (gone)
			send_part(r, 0, r->n);
		else
			divide(r, &e);
		return;
	}
	divide(r, &e);
}

/* --- batches ------------------------------------------------------------ */

/* As many of the items from 'from' on as fit into one request. */
static size_t
batch_size(const struct items *items, size_t from)
{
	size_t counts[] = {
	    [ITEM_PARAM] = 0,
	    [ITEM_TAG] = 0,
	    [ITEM_METRIC] = 0,
	};
	size_t bytes = 0;
	size_t n = 0;

	for (; from + n < items->n && n < BATCH_MAX; n++) {
		const struct item *item = &items->v[from + n];

		bytes += item->size;
		counts[item->kind]++;
		if (counts[ITEM_PARAM] > PARAMS_MAX ||
		    counts[ITEM_TAG] > TAGS_MAX || (n && bytes > BYTES_MAX))
			break;
	}
	return n;
}

static void
collect(struct logging *l, const struct run_data *data)
{
	size_t params = data->params ? data->params->n : 0;
	size_t tags = data->tags ? data->tags->n : 0;
	size_t metrics = data->metrics ? data->metrics->n : 0;
	size_t p = 0, t = 0, m = 0;

	/* In this order each batch is as full as it can be. */
	while (p < params || t < tags || m < metrics) {
		size_t room = BATCH_MAX;

		for (size_t i = 0; i < PARAMS_MAX && p < params; i++, room--)
			items_add_param(&l->items, &data->params->v[p++],
			                &l->first);
		for (size_t i = 0; i < TAGS_MAX && t < tags; i++, room--)
			items_add_tag(&l->items, &data->tags->v[t++],
			              &l->first);
		for (; room && m < metrics; room--)
			items_add_metric(&l->items, &data->metrics->v[m++],
			                 &l->first);
	}
}

int
rest_log(struct tracking *base, const char *run_id, const struct run_data *data,
         int *conflicts, struct err *err)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);
	struct logging l = {
	    .rest = &t->rest,
	    .run_id = run_id,
	    .conflicts = conflicts,
	};
	size_t n;

	collect(&l, data);
	for (size_t from = 0; from < l.items.n && !is_over(&l); from += n) {
		struct range r = {.l = &l, .from = from};

		n = batch_size(&l.items, from);
		r.n = n;
		send(&r);
	}
	items_free(&l.items);
	/* What was not sent weighs more than what cannot be stored. */
	if (!is_over(&l) && l.first.kind == ERR_NONE)
		return 0;
	*err = is_over(&l) ? l.fatal : l.first;
	return -1;
}
