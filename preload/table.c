/* SPDX-License-Identifier: MIT */
/* table.c - looks things up in the image */
#include "table.h"

#include <stddef.h>

#include "kmlflow/hash.h"
#include "match.h"

enum { MAX_PROBES = 64 };

/*
 * Here and not inline, for there shall be one copy of each: code that is not
 * in the processor's cache costs more than a call.
 */
uint64_t
hash_of(uint64_t h, const char *s, const char *end)
{
	return kmlflow_hash(h, s, (size_t)(end - s));
}

bool
has_name(const struct view *v, uint64_t hash)
{
	uint32_t key = kmlflow_key(hash);
	uint32_t at = (uint32_t)hash & v->names_mask;

	for (int i = 0; i < MAX_PROBES && v->names[at]; i++) {
		if (v->names[at] == key)
			return true;
		at = (at + 1) & v->names_mask;
	}
	return false;
}

const struct kmlflow_node *
find_node(const struct view *v, uint64_t hash)
{
	uint32_t key = kmlflow_key(hash);
	uint32_t at = (uint32_t)hash & v->nodes_mask;

	for (int i = 0; i < MAX_PROBES && v->nodes[at].key; i++) {
		if (v->nodes[at].key == key)
			return &v->nodes[at];
		at = (at + 1) & v->nodes_mask;
	}
	return NULL;
}

/* The first 'len' bytes, of which there are that many in both. */
static inline bool
same_start(const char *a, const char *b, size_t len)
{
	size_t i = 0;

	for (; i + 8 <= len; i += 8)
		if (kmlflow_load(a + i, 8) != kmlflow_load(b + i, 8))
			return false;
	for (; i < len; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

const char *
below_prefix(const struct view *v, const char *path, const char *end)
{
	const char *rest = path + v->prefix_len + 1;

	return rest <= end && rest[-1] == '/' &&
	               same_start(path, v->prefix, v->prefix_len)
	           ? rest
	           : NULL;
}
