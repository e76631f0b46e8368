/* SPDX-License-Identifier: MIT */
/* map.c - strings to values, in the order in which they came */
#include "base/map.h"

#include "base/mem.h"

/* FNV-1a, 64 bits: short keys, and an attacker gains only a slow run. */
static uint64_t
hash(const char *key)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 0x100000001b3u;
	return h;
}

/* The slot that holds 'key', or the free one where it belongs. */
static uint32_t *
find(const struct map *m, const char *key)
{
	size_t i = hash(key) & (m->n_slots - 1);

	while (m->slots[i] && strcmp(m->v[m->slots[i] - 1].key, key))
		i = (i + 1) & (m->n_slots - 1);
	return &m->slots[i];
}

static void
grow(struct map *m)
{
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 16;
		m->v = mem_grow(m->v, m->cap, sizeof(*m->v));
	}
	if (m->n * 2 < m->n_slots)
		return;
	m->n_slots = m->n_slots ? m->n_slots * 2 : 32;
	free(m->slots);
	m->slots = mem_alloc(m->n_slots * sizeof(*m->slots));
	for (size_t i = 0; i < m->n; i++)
		*find(m, m->v[i].key) = (uint32_t)i + 1;
}

void *
map_get(const struct map *m, const char *key)
{
	uint32_t at = m->n_slots ? *find(m, key) : 0;

	return at ? m->v[at - 1].value : NULL;
}

void **
map_at(struct map *m, const char *key)
{
	uint32_t *slot;

	grow(m);
	slot = find(m, key);
	if (!*slot) {
		m->v[m->n] = (struct map_entry){.key = mem_dup(key)};
		*slot = (uint32_t)++m->n;
	}
	return &m->v[*slot - 1].value;
}

void
map_free(struct map *m, void (*free_value)(void *))
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].key);
		if (free_value && m->v[i].value)
			free_value(m->v[i].value);
	}
	free(m->v);
	free(m->slots);
	*m = (struct map)MAP_INIT;
}
