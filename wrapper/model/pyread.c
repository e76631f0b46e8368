/* SPDX-License-Identifier: MIT */
/* pyread.c - what a Python file says by literals alone */
#include "model/pyread.h"

#include <ctype.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/pyscan.h"
#include "model/value.h"

enum { MAX_DEPTH = 50 };

static struct value *expression(struct pyscan *r);

static struct value *
new_value(struct pyscan *r, enum value_type type)
{
	return value_new(r->arena, type, r->file, r->line);
}

static struct value *
new_text(struct pyscan *r, const char *s, size_t len)
{
	struct value *v = new_value(r, VALUE_STR);

	v->text.s = arena_ndup(r->arena, s, len);
	v->text.len = len;
	return v;
}

static bool
has_letter(const char *s, int n, char lower)
{
	for (int i = 0; i < n; i++)
		if ((s[i] | 0x20) == lower)
			return true;
	return false;
}

/* One text, or several side by side; NULL: they are computed or bytes. */
static struct value *
texts(struct pyscan *r)
{
	cleanup_buf struct buf whole = BUF_INIT;
	bool plain = true;
	int n;

	while ((n = pyscan_prefix(r->s)) >= 0) {
		bool raw = has_letter(r->s, n, 'r');

		if (has_letter(r->s, n, 'f') || has_letter(r->s, n, 'b'))
			plain = false;
		r->s += n;
		pyscan_quoted(r, raw, &whole);
		pyscan_blanks(r);
	}
	return plain ? new_text(r, whole.s, whole.len) : NULL;
}

static struct value *
number(struct pyscan *r)
{
	const char *start = r->s;
	struct value *v;
	char *end;
	size_t n;

	strtod(r->s, &end);
	n = (size_t)(end - start);
	if (!n || pyscan_is_name(*end))
		return NULL;
	r->s = end;
	v = new_text(r, start, n);
	if (strspn(v->text.s, "-0123456789") == n) {
		v->type = VALUE_INT;
		return v;
	}
	v->type = VALUE_FLOAT;
	v->number = strtod(start, NULL);
	return v;
}

/* At ":" or "=" comes a value; else 'key' is an item of a set. */
static void
pair(struct pyscan *r, struct value *dict, struct value *key, char sign)
{
	pyscan_blanks(r);
	if (*r->s != sign) {
		pyscan_expression(r);
		return;
	}
	r->s++;
	pyscan_blanks(r);
	value_put(dict, key, expression(r), r->arena);
}

/* After "{" or "dict(", to after its end. */
static struct value *
mapping(struct pyscan *r, char close)
{
	struct value *v = new_value(r, VALUE_DICT);

	r->nesting++;
	for (;;) {
		const char *start;

		pyscan_blanks(r);
		start = r->s;
		if (!*start || *start == close)
			break;
		if (close == ')') {
			while (pyscan_is_name(*r->s))
				r->s++;
			if (r->s > start)
				pair(r, v,
				     new_text(r, start, (size_t)(r->s - start)),
				     '=');
		} else {
			struct value *key = expression(r);

			if (key->type == VALUE_STR && !key->text.unresolved)
				pair(r, v, key, ':');
		}
		pyscan_expression(r);
		if (*r->s != ',')
			break;
		r->s++;
	}
	r->nesting--;
	r->s += *r->s == close;
	return v;
}

/* After the opening bracket; a lone one in round brackets is itself. */
static struct value *
list(struct pyscan *r, char close)
{
	struct value *items[256];
	struct value *v = new_value(r, VALUE_LIST);
	size_t n = 0;
	bool comma = false;

	r->nesting++;
	for (;;) {
		pyscan_blanks(r);
		if (!*r->s || *r->s == close || n == ARRAY_LEN(items))
			break;
		items[n++] = expression(r);
		pyscan_expression(r);
		if (*r->s != ',')
			break;
		comma = true;
		r->s++;
	}
	r->nesting--;
	r->s += *r->s == close;
	if (close == ')' && n == 1 && !comma)
		return items[0];
	v->list.n = n;
	v->list.v = arena_alloc(r->arena, (n + 1) * sizeof(*v->list.v));
	if (n)
		memcpy(v->list.v, items, n * sizeof(*items));
	return v;
}

