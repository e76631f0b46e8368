/* SPDX-License-Identifier: MIT */
/* value.c - what YAML means: values as Python would hold them */
#include "model/value.h"

#include <math.h>

#include "base/arena.h"
#include "base/mem.h"

enum { SMALL = 8 }; /* pairs that are looked through one by one */

const char *
value_type_name(const struct value *v)
{
	static const char *const names[] = {
	    [VALUE_NULL] = "null",      [VALUE_BOOL] = "true or false",
	    [VALUE_INT] = "an integer", [VALUE_FLOAT] = "a number",
	    [VALUE_STR] = "a string",   [VALUE_DATE] = "a date",
	    [VALUE_LIST] = "a list",    [VALUE_DICT] = "a mapping",
	};

	return names[v->type];
}

struct value *
value_new(struct arena *arena, enum value_type type, const char *file, int line)
{
	struct value *v = arena_alloc(arena, sizeof(*v));

	v->type = type;
	v->file = file;
	v->line = line;
	return v;
}

struct value *
value_str(struct arena *arena, const char *s)
{
	struct value *v = value_new(arena, VALUE_STR, NULL, 0);

	v->text = (struct value_text){.s = s, .len = strlen(s)};
	return v;
}

/* What makes keys equal: a kind and some bytes. */
struct identity {
	char kind;
	const char *s;
	size_t len;
	char scratch[320];
};

/* Beyond 2^53 every double is whole; a NaN fails the comparisons. */
static bool
is_whole(double number)
{
	if (!isfinite(number))
		return false;
	if (number >= 9007199254740992.0 || number <= -9007199254740992.0)
		return true;
	return (double)(int64_t)number == number;
}

static void
identify_number(struct identity *id, double number)
{
	int n;

	id->kind = 'f';
	id->s = id->scratch;
	if (is_whole(number)) {
		id->kind = 'i';
		n = snprintf(id->scratch, sizeof(id->scratch), "%.0f",
		             number == 0 ? 0.0 : number);
	} else {
		n = snprintf(id->scratch, sizeof(id->scratch), "%a", number);
	}
	id->len = n < 0 ? 0 : (size_t)n;
}

static void
identify_date(struct identity *id, const struct value_date *d)
{
	int n = snprintf(id->scratch, sizeof(id->scratch),
	                 "%d-%d-%d %d %d:%d:%d.%d %d %d", d->year, d->month,
	                 d->day, d->time, d->hour, d->minute, d->second,
	                 d->micro, d->zone, d->offset);

	id->kind = 'd';
	id->s = id->scratch;
	id->len = n < 0 ? 0 : (size_t)n;
}

static void
identify(struct identity *id, const struct value *key)
{
	switch (key->type) {
	case VALUE_STR:
		id->kind = 's';
		id->s = key->text.s;
		id->len = key->text.len;
		return;
	case VALUE_INT:
		id->kind = 'i';
		id->s = key->text.s;
		id->len = key->text.len;
		return;
	case VALUE_BOOL:
		identify_number(id, key->boolean);
		return;
	case VALUE_FLOAT:
		identify_number(id, key->number);
		return;
	case VALUE_DATE:
		identify_date(id, &key->date);
		return;
	case VALUE_NULL:
	case VALUE_LIST:
	case VALUE_DICT:
		break;
	}
	id->kind = '0';
	id->s = "";
	id->len = 0;
}

static bool
same(const struct identity *a, const struct value *key)
{
	struct identity b;

	if (key->type == VALUE_STR)
		return a->kind == 's' && a->len == key->text.len &&
		       !memcmp(a->s, key->text.s, a->len);
	identify(&b, key);
	return a->kind == b.kind && a->len == b.len &&
	       !memcmp(a->s, b.s, a->len);
}

