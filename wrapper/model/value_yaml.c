/* SPDX-License-Identifier: MIT */
/* value_yaml.c - a tree of YAML nodes to a value */
#include "model/value_yaml.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "model/value.h"
#include "wire/yaml.h"

struct maker {
	enum dialect dialect;
	const char *file;
	struct arena *arena;
	struct err *err;
};

static int make(struct maker *m, struct ynode *node, struct value **ret);

/* The start of a scalar's text, for messages. */
static void
quote(const struct ynode *node, struct buf *to)
{
	size_t len = node->len < 60 ? node->len : 60;

	buf_addc(to, '\'');
	enc_printable(to, node->text, len);
	buf_adds(to, len < node->len ? "…'" : "'");
}

static struct value *
new_value(const struct maker *m, enum value_type type, const struct ynode *node)
{
	struct value *v = value_new(m->arena, type, m->file, node->line);

	v->column = (unsigned)node->column & VALUE_MAX_COLUMN;
	return v;
}

static int
wrong(struct maker *m, const struct ynode *node, const char *what)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (node->kind == YNODE_SCALAR)
		quote(node, &text);
	return err_at(m->err, m->file, node->line, node->column, "%s%s%s",
	              text.s, text.len ? " " : "", what);
}

static int
make_scalar(struct maker *m, struct ynode *node, struct value *v)
{
	const char *problem = scalar_resolve(node, m->dialect, m->arena, v);

	return problem ? wrong(m, node, problem) : 0;
}

static int
make_list(struct maker *m, struct ynode *node, struct value *v)
{
	v->list.v = arena_alloc(m->arena, (node->n + 1) * sizeof(*v->list.v));
	v->list.n = node->n;
	for (size_t i = 0; i < node->n; i++)
		if (make(m, node->v[i], &v->list.v[i]))
			return -1;
	return 0;
}

static int
make_key(struct maker *m, struct ynode *node, struct value **ret)
{
	if (node->kind != YNODE_SCALAR)
		return wrong(m, node, "a key must be a text or a number");
	/* "=" means something as a value only. */
	if (node->plain && !node->tag && !strcmp(node->text, "=")) {
		*ret = new_value(m, VALUE_STR, node);
		(*ret)->text = (struct value_text){.s = "=", .len = 1};
		return 0;
	}
	if (make(m, node, ret))
		return -1;
	if ((*ret)->type == VALUE_NULL && m->dialect == DIALECT_OMEGACONF)
		return wrong(
		    m, node,
		    "is null, which cannot be a key; put it in quotes");
	return 0;
}

/* The pairs that stand in the mapping itself. */
static int
own_pairs(struct maker *m, const struct ynode *node, struct value *own)
{
	for (size_t i = 0; i + 1 < node->n; i += 2) {
		const struct value_pair *other;
		struct value *key = NULL;
		struct value *item = NULL;

		if (scalar_is_merge(node->v[i]))
			continue;
		if (make_key(m, node->v[i], &key) ||
		    make(m, node->v[i + 1], &item))
			return -1;
		other = value_find(own, key);
		/* PyYAML takes the last of them without a word. */
		if (other && m->dialect == DIALECT_OMEGACONF) {
			cleanup_buf struct buf text = BUF_INIT;

			quote(node->v[i], &text);
			return err_at(m->err, m->file, node->v[i]->line,
			              node->v[i]->column,
			              "%s is there already on line %d; keep "
			              "one of them",
			              text.s, other->key->line);
		}
		value_put(own, key, item, m->arena);
	}
	return 0;
}

/*
 * Puts the pairs of one merged mapping; the cap on nodes that aliases stand
 * for bounds how many these are.  OmegaConf leaves out what the
 * mapping says itself; PyYAML lets it take the place of the merged pair.
 */
static int
merge_map(struct maker *m, struct ynode *from, const struct value *own,
          struct value *to)
{
	struct value *v;

	if (from->kind != YNODE_MAP)
		return wrong(m, from,
		             "cannot be merged by '<<', which needs a mapping, "
		             "or a list of them");
	if (make(m, from, &v))
		return -1;
	for (size_t i = 0; i < v->dict.n; i++) {
		struct value_pair *p = &v->dict.v[i];

		if (m->dialect == DIALECT_OMEGACONF &&
		    p->key->type == VALUE_STR && value_find(own, p->key))
			continue;
		value_put(to, p->key, p->item, m->arena);
	}
	return 0;
}

static int
merge_pairs(struct maker *m, struct ynode *from, const struct value *own,
            struct value *to)
{
	if (from->kind != YNODE_LIST)
		return merge_map(m, from, own, to);
	/* Earlier ones of a list count more, so they come last. */
	for (size_t i = from->n; i--;)
		if (merge_map(m, from->v[i], own, to))
			return -1;
	return 0;
}

static int
make_dict(struct maker *m, struct ynode *node, struct value *v)
{
	struct value *own = v;
	bool merges = false;

	for (size_t i = 0; i + 1 < node->n; i += 2)
		merges = merges || scalar_is_merge(node->v[i]);
	if (merges)
		own = new_value(m, VALUE_DICT, node);
	value_reserve(own, node->n / 2, m->arena);
	if (own_pairs(m, node, own))
		return -1;
	if (!merges)
		return 0;
	for (size_t i = 0; i + 1 < node->n; i += 2)
		if (scalar_is_merge(node->v[i]) &&
		    merge_pairs(m, node->v[i + 1], own, v))
			return -1;
	for (size_t i = 0; i < own->dict.n; i++)
		value_put(v, own->dict.v[i].key, own->dict.v[i].item, m->arena);
	return 0;
}

static int
check_tag(struct maker *m, const struct ynode *node, const char *tag)
{
	if (!node->tag || !strcmp(node->tag, tag) || !strcmp(node->tag, "!"))
		return 0;
	return err_at(m->err, m->file, node->line, node->column,
	              "tag '%s' is not one that kmlflow reads; leave it out",
	              node->tag);
}

static int
make(struct maker *m, struct ynode *node, struct value **ret)
{
	struct value *v = node->data;
	int failed;

	if (v) {
		*ret = v;
		return 0;
	}
	v = new_value(m, VALUE_NULL, node);
	switch (node->kind) {
	case YNODE_LIST:
		v->type = VALUE_LIST;
		failed = check_tag(m, node, "tag:yaml.org,2002:seq") ||
		         make_list(m, node, v);
		break;
	case YNODE_MAP:
		v->type = VALUE_DICT;
		failed = check_tag(m, node, "tag:yaml.org,2002:map") ||
		         make_dict(m, node, v);
		break;
	case YNODE_SCALAR:
	default:
		failed = make_scalar(m, node, v);
		break;
	}
	if (failed)
		return -1;
	node->data = v;
	*ret = v;
	return 0;
}

int
value_from_yaml(struct ynode *node, enum dialect dialect, const char *file,
                struct arena *arena, struct value **ret, struct err *err)
{
	struct maker m = {.dialect = dialect,
	                  .file = file,
	                  .arena = arena,
	                  .err = err};

	return make(&m, node, ret);
}
