/* SPDX-License-Identifier: MIT */
/* map.h - strings to values, in the order in which they came */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct map_entry {
	char *key; /* owned by the map */
	void *value;
};

struct map {
	struct map_entry *v; /* n entries, in order of insertion */
	size_t n;
	size_t cap;
	uint32_t *slots; /* index + 1 into v; 0: free */
	size_t n_slots;  /* a power of two, 0 when empty */
};

#define MAP_INIT                                                               \
	{                                                                      \
		.v = NULL                                                      \
	}

/* The value, or NULL. */
void *map_get(const struct map *m, const char *key);

/* Where the value of 'key' lies, added as NULL; until the next call. */
void **map_at(struct map *m, const char *key);

/* 'free_value' may be NULL. */
void map_free(struct map *m, void (*free_value)(void *));
