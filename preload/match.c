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

/* One copy each: code that is not in the cache costs more than a call. */
static __attribute__((noinline)) uint64_t
hash_of(uint64_t h, const char *s, const char *end)
{
	return kmlflow_hash(h, s, (size_t)(end - s));
}

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

/* Where the parts of a path are. */
struct look {
	const char *name;
	const char *ext; /* NULL: no dot */
	const char *end;
};

/* False: there are empty, "." or ".." components, or it is very long. */
static inline bool
look_over(const char *path, struct look *p)
{
	uint32_t skew = (uintptr_t)path & 7;
	const char *at = path - skew;
	uint64_t live = UINT64_MAX << 8 * skew;
	uint64_t before = 0;
	uint64_t messy = 0;
	uint64_t nul;

	p->name = path;
	p->ext = NULL;
	for (;; at += 8) {
		uint64_t w = aligned_word(at);
		uint64_t slash = equal(w, '/') & live;
		uint64_t dot = equal(w, '.') & live;

		nul = equal(w, '\0') & live;
		live = UINT64_MAX;
		if (nul) {
			slash &= (nul & -nul) - 1;
			dot &= (nul & -nul) - 1;
		}
		messy |= (slash << 8 | before) & (slash | dot);
		before = slash >> 56;
		if (slash)
			p->name = at + highest(slash) + 1;
		if (dot)
			p->ext = at + highest(dot);
		if (nul)
			break;
	}
	p->end = at + lowest(nul);
	return !messy && *path != '.' && p->name != p->end &&
	       p->end - path < PATH_MAX;
}

/* NULL, or no address of a program's (-1 and the like): EFAULT. */
static inline bool
is_path(const char *path)
{
	return (uintptr_t)path >= 4096 && (intptr_t)path >= 0;
}

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

static __attribute__((noinline)) bool
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

static __attribute__((noinline)) const struct kmlflow_node *
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

static void
walk_text(const struct view *v, struct walk *w, const struct text *t)
{
	walk_dir(v, w, t->s, t->name);
	finish(v, w, t->s + t->name, t->len - t->name);
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
				walk_dir(v, &w, dir->text, dir->len);
			walk_text(v, &w, t);
		}
	}
	*rule = w.rule;
	return w.result;
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
bool
match_rejects(const struct view *v, const char *path, const struct dir *dir,
              uint64_t *hash)
{
	const struct walk *from = &v->prefix_walk;
	const char *rest = path;
	struct look l;
	uint64_t name;

	*hash = 0;
	if (!is_path(path))
		return true;
	if (!look_over(path, &l))
		return false;
	if (*path == '/') {
		rest += v->prefix_len + 1;
		if (rest > l.end || rest[-1] != '/' ||
		    !same_start(path, v->prefix, v->prefix_len))
			rest = NULL;
	} else if (dir) {
		from = &dir->walk;
	} else {
		return false;
	}
	name = hash_of(KMLFLOW_SEED_NAME, l.name, l.end);
	if (!has_name(v, name) &&
	    (!rest || leads_nowhere(v, from, rest, &l, name)))
		return true;
	*hash =
	    hash_of(*path == '/' ? KMLFLOW_SEED_ROOT : dir->hash, path, l.end) |
	    1;
	return false;
}
