/* SPDX-License-Identifier: MIT */
/* omega.c - "${…}" in values: the tree, and what its parts stand for */
#include "model/omega.h"

#include <ctype.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "model/omega_node.h"
#include "model/pystr.h"
#include "model/value.h"
#include "wire/yaml.h"

int
omega_wrong(struct omega *o, const struct node *site, const char *fmt, ...)
{
	cleanup_buf struct buf text = BUF_INIT;
	const struct value *v = site->raw;
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	if (v->type != VALUE_STR)
		return err_at(o->err, v->file ? v->file : "option", v->line,
		              v->column, "%s", text.s);
	return err_at(o->err, v->file ? v->file : "option", v->line, v->column,
	              "'%.*s%s': %s",
	              (int)(v->text.len < 80 ? v->text.len : 80), v->text.s,
	              v->text.len > 80 ? "…" : "", text.s);
}

struct node *
omega_literal(struct omega *o, const struct node *site, struct value *v)
{
	struct node *n = arena_alloc(o->arena, sizeof(*n));

	if (!v->file) {
		v->file = site->raw->file;
		v->line = site->raw->line;
		v->column = site->raw->column;
	}
	n->raw = v;
	n->literal = true;
	return n;
}

const char *
omega_unresolved(const struct node *n)
{
	return n->raw->type == VALUE_STR ? n->raw->text.unresolved : NULL;
}

struct node *
omega_poison(struct omega *o, const struct node *site, const char *why)
{
	struct value *v = value_like(o->arena, VALUE_STR, site->raw);

	v->text = site->raw->text;
	v->text.unresolved = arena_dup(o->arena, why);
	return omega_literal(o, site, v);
}

bool
omega_missing(const struct node *n)
{
	return n->raw->type == VALUE_STR && n->raw->text.len == 3 &&
	       !memcmp(n->raw->text.s, "???", 3);
}

static bool
is_open_text(const struct value *v)
{
	return v->type == VALUE_STR && !v->text.unresolved &&
	       memmem(v->text.s, v->text.len, "${", 2);
}

/* Whether something at or below 'v' is to be replaced. */
static bool
is_open(const struct value *v)
{
	if (v->type == VALUE_LIST) {
		for (size_t i = 0; i < v->list.n; i++)
			if (is_open(v->list.v[i]))
				return true;
		return false;
	}
	if (v->type == VALUE_DICT) {
		for (size_t i = 0; i < v->dict.n; i++)
			if (is_open(v->dict.v[i].item))
				return true;
		return false;
	}
	return is_open_text(v);
}

static size_t
item_count(const struct value *v)
{
	return v->type == VALUE_LIST   ? v->list.n
	       : v->type == VALUE_DICT ? v->dict.n
	                               : 0;
}

static struct node *
kids_of(struct omega *o, struct node *n)
{
	size_t count = item_count(n->raw);

	if (n->kids || !count)
		return n->kids;
	n->kids = arena_alloc(o->arena, count * sizeof(*n->kids));
	for (size_t i = 0; i < count; i++) {
		n->kids[i].raw = n->raw->type == VALUE_LIST
		                     ? n->raw->list.v[i]
		                     : n->raw->dict.v[i].item;
		n->kids[i].up = n;
		n->kids[i].literal = n->literal;
	}
	return n->kids;
}

int
omega_deref(struct omega *o, struct node *n, struct node **ret)
{
	struct node *target = NULL;
	int failed;

	if (n->state == NODE_DONE || n->literal || !is_open_text(n->raw)) {
		*ret = n->target ? n->target : n;
		return 0;
	}
	if (n->state == NODE_BUSY)
		return omega_wrong(o, n, "refers to itself, by way of others");
	if (o->hops == OMEGA_MAX_HOPS)
		return omega_wrong(o, n,
		                   "more than %d values refer to one another",
		                   OMEGA_MAX_HOPS);
	n->state = NODE_BUSY;
	o->hops++;
	failed = omega_text(o, n, &target);
	o->hops--;
	n->state = failed ? NODE_NEW : NODE_DONE;
	if (failed)
		return -1;
	n->target = target;
	*ret = target;
	return 0;
}

struct node *
omega_start(const struct node *site, size_t dots)
{
	struct node *n = site->up;

	if (dots) {
		while (n && --dots)
			n = n->up;
		return n;
	}
	while (n && n->up)
		n = n->up;
	return n;
}

void
omega_split(const char *key, struct strv *to)
{
	bool first = true;

	while (*key || first) {
		size_t len;

		if (*key == '[') {
			len = strcspn(++key, "]");
			strv_take(to, mem_ndup(key, len));
			key += len + (key[len] == ']');
		} else {
			key += !first && *key == '.';
			len = strcspn(key, ".[");
			if (len || first || key[len] != '[')
				strv_take(to, mem_ndup(key, len));
			key += len;
		}
		first = false;
	}
}

