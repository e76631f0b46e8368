/* SPDX-License-Identifier: MIT */
/* capture_rules.c - declared paths as the tables that the library reads */
#include "stage/capture_rules.h"

#include <stdbool.h>

#include "base/fs.h"
#include "base/mem.h"
#include "kmlflow/hash.h"
#include "model/declared.h"
#include "stage/spelling.h"

/* The library gives up after 64 places; ours stay far below. */
enum { MAX_PROBES = 32 };

/* Hashes of both tables, while they grow; 0 in 'hash': empty. */
struct entry {
	uint64_t hash;
	uint32_t word;
};

struct table {
	struct entry *v;
	size_t size;
	size_t used;
};

struct builder {
	struct table names;
	struct table nodes;
	struct spellings spellings;
	uint32_t flags;
	uint32_t rule;
	char *prefix; /* of all paths so far, NULL: none yet */
};

static struct entry *
find(const struct table *t, uint64_t hash)
{
	size_t at = (uint32_t)hash & (t->size - 1);

	while (t->v[at].hash && t->v[at].hash != hash)
		at = (at + 1) & (t->size - 1);
	return &t->v[at];
}

static void
resize(struct table *t, size_t size)
{
	struct table old = *t;

	t->v = mem_alloc(size * sizeof(*t->v));
	t->size = size;
	for (size_t i = 0; i < old.size; i++)
		if (old.v[i].hash)
			*find(t, old.v[i].hash) = old.v[i];
	free(old.v);
}

/* A new entry has no flags and the rule that asks for it. */
static struct entry *
add(struct table *t, uint64_t hash, uint32_t rule)
{
	struct entry *e;

	if ((t->used + 1) * 2 > t->size)
		resize(t, t->size ? t->size * 2 : 16);
	e = find(t, hash);
	if (!e->hash) {
		*e = (struct entry){.hash = hash, .word = rule << 8};
		t->used++;
	}
	return e;
}

/* Two rules at one place: that entry speaks for no one rule. */
static void
add_flags(struct builder *b, uint64_t hash, uint32_t flags)
{
	struct entry *e = add(&b->nodes, hash, b->rule);
	uint32_t speaks = KMLFLOW_FILE | KMLFLOW_DEEP | KMLFLOW_HERE;

	if (!(e->word & speaks))
		e->word = b->rule << 8 | (e->word & 0xff);
	else if (flags & speaks && e->word >> 8 != b->rule)
		e->word |= KMLFLOW_NO_RULE << 8;
	e->word |= flags;
}

static void
add_name(struct builder *b, const char *name, size_t len)
{
	add(&b->names, kmlflow_hash(KMLFLOW_SEED_NAME, name, len), 0);
}

/* Cuts the prefix to what it shares with the directory path[0..len). */
static void
share_prefix(struct builder *b, const char *path, size_t len)
{
	size_t end = 0;
	size_t i;

	if (!b->prefix) {
		b->prefix = mem_ndup(path, len);
		return;
	}
	for (i = 0; i < len && b->prefix[i] == path[i]; i++)
		if (path[i] == '/')
			end = i;
	/* Both end here, or one does where the other has a slash. */
	if ((i == len && (!b->prefix[i] || b->prefix[i] == '/')) ||
	    (!b->prefix[i] && path[i] == '/'))
		end = i;
	b->prefix[end] = '\0';
}

/* Marks 'path' with 'flags' and all above it; returns its hash. */
static uint64_t
add_path(struct builder *b, const char *path, uint32_t flags)
{
	uint64_t h = KMLFLOW_SEED_ROOT;
	const char *p = path;

	/* A file that is declared has to lie below the prefix itself. */
	share_prefix(b, path,
	             flags & KMLFLOW_FILE || !path[1]
	                 ? (size_t)(strrchr(path, '/') - path)
	                 : strlen(path));
	while (*p == '/')
		p++;
	while (*p) {
		size_t len = strcspn(p, "/");

		add_flags(b, h, KMLFLOW_ABOVE);
		h = kmlflow_hash_in(h, kmlflow_hash(KMLFLOW_SEED_NAME, p, len));
		p += len;
		while (*p == '/')
			p++;
	}
	add_flags(b, h, flags);
	return h;
}

static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What 'dir' holds, all or only directly, if it has extension 'ext'. */
static void
add_tree(struct builder *b, const char *dir, const char *ext, bool deep)
{
	uint32_t how = deep ? KMLFLOW_DEEP : KMLFLOW_HERE;
	uint32_t common = KMLFLOW_ABOVE | KMLFLOW_TREE;
	uint64_t h;

	if (!ext) {
		add_path(b, dir, common | how);
		b->flags |= KMLFLOW_HAS_DEEP;
		return;
	}
	h = kmlflow_hash(KMLFLOW_SEED_EXT, ext, strlen(ext));
	add(&b->names, h, 0);
	b->flags |= KMLFLOW_HAS_EXT;
	add_flags(b, kmlflow_hash_in(add_path(b, dir, common | KMLFLOW_EXT), h),
	          how);
}

