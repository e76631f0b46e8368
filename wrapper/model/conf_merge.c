/* SPDX-License-Identifier: MIT */
/* conf_merge.c - mappings of configuration, one over another */
#include "model/conf_merge.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/pystr.h"
#include "model/value.h"

/* Merging the files of one directory. */
struct merge {
	struct arena *arena;
	bool deep;  /* parameters: files may share a mapping, but no leaf */
	bool omega; /* as OmegaConf.merge() does it */
	struct err *err;
};

static int merge_dict(struct merge *m, struct value *to,
                      const struct value *from, bool strict, bool top);

static int
duplicate(struct merge *m, const struct value_pair *here,
          const struct value_pair *there)
{
	cleanup_buf struct buf key = BUF_INIT;

	pystr(here->key, &key);
	return err_at(m->err, here->key->file, here->key->line,
	              here->key->column,
	              "'%.80s' is also on line %d of %s; within one "
	              "environment keep it in one file",
	              key.s, there->key->line, there->key->file);
}

static bool
is_hidden(const struct value *key)
{
	return key->type == VALUE_STR && *key->text.s == '_';
}

/* Values are shared, so that a dict is changed in a copy of it. */
static struct value *
copy(struct merge *m, const struct value *dict)
{
	struct value *to = value_like(m->arena, VALUE_DICT, dict);

	for (size_t i = 0; i < dict->dict.n; i++)
		value_put(to, dict->dict.v[i].key, dict->dict.v[i].item,
		          m->arena);
	return to;
}

static bool
is_container(const struct value *v)
{
	return v->type == VALUE_DICT || v->type == VALUE_LIST;
}

static int
unlike(struct merge *m, const struct value_pair *here,
       const struct value_pair *there)
{
	const struct value *at = here->key->file ? here->key : there->key;
	cleanup_buf struct buf key = BUF_INIT;

	pystr(here->key, &key);
	return err_at(m->err, at->file, at->line, at->column,
	              "'%.80s' cannot be merged: %s over %s%s%s", key.s,
	              value_type_name(here->item), value_type_name(there->item),
	              at == here->key ? " of " : "",
	              at == here->key ? there->key->file : "");
}

/* OmegaConf's word for a value that is still to be given. */
static bool
is_missing(const struct value *v)
{
	const char *text = value_text(v);

	return text && !strcmp(text, "???");
}

static int
merge_pair(struct merge *m, struct value *to, const struct value_pair *p,
           bool strict)
{
	const struct value_pair *old = value_find(to, p->key);
	bool dicts =
	    old && old->item->type == VALUE_DICT && p->item->type == VALUE_DICT;
	struct value *both;

	if (old && strict && !(dicts && m->deep))
		return duplicate(m, p, old);
	if (old && m->omega && is_missing(p->item))
		return 0;
	if (old && m->omega && is_container(old->item) &&
	    is_container(p->item) && old->item->type != p->item->type)
		return unlike(m, p, old);
	if (!dicts) {
		value_put(to, p->key, p->item, m->arena);
		return 0;
	}
	both = copy(m, old->item);
	if (merge_dict(m, both, p->item, strict, false))
		return -1;
	value_put(to, p->key, both, m->arena);
	return 0;
}

static int
merge_dict(struct merge *m, struct value *to, const struct value *from,
           bool strict, bool top)
{
	value_reserve(to, from->dict.n, m->arena);
	for (size_t i = 0; i < from->dict.n; i++) {
		const struct value_pair *p = &from->dict.v[i];

		if (merge_pair(m, to, p, strict && !(top && is_hidden(p->key))))
			return -1;
	}
	return 0;
}

/* The keys too: they tell the file and line that messages name. */
void
conf_overlay(struct value *to, const struct value *from, bool hidden,
             struct arena *arena)
{
	if (from)
		value_reserve(to, from->dict.n, arena);
	for (size_t i = 0; from && i < from->dict.n; i++) {
		const struct value_pair *p = &from->dict.v[i];

		if (hidden || !is_hidden(p->key))
			value_put(to, p->key, p->item, arena)->key = p->key;
	}
}

int
conf_merge_file(struct value *to, const struct value *from, bool deep,
                struct arena *arena, struct err *err)
{
	struct merge m = {.arena = arena, .deep = deep, .err = err};

	return merge_dict(&m, to, from, true, true);
}

void
conf_merge_over(struct value *to, const struct value *from, struct arena *arena)
{
	struct merge m = {.arena = arena, .deep = true};

	/* Only what is strict can fail. */
	(void)merge_dict(&m, to, from, false, false);
}

int
conf_merge_soft(struct value *to, const struct value *from, struct arena *arena,
                struct err *err)
{
	struct merge m = {.arena = arena,
	                  .deep = true,
	                  .omega = true,
	                  .err = err};

	return merge_dict(&m, to, from, false, false);
}
