/* SPDX-License-Identifier: MIT */
/* value.h - what YAML means: values as Python would hold them */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum value_type {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_FLOAT,
	VALUE_STR,
	VALUE_DATE,
	VALUE_LIST,
	VALUE_DICT,
};

struct value_text {
	const char *s; /* UTF-8, 'len' bytes and a NUL */
	size_t len;
	/* why its "${…}" cannot be replaced, as a sentence; NULL: it is final
	 */
	const char *unresolved;
};

/* A date, or with 'time' a date and time, or with 'zone' one that has one. */
struct value_date {
	int16_t year;
	int8_t month, day, hour, minute, second;
	bool time, zone;
	int micro;
	int offset; /* seconds east of UTC */
};

struct value_list {
	struct value **v;
	size_t n;
};

struct value_pair {
	struct value *key;
	struct value *item;
};

/* Where a pair is, and the hash of its key; 'place' 0: free. */
struct value_slot {
	uint32_t hash;
	uint32_t place; /* counted from 1 */
};

/* In the order of the keys' first appearance. */
struct value_dict {
	struct value_pair *v;
	size_t n;
	size_t cap;
	struct value_slot *index; /* open addressing; NULL: small */
	size_t n_index;
};

/* Of a column; no file that is read has a longer line. */
enum { VALUE_MAX_COLUMN = (1 << 24) - 1 };

/* Const once built: values are shared, by aliases and between mergings. */
struct value {
	enum value_type type : 8;
	unsigned column : 24; /* from 1; 0: not known */
	int line;             /* 0: not from a file */
	const char *file;     /* as in messages; NULL: not from a file */
	union {
		bool boolean;
		double number;
		struct value_text text; /* VALUE_STR; VALUE_INT: in decimal */
		struct value_date date;
		struct value_list list;
		struct value_dict dict;
	};
};

/* "a string", "a number", …: for messages. */
const char *value_type_name(const struct value *v);

/* All from 'arena', as is what value_put() needs; strings are borrowed. */
struct value *value_new(struct arena *arena, enum value_type type,
                        const char *file, int line);
struct value *value_str(struct arena *arena, const char *s);

/* One that stands where 'at' does. */
struct value *value_like(struct arena *arena, enum value_type type,
                         const struct value *at);

/* Room for 'count' pairs at once, where a dict will have about so many. */
void value_reserve(struct value *dict, size_t count, struct arena *arena);

/*
 * dict[key] = item as Python does it: an equal key keeps its place and its
 * spelling, and 1, 1.0 and True are equal.  The pair may be changed until the
 * next call.
 */
struct value_pair *value_put(struct value *dict, struct value *key,
                             struct value *item, struct arena *arena);

/* Adds to a list of which all items were added so. */
void value_append(struct value *list, struct value *item, struct arena *arena);

/* The pair with an equal key, or NULL; NULL too where 'dict' is no dict. */
const struct value_pair *value_find(const struct value *dict,
                                    const struct value *key);

/* The same for a string; the item, or NULL. */
const struct value *value_get(const struct value *dict, const char *key);

/* The string without NUL bytes that 'v' is, else NULL. */
const char *value_text(const struct value *v);