static bool
is_wild(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr("*?[]\\", s[i]))
			return true;
	return false;
}

/* The literal end of a name from its last dot on, NULL if it has none. */
static const char *
literal_ext(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && !is_wild(dot, strlen(dot)) ? dot : NULL;
}

/* Length of the leading components that hold no wildcard. */
static size_t
literal_dir_len(const char *pattern)
{
	size_t len = 0;

	for (;;) {
		size_t part = strcspn(pattern + len + 1, "/");

		if (!pattern[len + 1 + part] ||
		    is_wild(pattern + len + 1, part))
			return len;
		len += 1 + part;
	}
}

static void
add_glob(struct builder *b, const char *pattern)
{
	size_t len = literal_dir_len(pattern);
	cleanup_free char *dir = len ? mem_ndup(pattern, len) : mem_dup("/");
	const char *rest = pattern + len + 1;
	const char *name = last_name(pattern);
	bool deep = strchr(rest, '/') || !strncmp(rest, "**", 2);

	spellings_of(&b->spellings, dir);
	for (size_t i = 0; i < b->spellings.found.n; i++) {
		const char *d = b->spellings.found.v[i];

		if (is_wild(name, strlen(name)))
			add_tree(b, d, literal_ext(name), deep);
		else
			add_path(b, d, KMLFLOW_ABOVE | KMLFLOW_TREE);
	}
	if (!is_wild(name, strlen(name)))
		add_name(b, name, strlen(name));
}

static void
add_rule(struct builder *b, const struct declared *d)
{
	const char *name = last_name(d->path);
	bool dir = d->kind == DECLARED_DIR || d->kind == DECLARED_VERSIONED_DIR;

	if (d->kind == DECLARED_GLOB) {
		if (is_wild(d->path, strlen(d->path))) {
			add_glob(b, d->path);
			return;
		}
	}
	spellings_of(&b->spellings, d->path);
	for (size_t i = 0; i < b->spellings.found.n; i++) {
		const char *path = b->spellings.found.v[i];

		if (dir)
			add_tree(b, path,
			         d->suffix ? literal_ext(d->suffix) : NULL,
			         true);
		else
			add_path(b, path, KMLFLOW_FILE | KMLFLOW_TREE);
	}
	if (!dir)
		add_name(b, name, strlen(name));
}

/* Whether each entry is found before the library would give up. */
static bool
is_dense(const struct table *t)
{
	size_t run = 0;

	for (size_t i = 0; i < t->size; i++) {
		run = t->v[i].hash ? run + 1 : 0;
		if (run > MAX_PROBES)
			return true;
	}
	return false;
}

static void
loosen(struct table *t)
{
	if (!t->size)
		resize(t, 2);
	while (is_dense(t))
		resize(t, t->size * 2);
}

void
rule_tables_make(const struct declared_list *list, struct rule_tables *ret)
{
	struct builder b = {.flags = 0};

	spellings_init(&b.spellings);
	for (size_t i = 0; i < list->n; i++) {
		b.rule = i < KMLFLOW_NO_RULE ? (uint32_t)i : KMLFLOW_NO_RULE;
		add_rule(&b, &list->v[i]);
	}
	loosen(&b.names);
	loosen(&b.nodes);
	ret->flags = b.flags;
	ret->prefix = b.prefix ? b.prefix : mem_dup("");
	ret->n_names = b.names.size;
	ret->n_nodes = b.nodes.size;
	ret->names = mem_alloc(ret->n_names * sizeof(*ret->names));
	ret->nodes = mem_alloc(ret->n_nodes * sizeof(*ret->nodes));
	for (size_t i = 0; i < ret->n_names; i++)
		if (b.names.v[i].hash)
			ret->names[i] = kmlflow_key(b.names.v[i].hash);
	for (size_t i = 0; i < ret->n_nodes; i++)
		if (b.nodes.v[i].hash)
			ret->nodes[i] = (struct kmlflow_node){
			    .key = kmlflow_key(b.nodes.v[i].hash),
			    .word = b.nodes.v[i].word,
			};
	free(b.names.v);
	free(b.nodes.v);
	spellings_free(&b.spellings);
}

void
rule_tables_free(struct rule_tables *t)
{
	free(t->names);
	free(t->nodes);
	free(t->prefix);
	*t = (struct rule_tables){.names = NULL};
}
