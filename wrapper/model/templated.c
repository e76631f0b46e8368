/* SPDX-License-Identifier: MIT */
/* templated.c - "${a.b|default}" of Kedro's TemplatedConfigLoader */
#include "model/templated.h"

#include <ctype.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/pystr.h"
#include "model/value.h"

struct maker {
	const struct value *globals;
	struct arena *arena;
	struct err *err;
};

/* One "${PATH|DEFAULT}". */
struct slot {
	const char *path;
	size_t path_len;
	const char *def; /* NULL: none */
	size_t def_len;
	size_t len; /* of the whole */
};

static bool
is_name(char c)
{
	return (isalnum((unsigned char)c) && !(c & 0x80)) || c == '_';
}

static bool
slot_at(const char *s, struct slot *ret)
{
	const char *p = s + 2;

	if (strncmp(s, "${", 2) != 0)
		return false;
	*ret = (struct slot){.path = p};
	while (is_name(*p) || *p == '.')
		p++;
	ret->path_len = (size_t)(p - ret->path);
	if (*p == '|') {
		ret->def = ++p;
		p += strcspn(p, "}");
		ret->def_len = (size_t)(p - ret->def);
	}
	ret->len = (size_t)(p + 1 - s);
	return *p == '}' && ret->path_len;
}

static const struct value *
find(const struct maker *m, const struct slot *slot)
{
	const struct value *v = m->globals;
	cleanup_free char *path = mem_ndup(slot->path, slot->path_len);

	for (char *key = path; v && key;) {
		char *dot = strchr(key, '.');

		if (dot)
			*dot = '\0';
		v = value_get(v, key);
		key = dot ? dot + 1 : NULL;
	}
	return v && v->type != VALUE_NULL ? v : NULL;
}

/* Kedro gives it to JMESPath, whose names do not begin with a digit. */
static bool
is_path(const struct slot *slot)
{
	const char *end = slot->path + slot->path_len;

	for (const char *p = slot->path; p < end; p++) {
		if (!is_name(*p) || isdigit((unsigned char)*p))
			return false;
		while (p < end && *p != '.')
			p++;
		if (p + 1 == end)
			return false;
	}
	return true;
}

static int
fill(const struct maker *m, const struct value *at, const struct slot *slot,
     struct value **ret)
{
	const struct value *found = find(m, slot);
	struct value *v;

	if (!is_path(slot))
		return err_at(m->err, at->file, at->line, at->column,
		              "'%.*s': '%.*s' is no path of names, of which "
		              "each begins with a letter or '_'",
		              (int)slot->len, slot->path - 2,
		              (int)slot->path_len, slot->path);
	if (!found && !slot->def)
		return err_at(m->err, at->file, at->line, at->column,
		              "'%.*s': there is no '%.*s' in the globals "
		              "files, and no default ('${%.*s|DEFAULT}')",
		              (int)slot->len, slot->path - 2,
		              (int)slot->path_len, slot->path,
		              (int)slot->path_len, slot->path);
	v = value_like(m->arena, VALUE_STR, at);
	if (found) {
		*v = *found;
		v->file = at->file;
		v->line = at->line;
		v->column = at->column;
	} else {
		v->text.s = arena_ndup(m->arena, slot->def, slot->def_len);
		v->text.len = slot->def_len;
	}
	*ret = v;
	return 0;
}

/* A part of it is what only Python knows. */
static int
unread(const struct maker *m, const struct value *v, const char *why,
       struct value **ret)
{
	*ret = value_like(m->arena, VALUE_STR, v);
	(*ret)->text = v->text;
	(*ret)->text.unresolved = why;
	return 0;
}