/* FNV-1a by words of eight, then mixed so that the low bits depend on all. */
static uint64_t
hash(const struct identity *id)
{
	uint64_t h = 0xcbf29ce484222325u ^ (unsigned char)id->kind;
	size_t i = 0;

	for (; i + 8 <= id->len; i += 8) {
		uint64_t word;

		memcpy(&word, id->s + i, 8);
		h = (h ^ word) * 0x100000001b3u;
		h ^= h >> 29;
	}
	for (; i < id->len; i++)
		h = (h ^ (unsigned char)id->s[i]) * 0x100000001b3u;
	return h ^ h >> 32;
}

/* The slot of 'id' or the free one where it would be. */
static size_t
probe(const struct value_dict *d, const struct identity *id)
{
	size_t slot = hash(id) & (d->n_index - 1);

	while (d->index[slot] && !same(id, d->v[d->index[slot] - 1].key))
		slot = (slot + 1) & (d->n_index - 1);
	return slot;
}

/* *slot is where the index has it, or would have it. */
static struct value_pair *
find(const struct value_dict *d, const struct identity *id, size_t *slot)
{
	if (d->index) {
		*slot = probe(d, id);
		return d->index[*slot] ? &d->v[d->index[*slot] - 1] : NULL;
	}
	for (size_t i = 0; i < d->n; i++)
		if (same(id, d->v[i].key))
			return &d->v[i];
	return NULL;
}

static void
grow(struct value_dict *d, struct arena *arena)
{
	size_t cap = d->cap ? d->cap * 2 : SMALL;
	struct value_pair *v = arena_alloc(arena, cap * sizeof(*v));

	if (d->n)
		memcpy(v, d->v, d->n * sizeof(*v));
	d->v = v;
	d->cap = cap;
	if (cap == SMALL)
		return;
	d->n_index = cap * 2;
	d->index = arena_alloc(arena, d->n_index * sizeof(*d->index));
	for (size_t i = 0; i < d->n; i++) {
		struct identity id;

		identify(&id, d->v[i].key);
		d->index[probe(d, &id)] = (uint32_t)i + 1;
	}
}

struct value_pair *
value_put(struct value *dict, struct value *key, struct value *item,
          struct arena *arena)
{
	struct value_dict *d = &dict->dict;
	struct value_pair *found;
	struct identity id;
	size_t slot = 0;

	identify(&id, key);
	found = find(d, &id, &slot);
	if (found) {
		found->item = item;
		return found;
	}
	if (d->n == d->cap) {
		grow(d, arena);
		find(d, &id, &slot);
	}
	if (d->index)
		d->index[slot] = (uint32_t)d->n + 1;
	d->v[d->n] = (struct value_pair){.key = key, .item = item};
	return &d->v[d->n++];
}

void
value_append(struct value *list, struct value *item, struct arena *arena)
{
	struct value_list *l = &list->list;

	/* A power of two is where the room ends. */
	if (!(l->n & (l->n - 1))) {
		size_t cap = l->n ? l->n * 2 : 1;
		struct value **v = arena_alloc(arena, cap * sizeof(*v));

		if (l->n)
			memcpy(v, l->v, l->n * sizeof(*v));
		l->v = v;
	}
	l->v[l->n++] = item;
}

const struct value_pair *
value_find(const struct value *dict, const struct value *key)
{
	struct identity id;
	size_t slot;

	if (!dict || dict->type != VALUE_DICT)
		return NULL;
	identify(&id, key);
	return find(&dict->dict, &id, &slot);
}

const struct value *
value_get(const struct value *dict, const char *key)
{
	struct identity id = {.kind = 's', .s = key, .len = strlen(key)};
	const struct value_pair *found;
	size_t slot;

	if (!dict || dict->type != VALUE_DICT)
		return NULL;
	found = find(&dict->dict, &id, &slot);
	return found ? found->item : NULL;
}

const char *
value_text(const struct value *v)
{
	if (!v || v->type != VALUE_STR || strlen(v->text.s) != v->text.len)
		return NULL;
	return v->text.s;
}
