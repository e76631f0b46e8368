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
value_like(struct arena *arena, enum value_type type, const struct value *at)
{
	struct value *v = value_new(arena, type, at->file, at->line);

	v->column = at->column;
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
static uint32_t
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
	return (uint32_t)(h ^ h >> 32);
}

/* The slot of 'id' or the free one where it would be. */
static struct value_slot *
probe(const struct value_dict *d, const struct identity *id, uint32_t code)
{
	size_t mask = d->n_index - 1;
	size_t at = code & mask;

	for (;; at = (at + 1) & mask) {
		struct value_slot *slot = &d->index[at];

		if (!slot->place ||
		    (slot->hash == code && same(id, d->v[slot->place - 1].key)))
			return slot;
	}
}

static struct value_pair *
find(const struct value_dict *d, const struct identity *id)
{
	if (d->index) {
		const struct value_slot *slot = probe(d, id, hash(id));

		return slot->place ? &d->v[slot->place - 1] : NULL;
	}
	for (size_t i = 0; i < d->n; i++)
		if (same(id, d->v[i].key))
			return &d->v[i];
	return NULL;
}

/* Of a new pair, whose key is in no slot. */
static void
add_slot(struct value_dict *d, uint32_t code, size_t place)
{
	size_t mask = d->n_index - 1;
	size_t at = code & mask;

	while (d->index[at].place)
		at = (at + 1) & mask;
	d->index[at].hash = code;
	d->index[at].place = (uint32_t)place;
}

/* Keys that were hashed before are not looked at again. */
static void
grow_index(struct value_dict *d, struct arena *arena)
{
	const struct value_slot *old = d->index;
	size_t n_old = d->n_index;

	d->n_index = d->cap * 2;
	d->index = arena_alloc(arena, d->n_index * sizeof(*d->index));
	for (size_t i = 0; i < n_old; i++)
		if (old[i].place)
			add_slot(d, old[i].hash, old[i].place);
	for (size_t i = 0; !n_old && i < d->n; i++) {
		struct identity id;

		identify(&id, d->v[i].key);
		add_slot(d, hash(&id), i + 1);
	}
}

static void
grow(struct value_dict *d, size_t cap, struct arena *arena)
{
	struct value_pair *v = arena_alloc(arena, cap * sizeof(*v));

	if (d->n)
		memcpy(v, d->v, d->n * sizeof(*v));
	d->v = v;
	d->cap = cap;
	if (cap > SMALL)
		grow_index(d, arena);
}

void
value_reserve(struct value *dict, size_t count, struct arena *arena)
{
	size_t cap = count < SMALL ? count : SMALL;

	while (cap < count)
		cap *= 2;
	if (cap > dict->dict.cap)
		grow(&dict->dict, cap, arena);
}

struct value_pair *
value_put(struct value *dict, struct value *key, struct value *item,
          struct arena *arena)
{
	struct value_dict *d = &dict->dict;
	struct value_pair *found;
	struct identity id;

	identify(&id, key);
	found = find(d, &id);
	if (found) {
		found->item = item;
		return found;
	}
	if (d->n == d->cap)
		grow(d, d->cap < SMALL ? SMALL : d->cap * 2, arena);
	if (d->index)
		add_slot(d, hash(&id), d->n + 1);
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

	if (!dict || dict->type != VALUE_DICT)
		return NULL;
	identify(&id, key);
	return find(&dict->dict, &id);
}

const struct value *
value_get(const struct value *dict, const char *key)
{
	struct identity id = {.kind = 's', .s = key, .len = strlen(key)};
	const struct value_pair *found;

	if (!dict || dict->type != VALUE_DICT)
		return NULL;
	found = find(&dict->dict, &id);
	return found ? found->item : NULL;
}

const char *
value_text(const struct value *v)
{
	if (!v || v->type != VALUE_STR || strlen(v->text.s) != v->text.len)
		return NULL;
	return v->text.s;
}
