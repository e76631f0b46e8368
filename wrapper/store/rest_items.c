/* SPDX-License-Identifier: MIT */
/* rest_items.c - params, tags and metrics on their way to a server */
#include "store/rest_items.h"

#include <math.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/map.h"
#include "base/ucs.h"
#include "model/run.h"
#include "store/key.h"
#include "store/tracking_rest.h"
#include "wire/json.h"

/* The JSON around key and value, and a metric's numbers. */
enum { OVERHEAD = 40, METRIC_OVERHEAD = 110 };

void
items_free(struct items *items)
{
	for (size_t i = 0; i < items->n; i++)
		free(items->v[i].value);
	free(items->v);
	*items = (struct items){.n = 0};
}

static void
note(struct err *first, const struct err *e)
{
	if (first->kind == ERR_NONE)
		*first = *e;
}

static void
add(struct items *items, const struct item *item)
{
	if (items->n == items->cap) {
		items->cap = items->cap ? items->cap * 2 : 64;
		items->v = mem_grow(items->v, items->cap, sizeof(*items->v));
	}
	items->v[items->n++] = *item;
}

static bool
is_key(const char *what, const char *key, struct err *first)
{
	struct err e = ERR_INIT;

	if (!tracking_check_key(key, &e))
		return true;
	err_wrap(&e, "%s", what);
	note(first, &e);
	return false;
}

void
items_add_param(struct items *items, const struct kv *p, struct err *first)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct item item = {.kind = ITEM_PARAM, .key = p->key};
	struct err e = ERR_INIT;

	if (!is_key("param", p->key, first))
		return;
	if (key_clean_value(&text, p->value, PARAM_VALUE_MAX)) {
		err_set(&e, ERR_FORMAT,
		        "param '%s': %zu characters, MLflow takes %d", p->key,
		        ucs_count(p->value), PARAM_VALUE_MAX);
		note(first, &e);
		return;
	}
	item.size = strlen(p->key) + text.len + OVERHEAD;
	item.value = buf_detach(&text);
	add(items, &item);
}

void
items_add_tag(struct items *items, const struct kv *tag, struct err *first)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct item item = {.kind = ITEM_TAG, .key = tag->key};
	size_t cut;

	if (!is_key("tag", tag->key, first))
		return;
	cut = key_clean_value(&text, tag->value, TAG_VALUE_MAX);
	if (cut)
		log_debug("tag '%s': %zu characters over MLflow's %d are left "
		          "out",
		          tag->key, cut, TAG_VALUE_MAX);
	item.size = strlen(tag->key) + text.len + OVERHEAD;
	item.value = buf_detach(&text);
	add(items, &item);
}

void
items_add_metric(struct items *items, const struct metric *m, struct err *first)
{
	const struct item item = {
	    .kind = ITEM_METRIC,
	    .key = m->key,
	    .metric = m,
	    .size = strlen(m->key) + METRIC_OVERHEAD,
	};

	if (is_key("metric", m->key, first))
		add(items, &item);
}

struct cJSON *
item_json(const struct item *item)
{
	struct cJSON *o = json_object();

	json_set_str(o, "key", item->key);
	if (item->kind != ITEM_METRIC) {
		json_set_str(o, "value", item->value);
		return o;
	}
	json_set_double(o, "value", item->metric->value);
	json_set_int(o, "timestamp", item->metric->timestamp);
	json_set_int(o, "step", item->metric->step);
	return o;
}

/* 5000 from MLflow 1.2 on, 250 before. */
bool
item_shorten(struct item *item)
{
	static const size_t limits[] = {5000, 250};

	for (size_t i = 0; item->kind == ITEM_TAG && i < ARRAY_LEN(limits);
	     i++) {
		cleanup_buf struct buf text = BUF_INIT;

		if (ucs_count(item->value) <= limits[i])
			continue;
		key_clean_value(&text, item->value, limits[i]);
		mem_replace(&item->value, buf_detach(&text));
		log_debug("tag '%s': the server takes %zu characters",
		          item->key, limits[i]);
		return true;
	}
	return false;
}

size_t
items_left(const struct items *items, size_t from, size_t n)
{
	size_t left = 0;

	for (size_t i = from; i < from + n; i++)
		left += !items->v[i].gone;
	return left;
}

/* --- comparing ---------------------------------------------------------- */

/* Keys to the members of a list; they live as long as the run. */
static void
index_list(const struct cJSON *run, const char *list, struct map *to)
{
	const struct cJSON *n =
	    json_first(json_get(json_get(run, "data"), list));

	for (; n; n = json_next(n)) {
		const char *key = json_str(n, "key");

		if (key)
			*map_at(to, key) = (void *)(uintptr_t)n;
	}
}

static bool
is_same(const struct item *item, const struct cJSON *theirs)
{
	const char *text = json_str(theirs, "value");
	double value;

	if (item->kind != ITEM_METRIC)
		return text && !strcmp(text, item->value);
	value = json_double(theirs, "value", 0);
	return (value == item->metric->value ||
	        (isnan(value) && isnan(item->metric->value))) &&
	       rest_int(theirs, "timestamp", -1) == item->metric->timestamp &&
	       rest_int(theirs, "step", 0) == item->metric->step;
}

int
items_are_there(const struct items *items, size_t from, size_t n,
                const struct cJSON *run)
{
	struct map maps[] = {MAP_INIT, MAP_INIT, MAP_INIT};
	int all = 1;

	index_list(run, "params", &maps[ITEM_PARAM]);
	index_list(run, "tags", &maps[ITEM_TAG]);
	index_list(run, "metrics", &maps[ITEM_METRIC]);
	for (size_t i = from; all && i < from + n; i++) {
		const struct item *item = &items->v[i];
		const struct cJSON *theirs =
		    map_get(&maps[item->kind], item->key);

		all = item->gone || (theirs && is_same(item, theirs));
	}
	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		map_free(&maps[i], NULL);
	return all;
}

int
items_drop_params(struct items *items, const struct cJSON *run)
{
	struct map params = MAP_INIT;
	int conflicts = 0;

	index_list(run, "params", &params);
	for (size_t i = 0; i < items->n; i++) {
		struct item *item = &items->v[i];
		const struct cJSON *theirs = map_get(&params, item->key);

		if (item->kind != ITEM_PARAM || item->gone || !theirs)
			continue;
		item->gone = true;
		conflicts += !is_same(item, theirs);
	}
	map_free(&params, NULL);
	return conflicts;
}
