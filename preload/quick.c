/* SPDX-License-Identifier: MIT */
/* quick.c - the quick look at a path that is about to be written */
#include <stddef.h>

#include "kmlflow/hash.h"
#include "look.h"
#include "match.h"
#include "table.h"

/* Whether a rule asks for this extension. */
static inline bool
is_asked(const struct view *v, const struct look *l)
{
	return l->ext && l->ext >= l->name &&
	       has_name(v, hash_of(KMLFLOW_SEED_EXT, l->ext, l->end));
}

/* Whether nothing is declared where the components of 's' lead from 'w'. */
static inline bool
leads_nowhere(const struct view *v, const struct walk *w, const char *s,
              const struct look *l, uint64_t name)
{
	const uint32_t all = KMLFLOW_FILE | KMLFLOW_DEEP | KMLFLOW_HERE;
	bool needs_ext = w->needs_ext;
	const struct kmlflow_node *node = NULL;
	uint64_t h = w->hash;

	if (w->here || w->result & MATCH_PATH)
		return false;
	for (; !w->lost; s++) {
		const char *from = s;

		if (from == l->name)
			return !((node =
			              find_node(v, kmlflow_hash_in(h, name))) &&
			         node->word & all) &&
			       !(needs_ext && is_asked(v, l));
		while (*s != '/')
			s++;
		h = kmlflow_hash_in(h, hash_of(KMLFLOW_SEED_NAME, from, s));
		node = find_node(v, h);
		if (!node)
			break;
		if (node->word & all)
			return false;
		needs_ext = needs_ext || node->word & KMLFLOW_EXT;
	}
	return !(needs_ext && is_asked(v, l));
}

/*
 * What every open for writing pays, and right after a system call, when hardly
 * anything is in the processor's caches: few branches, no calls.
 */
HOT bool
match_rejects(const struct view *v, const char *path, const struct dir *dir,
              struct doubt *ret)
{
	const struct walk *from = &v->prefix_walk;
	const char *rest = path;
	struct look l;
	uint64_t name;
	bool named;

	ret->hash = 0;
	if (!look_over(path, &l))
		return false;
	if (*path == '/') {
		rest = below_prefix(v, path, l.end);
	} else if (dir) {
		from = &dir->walk;
	} else {
		return false;
	}
	name = hash_of(KMLFLOW_SEED_NAME, l.name, l.end);
	named = has_name(v, name);
	if (!named && (!rest || leads_nowhere(v, from, rest, &l, name)))
		return true;
	*ret = (struct doubt){
	    .hash = hash_of(*path == '/' ? KMLFLOW_SEED_ROOT : dir->hash, path,
	                    l.end) |
	            1,
	    .match = named ? MATCH_NAME : 0,
	    .text =
		{
		    .s = path,
		    .len = (uint32_t)(l.end - path),
		    .name = (uint32_t)(l.name - path),
		    .ext =
			(uint32_t)((l.ext && l.ext >= l.name ? l.ext : l.end) -
	                           path),
		},
	};
	return false;
}
