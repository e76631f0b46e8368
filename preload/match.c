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

#define ONES UINT64_C(0x0101010101010101)
#define LOW UINT64_C(0x7f7f7f7f7f7f7f7f)

/* The top bit of each byte of 'w' that is 'c', and nothing else. */
static inline uint64_t
equal(uint64_t w, unsigned char c)
{
	uint64_t x = w ^ ONES * c;

	return ~(((x & LOW) + LOW) | x | LOW);
}

/*
 * Eight bytes, of which some may lie before or behind the string.  Aligned,
 * so that they are in one page: what is behind can be read, if not used.
 */
static inline __attribute__((no_sanitize("address"))) uint64_t
aligned_word(const char *at)
{
	uint64_t w = *(const uint64_t *)(const void *)at;

	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(w)
	                                              : w;
}

/* Byte in which the lowest, or highest, bit that equal() set is. */
static inline uint32_t
lowest(uint64_t bits)
{
	return (uint32_t)__builtin_ctzll(bits) / 8;
}

static inline uint32_t
highest(uint64_t bits)
{
	return (63 - (uint32_t)__builtin_clzll(bits)) / 8;
}

static void
add_slashes(struct text *t, uint32_t at, uint64_t slash)
{
	for (; slash; slash &= slash - 1) {
		t->name = at + lowest(slash) + 1;
		if (t->n_slashes == TEXT_SLASHES)
			t->messy = true;
		else
			t->slash[t->n_slashes++] = (uint16_t)(t->name - 1);
	}
}

/* A slash at the end says no more than that it is a directory. */
static __attribute__((noinline)) void
strip_slashes(struct text *t)
{
	while (t->len > 1 && t->s[t->len - 1] == '/')
		t->len--;
	t->name = t->len;
	while (t->name && t->s[t->name - 1] != '/')
		t->name--;
	while (t->n_slashes && t->slash[t->n_slashes - 1] >= t->len)
		t->n_slashes--;
	if (t->ext != UINT32_MAX && t->ext >= t->len)
		t->ext = UINT32_MAX;
}

bool
text_scan(const char *path, struct text *t)
{
	uint32_t skew = (uintptr_t)path & 7;
	uint32_t at = 0 - skew;
	uint64_t live = UINT64_MAX << 8 * skew;
	uint64_t before = 0; /* as if a slash came before this word */
	uint64_t nul;

	/* NULL, or no address of a program's (-1 and the like): EFAULT. */
	if ((uintptr_t)path < 4096 || (intptr_t)path < 0 || !*path)
		return false;
	t->s = path;
	t->name = 0;
	t->ext = UINT32_MAX;
	t->messy = *path == '.';
	t->n_slashes = 0;
	for (;; at += 8) {
		uint64_t w = aligned_word(path + (int32_t)at);
		uint64_t slash = equal(w, '/') & live;
		uint64_t dot = equal(w, '.') & live;

		nul = equal(w, '\0') & live;
		live = UINT64_MAX;
		if (nul) {
			slash &= (nul & -nul) - 1;
			dot &= (nul & -nul) - 1;
		}
		if ((slash << 8 | before) & (slash | dot))
			t->messy = true;
		before = slash >> 56;
		add_slashes(t, at, slash);
		if (dot)
			t->ext = at + highest(dot);
		if (nul)
			break;
		if (at + 8 >= PATH_MAX && (int32_t)at > 0)
			return false;
	}
	t->len = at + lowest(nul);
	if (t->name == t->len)
		strip_slashes(t);
	if (t->ext == UINT32_MAX || t->ext < t->name)
		t->ext = t->len;
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

/* All components of a clean path but the last, which 'finish' takes. */
static void
walk_text(const struct view *v, struct walk *w, const struct text *t)
{
	uint32_t from = *t->s == '/';

	for (uint32_t i = from; i < t->n_slashes && !w->lost; i++) {
		descend(v, w, t->s + from, t->slash[i] - from);
		from = t->slash[i] + 1;
	}
	finish(v, w, t->s + t->name, t->len - t->name);
}

/* All components of a directory. */
static void
walk_dir(const struct view *v, struct walk *w, const struct dir *dir)
{
	const char *s = dir->text;
	size_t i = 0;

	while (!w->lost) {
		size_t first;

		while (i < dir->len && s[i] == '/')
			i++;
		first = i;
		while (i < dir->len && s[i] != '/')
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
	walk_dir(v, &dir->walk, dir);
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
		walk_text(v, &w, t);
	} else {
		start(v, &w, ext);
		if (t->messy) {
			walk_messy(v, t, dir, &w);
		} else {
			if (*t->s != '/')
				walk_dir(v, &w, dir);
			walk_text(v, &w, t);
		}
	}
	*rule = w.rule;
	return w.result;
}
