/* SPDX-License-Identifier: MIT */
/* rest_items.h - params, tags and metrics on their way to a server */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct cJSON;
struct err;
struct kv;
struct metric;

enum item_kind { ITEM_PARAM, ITEM_TAG, ITEM_METRIC };

struct item {
	enum item_kind kind;
	const char *key;             /* borrowed, as 'metric' is */
	char *value;                 /* of a param or tag, UTF-8 */
	const struct metric *metric; /* of a metric */
	size_t size;                 /* about as many bytes in a request */
	bool gone;                   /* need not be sent (any more) */
};

struct items {
	struct item *v;
	size_t n;
	size_t cap;
};

void items_free(struct items *items);

/* What MLflow does not take is not added, and told if *first is free. */
void items_add_param(struct items *items, const struct kv *p,
                     struct err *first);
void items_add_tag(struct items *items, const struct kv *tag,
                   struct err *first);
void items_add_metric(struct items *items, const struct metric *m,
                      struct err *first);

/* As a member of a list of log-batch. */
struct cJSON *item_json(const struct item *item);

/* A tag's value cut to what older servers take; false: it is that short. */
bool item_shorten(struct item *item);

/* How many of [from, from + n) are not gone. */
size_t items_left(const struct items *items, size_t from, size_t n);

/* 1: 'run' ({info, data}) has all of [from, from + n); 0: it has not. */
int items_are_there(const struct items *items, size_t from, size_t n,
                    const struct cJSON *run);

/* Params that the run has are gone; how many it has with another value. */
int items_drop_params(struct items *items, const struct cJSON *run);