/* A whole number that counts from the end where it is negative. */
static struct node *
item_of_list(struct omega *o, struct node *n, const char *key)
{
	size_t count = n->raw->list.n;
	char *end;
	long at = strtol(key, &end, 10);

	if (end == key || *end || isspace((unsigned char)*key))
		return NULL;
	if (at < 0)
		at += (long)count;
	return at < 0 || (size_t)at >= count ? NULL : &kids_of(o, n)[at];
}

static struct node *
item_of_dict(struct omega *o, struct node *n, const char *key)
{
	struct value *text = value_str(o->arena, key);
	const struct value_dict *dict = &n->raw->dict;
	const struct value_pair *p = value_find(n->raw, text);

	if (p)
		return &kids_of(o, n)[p - dict->v];
	/* Keys of another type are found by what they look like. */
	for (size_t i = 0; i < dict->n; i++) {
		cleanup_buf struct buf name = BUF_INIT;

		if (dict->v[i].key->type == VALUE_STR)
			continue;
		pystr(dict->v[i].key, &name);
		if (!strcmp(name.s, key))
			return &kids_of(o, n)[i];
	}
	return NULL;
}

int
omega_select(struct omega *o, struct node *from, const struct strv *parts,
             struct node **ret, struct node **last)
{
	struct node *n = from;

	*ret = NULL;
	*last = NULL;
	for (size_t i = 0; i < parts->n; i++) {
		struct node *at = NULL;

		if (omega_deref(o, n, &at) || !at)
			return -1;
		if (omega_unresolved(at)) {
			*ret = at;
			return 0;
		}
		if (at->raw->type == VALUE_DICT)
			n = item_of_dict(o, at, parts->v[i]);
		else if (at->raw->type == VALUE_LIST)
			n = item_of_list(o, at, parts->v[i]);
		else
			return 0;
		if (!n) {
			*last = at;
			return 0;
		}
	}
	return omega_deref(o, n, ret);
}

/* What the output would weigh: values, and texts by their length. */
static size_t
weight_of(const struct value *v)
{
	size_t weight = 1;

	if (v->type == VALUE_STR)
		return 1 + v->text.len / 64;
	for (size_t i = 0; i < item_count(v); i++)
		weight += weight_of(v->type == VALUE_LIST ? v->list.v[i]
		                                          : v->dict.v[i].item);
	return weight;
}

static int
deep_kid(struct omega *o, struct node *n, size_t i, struct value **ret)
{
	struct node *kid = &n->kids[i];
	struct node *end = NULL;

	if (omega_deep(o, kid, ret) || omega_deref(o, kid, &end) || !end ||
	    !*ret)
		return -1;
	n->weight += end->weight;
	if (n->weight > YAML_MAX_NODES)
		return omega_wrong(o, kid,
		                   "the values that it stands for are more "
		                   "than %d",
		                   YAML_MAX_NODES);
	/* A message about a value names the place that the user wrote. */
	if (end != kid && item_count(*ret) == 0) {
		struct value *copy = arena_alloc(o->arena, sizeof(*copy));

		*copy = **ret;
		copy->file = kid->raw->file;
		copy->line = kid->raw->line;
		copy->column = kid->raw->column;
		*ret = copy;
	}
	return 0;
}

static int
deep_container(struct omega *o, struct node *n)
{
	struct value *raw = n->raw;
	struct value *v = value_like(o->arena, raw->type, raw);
	size_t count = item_count(raw);

	kids_of(o, n);
	n->weight = 1;
	if (raw->type == VALUE_LIST) {
		v->list.n = count;
		v->list.v =
		    arena_alloc(o->arena, (count + 1) * sizeof(*v->list.v));
	} else {
		value_reserve(v, count, o->arena);
	}
	for (size_t i = 0; i < count; i++) {
		struct value *item = NULL;

		if (deep_kid(o, n, i, &item) || !item)
			return -1;
		if (raw->type == VALUE_LIST)
			v->list.v[i] = item;
		else
			value_put(v, raw->dict.v[i].key, item, o->arena);
	}
	n->done = v;
	return 0;
}

int
omega_deep(struct omega *o, struct node *n, struct value **ret)
{
	struct node *at = NULL;
	int failed;

	if (omega_deref(o, n, &at) || !at)
		return -1;
	if (!at->done && (at->literal || !is_open(at->raw))) {
		at->done = at->raw;
		at->weight = weight_of(at->raw);
	}
	if (!at->done) {
		if (at->deep == NODE_BUSY)
			return omega_wrong(o, n, "contains itself");
		if (o->depth == OMEGA_MAX_DEPTH)
			return omega_wrong(o, n, "more than %d levels deep",
			                   OMEGA_MAX_DEPTH);
		at->deep = NODE_BUSY;
		o->depth++;
		failed = deep_container(o, at);
		o->depth--;
		at->deep = NODE_NEW;
		if (failed)
			return -1;
	}
	*ret = at->done;
	return 0;
}

int
omega_resolve(struct value *tree, const struct omega_scope *scope,
              struct arena *arena, struct value **ret, struct err *err)
{
	struct omega o = {.scope = scope, .arena = arena, .err = err};
	struct node root = {.raw = tree};

	return omega_deep(&o, &root, ret);
}
