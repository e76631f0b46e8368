/* SPDX-License-Identifier: MIT */
/* match.c - decides whether a path can be a declared one: no system calls */
#include "match.h"

#include <limits.h>
#include <stddef.h>

#include "kmlflow/hash.h"

enum { MAX_PROBES = 64, MAX_PARTS = 56 };

/* Components of a path that is not clean, after "." and ".." took effect. */
struct parts {
	uint32_t n;
	struct {
		uint16_t start;
		uint16_t len; /* FROM_DIR: of the directory's text */
	} v[MAX_PARTS];
};
#define FROM_DIR 0x8000

bool
text_scan(const char *path, struct text *ret)
{
	uint32_t name = 0;
	uint32_t ext = UINT32_MAX;
	bool messy;
	uint32_t i;

	/* NULL, or no address of a program's (-1 and the like): EFAULT. */
	if ((uintptr_t)path < 4096 || (intptr_t)path < 0 || !*path)
		return false;
	messy = *path == '.';
	for (i = 0; path[i]; i++) {
		if (path[i] == '/') {
			name = i + 1;
			messy =
			    messy || path[i + 1] == '.' || path[i + 1] == '/';
		} else if (path[i] == '.') {
			ext = i;
		}
		if (i == PATH_MAX)
			return false;
	}
	if (name == i) {
		while (i > 1 && path[i - 1] == '/')
			i--;
		name = i;
		while (name && path[name - 1] != '/')
			name--;
	}
	ret->s = path;
	ret->len = i;
	ret->name = name;
	ret->ext = ext != UINT32_MAX && ext >= name && ext < i ? ext : i;
	ret->messy = messy;
	return true;
}

static bool
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

static const struct kmlflow_node *
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

unsigned
match_name(const struct view *v, const struct text *t)
{
	return has_name(v, kmlflow_hash(KMLFLOW_SEED_NAME, t->s + t->name,
	                                t->len - t->name))
	           ? MATCH_NAME
	           : 0;
}

uint64_t
match_ext(const struct view *v, const struct text *t)
{
	uint64_t h;

	if (!(v->flags & KMLFLOW_HAS_EXT) || t->ext == t->len)
		return 0;
	h = kmlflow_hash(KMLFLOW_SEED_EXT, t->s + t->ext, t->len - t->ext);
	return has_name(v, h) ? h : 0;
}

static void
hit(struct walk *w, uint32_t word)
{
	w->result |= MATCH_PATH;
	w->rule = word >> 8;
}

/* The components so far are a directory, and 'node' is what is said of it. */
static void
enter(const struct view *v, struct walk *w, const struct kmlflow_node *node)
{
	uint32_t word = node ? node->word : 0;
	const struct kmlflow_node *more = NULL;

	w->lost = !node;
	w->here = word & KMLFLOW_HERE;
	w->here_rule = word >> 8;
	if (!word)
		return;
	if (word & (KMLFLOW_DEEP | KMLFLOW_FILE))
		hit(w, word);
	if (word & KMLFLOW_TREE)
		w->result |= MATCH_TREE;
	if (!(word & KMLFLOW_EXT))
		return;
	w->needs_ext = true;
	if (w->ext)
		more = find_node(v, kmlflow_hash_ext(w->hash, w->ext));
	if (more && more->word & KMLFLOW_DEEP)
		hit(w, more->word);
	if (more && more->word & KMLFLOW_HERE) {
		w->here = true;
		w->here_rule = more->word >> 8;
	}
}

static void
start(const struct view *v, struct walk *w, uint64_t ext)
{
	*w = (struct walk){
	    .hash = KMLFLOW_SEED_ROOT,
	    .rule = KMLFLOW_NO_RULE,
	    .ext = ext,
	};
	enter(v, w, find_node(v, w->hash));
}

/* One component more, that is not the last. */
static void
descend(const struct view *v, struct walk *w, const char *part, size_t len)
{
	w->hash = kmlflow_hash(w->hash, part, len);
	enter(v, w, find_node(v, w->hash));
}

/* The last component. */
static void
finish(const struct view *v, struct walk *w, const char *part, size_t len)
{
	const struct kmlflow_node *node;

	if (w->lost)
		return;
	if (w->here)
		hit(w, w->here_rule << 8);
	w->hash = kmlflow_hash(w->hash, part, len);
	node = find_node(v, w->hash);
	if (!node)
		return;
	if (node->word & KMLFLOW_FILE)
		hit(w, node->word);
	if (node->word & KMLFLOW_ABOVE)
		w->result |= MATCH_ABOVE;
}

/* All components in 's', which is clean, up to where the last one starts. */
static void
descend_all(const struct view *v, struct walk *w, const char *s, size_t len)
{
	size_t i = 0;

	while (!w->lost) {
		size_t first;

		while (i < len && s[i] == '/')
			i++;
		first = i;
		while (i < len && s[i] != '/')
			i++;
		if (i == first)
			return;
		descend(v, w, s + first, i - first);
	}
}

void
match_dir(const struct view *v, struct dir *dir)
{
	dir->hash = kmlflow_hash(KMLFLOW_SEED_ROOT, dir->text, dir->len);
	start(v, &dir->walk, 0);
	descend_all(v, &dir->walk, dir->text, dir->len);
}

/* False: too many, or longer than can be noted. */
static bool
add_parts(struct parts *p, const char *s, size_t len, unsigned from)
{
	size_t i = 0;

	for (;;) {
		size_t first;

		while (i < len && s[i] == '/')
			i++;
		first = i;
		while (i < len && s[i] != '/')
			i++;
		if (i == first)
			return true;
		if (i - first == 1 && s[first] == '.')
			continue;
		if (i - first == 2 && s[first] == '.' && s[first + 1] == '.') {
			p->n -= p->n > 0;
			continue;
		}
		if (p->n == MAX_PARTS)
			return false;
		p->v[p->n].start = (uint16_t)first;
		p->v[p->n++].len = (uint16_t)((i - first) | from);
	}
}

static __attribute__((noinline)) void
walk_messy(const struct view *v, const struct text *t, const struct dir *dir,
           struct walk *w)
{
	struct parts p;

	p.n = 0;
	if ((*t->s != '/' && !add_parts(&p, dir->text, dir->len, FROM_DIR)) ||
	    !add_parts(&p, t->s, t->len, 0)) {
		w->result |= MATCH_PATH; /* cannot tell: recorded */
		return;
	}
	for (uint32_t i = 0; i < p.n; i++) {
		const char *s = p.v[i].len & FROM_DIR ? dir->text : t->s;
		size_t len = p.v[i].len & ~FROM_DIR;

		if (w->lost)
			return;
		if (i + 1 == p.n)
			finish(v, w, s + p.v[i].start, len);
		else
			descend(v, w, s + p.v[i].start, len);
	}
}

unsigned
match_path(const struct view *v, const struct text *t, uint64_t ext,
           const struct dir *dir, uint32_t *rule)
{
	struct walk w;

	if (*t->s != '/' && !t->messy && (!ext || !dir->walk.needs_ext)) {
		w = dir->walk;
		w.ext = ext;
		descend_all(v, &w, t->s, t->name);
		finish(v, &w, t->s + t->name, t->len - t->name);
	} else {
		start(v, &w, ext);
		if (t->messy) {
			walk_messy(v, t, dir, &w);
		} else {
			if (*t->s != '/')
				descend_all(v, &w, dir->text, dir->len);
			descend_all(v, &w, t->s, t->name);
			finish(v, &w, t->s + t->name, t->len - t->name);
		}
	}
	*rule = w.rule;
	return w.result;
}
