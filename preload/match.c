/* SPDX-License-Identifier: MIT */
/* match.c - decides whether a path can be a declared one: no system calls */
#include "match.h"

#include <limits.h>
#include <stddef.h>

#include "kmlflow/hash.h"
#include "look.h"
#include "table.h"

enum { MAX_PARTS = 56 };

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
text_scan(const char *path, struct text *t)
{
	struct look l;
	uint32_t len;

	if (!is_path(path) || !*path)
		return false;
	t->s = path;
	t->messy = !look_over(path, &l);
	if (l.end - path > PATH_MAX)
		return false;
	len = (uint32_t)(l.end - path);
	t->name = (uint32_t)(l.name - path);
	/* A slash at the end says no more than that it is a directory. */
	if (t->name == len) {
		while (len > 1 && path[len - 1] == '/')
			len--;
		t->name = len;
		while (t->name && path[t->name - 1] != '/')
			t->name--;
	}
	t->len = len;
	t->ext = l.ext && l.ext >= path + t->name && l.ext < path + len
	             ? (uint32_t)(l.ext - path)
	             : len;
	return true;
}

unsigned
match_name(const struct view *v, const struct text *t)
{
	return has_name(v, hash_of(KMLFLOW_SEED_NAME, t->s + t->name,
	                           t->s + t->len))
	           ? MATCH_NAME
	           : 0;
}

uint64_t
match_ext(const struct view *v, const struct text *t)
{
	uint64_t h;

	if (!(v->flags & KMLFLOW_HAS_EXT) || t->ext == t->len)
		return 0;
	h = hash_of(KMLFLOW_SEED_EXT, t->s + t->ext, t->s + t->len);
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
		more = find_node(v, kmlflow_hash_in(w->hash, w->ext));
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
	w->hash = kmlflow_hash_in(w->hash,
	                          hash_of(KMLFLOW_SEED_NAME, part, part + len));
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
	w->hash = kmlflow_hash_in(w->hash,
	                          hash_of(KMLFLOW_SEED_NAME, part, part + len));
	node = find_node(v, w->hash);
	if (!node)
		return;
	if (node->word & KMLFLOW_FILE)
		hit(w, node->word);
	if (node->word & KMLFLOW_ABOVE)
		w->result |= MATCH_ABOVE;
}

/* All components of what is clean and ends in a directory. */
static void
walk_dir(const struct view *v, struct walk *w, const char *s, size_t len)
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
	dir->hash = hash_of(KMLFLOW_SEED_ROOT, dir->text, dir->text + dir->len);
	start(v, &dir->walk, 0);
	walk_dir(v, &dir->walk, dir->text, dir->len);
}

void
match_prefix(struct view *v)
{
	start(v, &v->prefix_walk, 0);
	walk_dir(v, &v->prefix_walk, v->prefix, v->prefix_len);
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

/*
 * A clean path goes on from what is known of its directory, or of the one that
 * holds all rules, unless that depends on the extension.
 */
static void
walk_clean(const struct view *v, struct walk *w, const struct text *t,
           uint64_t ext, const struct dir *dir)
{
	bool absolute = *t->s == '/';
	const struct walk *from = absolute ? &v->prefix_walk : &dir->walk;
	const char *rest =
	    absolute ? below_prefix(v, t->s, t->s + t->name) : t->s;

	if (rest && (!ext || !from->needs_ext)) {
		*w = *from;
		w->ext = ext;
	} else {
		rest = t->s;
		start(v, w, ext);
		if (!absolute)
			walk_dir(v, w, dir->text, dir->len);
	}
	walk_dir(v, w, rest, (size_t)(t->s + t->name - rest));
	finish(v, w, t->s + t->name, t->len - t->name);
}

unsigned
match_path(const struct view *v, const struct text *t, uint64_t ext,
           const struct dir *dir, uint32_t *rule)
{
	struct walk w;

	if (t->messy) {
		start(v, &w, ext);
		walk_messy(v, t, dir, &w);
	} else {
		walk_clean(v, &w, t, ext, dir);
	}
	*rule = w.rule;
	return w.result;
}