static int
make_text(const struct maker *m, struct value *v, struct value **ret)
{
	cleanup_buf struct buf text = BUF_INIT;
	const char *s = v->text.s;
	struct slot slot;
	struct value *part = NULL;

	*ret = v;
	if (!memmem(s, v->text.len, "${", 2))
		return 0;
	if (slot_at(s, &slot) && slot.len == v->text.len)
		return fill(m, v, &slot, ret);
	for (; *s; s++) {
		if (!slot_at(s, &slot)) {
			buf_addc(&text, *s);
			continue;
		}
		if (fill(m, v, &slot, &part) || !part)
			return -1;
		if (part->type == VALUE_STR && part->text.unresolved)
			return unread(m, v, part->text.unresolved, ret);
		pystr(part, &text);
		s += slot.len - 1;
	}
	*ret = value_like(m->arena, VALUE_STR, v);
	(*ret)->text.s = arena_ndup(m->arena, text.s, text.len);
	(*ret)->text.len = text.len;
	return 0;
}

static int make(const struct maker *m, struct value *v, struct value **ret);

static int
make_dict(const struct maker *m, struct value *v, struct value **ret)
{
	struct value *to = value_like(m->arena, VALUE_DICT, v);

	for (size_t i = 0; i < v->dict.n; i++) {
		const struct value *old = v->dict.v[i].key;
		struct value *key = v->dict.v[i].key;
		struct value *item = NULL;

		if (key->type == VALUE_STR && make_text(m, key, &key))
			return -1;
		if (old->type == VALUE_STR && key->type != VALUE_STR)
			return err_at(m->err, old->file, old->line, old->column,
			              "the key '%.80s' must become a text, not "
			              "%s",
			              old->text.s, value_type_name(key));
		if (make(m, v->dict.v[i].item, &item))
			return -1;
		value_put(to, key, item, m->arena);
	}
	*ret = to;
	return 0;
}

static int
make(const struct maker *m, struct value *v, struct value **ret)
{
	struct value *to;

	if (v->type == VALUE_STR)
		return make_text(m, v, ret);
	if (v->type == VALUE_DICT)
		return make_dict(m, v, ret);
	*ret = v;
	if (v->type != VALUE_LIST)
		return 0;
	to = value_like(m->arena, VALUE_LIST, v);
	to->list.n = v->list.n;
	to->list.v =
	    arena_alloc(m->arena, (v->list.n + 1) * sizeof(*to->list.v));
	for (size_t i = 0; i < v->list.n; i++)
		if (make(m, v->list.v[i], &to->list.v[i]))
			return -1;
	*ret = to;
	return 0;
}

int
templated_resolve(struct value *tree, const struct value *globals,
                  struct arena *arena, struct value **ret, struct err *err)
{
	const struct maker m = {.globals = globals, .arena = arena, .err = err};

	return make(&m, tree, ret);
}

/* Past what begins at 's'; NULL: it does not end. */
static const char *
after_jinja(const char *s)
{
	const char *end = strstr(s + 2, s[1] == '{'   ? "}}"
	                                : s[1] == '%' ? "%}"
	                                              : "#}");

	return end ? end + 2 : NULL;
}

static int
refuse(const char *text, const char *at, const char *file, struct err *err)
{
	const char *start = text;
	int line = 1;

	for (; text < at; text++)
		if (*text == '\n') {
			start = text + 1;
			line++;
		}
	return err_at(err, file, line, (int)(at - start) + 1,
	              "'{%c' begins a Jinja2 template, which kmlflow does not "
	              "evaluate; write the entries out",
	              at[1]);
}

int
templated_render(struct buf *text, const char *file, struct err *err)
{
	const char *first = NULL;

	for (const char *p = text->s; *p;) {
		if (*p != '{' || !p[1] || !strchr("{%#", p[1])) {
			p++;
			continue;
		}
		if (!first)
			first = p;
		p = after_jinja(p);
		/* Jinja2 fails, and the file is taken as it is. */
		if (!p)
			return 0;
	}
	if (first)
		return refuse(text->s, first, file, err);
	if (text->len && text->s[text->len - 1] == '\n')
		buf_cut(text, text->len - 1);
	if (text->len && text->s[text->len - 1] == '\r')
		buf_cut(text, text->len - 1);
	return 0;
}