static struct value *
word(struct pyscan *r)
{
	const char *start = r->s;
	struct value *v;
	size_t n;

	while (pyscan_is_name(*r->s) || *r->s == '.')
		r->s++;
	n = (size_t)(r->s - start);
	if (n == 4 && !strncmp(start, "dict", 4) && *r->s == '(') {
		r->s++;
		return mapping(r, ')');
	}
	if (!n)
		return NULL;
	v = new_text(r, start, n);
	if (!strcmp(v->text.s, "None"))
		v->type = VALUE_NULL;
	if (!strcmp(v->text.s, "True") || !strcmp(v->text.s, "False")) {
		v->type = VALUE_BOOL;
		v->boolean = n == 4;
	}
	return v;
}

static struct value *
literal(struct pyscan *r)
{
	if (pyscan_prefix(r->s) >= 0)
		return texts(r);
	switch (*r->s) {
	case '{':
		r->s++;
		return mapping(r, '}');
	case '[':
		r->s++;
		return list(r, ']');
	case '(':
		r->s++;
		return list(r, ')');
	default:
		break;
	}
	if (isdigit((unsigned char)*r->s) || *r->s == '-' || *r->s == '.')
		return number(r);
	return word(r);
}

/* Whatever goes on after a literal makes it something else. */
static struct value *
expression(struct pyscan *r)
{
	struct value *v = NULL;
	int line = r->line;

	if (r->depth < MAX_DEPTH) {
		r->depth++;
		v = literal(r);
		r->depth--;
	}
	pyscan_blanks(r);
	if (v && (!*r->s || strchr(",)]}:\n;", *r->s)))
		return v;
	pyscan_expression(r);
	v = value_new(r->arena, VALUE_STR, r->file, line);
	v->text.s = "";
	v->text.unresolved = "it is computed by Python";
	return v;
}

/* At the left margin: "NAME =" or "NAME: TYPE =", but not "==". */
static void
assignment(struct pyscan *r, struct value *to)
{
	const char *start = r->s;
	struct value *key;

	while (pyscan_is_name(*r->s))
		r->s++;
	if (r->s == start)
		return;
	key = new_text(r, start, (size_t)(r->s - start));
	pyscan_blanks(r);
	if (*r->s == ':')
		r->s += strcspn(r->s, "=\n");
	if (*r->s != '=' || r->s[1] == '=')
		return;
	r->s++;
	pyscan_blanks(r);
	value_put(to, key, expression(r), r->arena)->key = key;
}

struct value *
pyread_assignments(const char *text, const char *file, struct arena *arena)
{
	struct pyscan r = {.s = text, .file = file, .line = 1, .arena = arena};
	struct value *to = new_value(&r, VALUE_DICT);

	while (*r.s) {
		assignment(&r, to);
		/* What remains of the line, and texts that span several. */
		while (*r.s && *r.s != '\n') {
			if (*r.s == '#')
				pyscan_comment(&r);
			else if (pyscan_prefix(r.s) == 0)
				pyscan_quoted(&r, false, NULL);
			else
				r.s++;
		}
		if (*r.s) {
			r.line++;
			r.s++;
		}
	}
	return to;
}

struct value *
pyread_call(const char *text, const char *name, const char *file,
            struct arena *arena)
{
	struct pyscan r = {.s = text, .file = file, .line = 1, .arena = arena};
	size_t len = strlen(name);

	while (*r.s) {
		if (*r.s == '#') {
			pyscan_comment(&r);
		} else if (pyscan_prefix(r.s) == 0) {
			pyscan_quoted(&r, false, NULL);
		} else if (!strncmp(r.s, name, len) && r.s[len] == '(') {
			r.s += len + 1;
			return mapping(&r, ')');
		} else {
			r.line += *r.s == '\n';
			r.s++;
		}
	}
	return NULL;
}
