/* SPDX-License-Identifier: MIT */
/* csv.c - metrics in rows */
#include "model/csv.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/strv.h"
#include "model/value.h"

struct table {
	struct strv head;
	struct strv row;
	int line;
	char comma;
	struct arena *arena;
};

/* One field; *s then stands after it, at a comma, a line's end or the end. */
static char *
field(const char **s, char comma)
{
	cleanup_buf struct buf to = BUF_INIT;
	const char *p = *s;

	if (*p == '"') {
		for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
			p += *p == '"';
			buf_addc(&to, *p);
		}
		p += *p == '"';
	}
	for (; *p && *p != comma && *p != '\n'; p++)
		if (*p != '\r')
			buf_addc(&to, *p);
	*s = p;
	return buf_detach(&to);
}

/* Past a line, whose fields are put into 'to'. */
static const char *
row(const char *s, char comma, struct strv *to)
{
	strv_free(to);
	for (;;) {
		strv_take(to, field(&s, comma));
		if (*s != comma)
			return *s ? s + 1 : s;
		s++;
	}
}

/* The row's field below one of these names, or NULL. */
static const char *
column(const struct table *t, const char *a, const char *b, const char *c)
{
	for (size_t i = 0; i < t->head.n && i < t->row.n; i++)
		if (!strcmp(t->head.v[i], a) || !strcmp(t->head.v[i], b) ||
		    !strcmp(t->head.v[i], c))
			return t->row.v[i];
	return NULL;
}

static void
put(const struct table *t, struct value *dict, const char *key,
    const char *text)
{
	struct value *v;

	if (!text || !*text)
		return;
	v = value_str(t->arena, arena_dup(t->arena, text));
	v->line = t->line;
	value_put(dict, value_str(t->arena, key), v, t->arena);
}

static struct value *
point(const struct table *t, const char *value)
{
	struct value *v = value_new(t->arena, VALUE_DICT, NULL, t->line);

	put(t, v, "value", value);
	put(t, v, "step", column(t, "step", "step", "epoch"));
	put(t, v, "timestamp",
	    column(t, "timestamp", "timestamp", "timestamp"));
	return v;
}

static void
append_to(const struct table *t, struct value *dict, const char *name,
          struct value *item)
{
	struct value *key = value_str(t->arena, arena_dup(t->arena, name));
	const struct value_pair *old = value_find(dict, key);
	struct value *list =
	    old ? old->item : value_new(t->arena, VALUE_LIST, NULL, t->line);

	if (!old)
		value_put(dict, key, list, t->arena);
	value_append(list, item, t->arena);
}

static void
add_row(const struct table *t, bool many, struct value *to)
{
	const char *name = column(t, "name", "metric", "key");
	const char *value = column(t, "value", "value", "value");

	if (!many) {
		value_append(to, point(t, value ? value : t->row.v[0]),
		             t->arena);
		return;
	}
	if (name) {
		append_to(t, to, name, point(t, value));
		return;
	}
	for (size_t i = 0; i < t->head.n && i < t->row.n; i++)
		if (strcmp(t->head.v[i], "step") != 0 &&
		    strcmp(t->head.v[i], "epoch") != 0 &&
		    strcmp(t->head.v[i], "timestamp") != 0 && *t->row.v[i])
			append_to(t, to, t->head.v[i], point(t, t->row.v[i]));
}

struct value *
csv_metrics(const char *text, char comma, bool many, struct arena *arena)
{
	struct table t = {.head = STRV_INIT,
	                  .row = STRV_INIT,
	                  .line = 1,
	                  .comma = comma,
	                  .arena = arena};
	struct value *to =
	    value_new(arena, many ? VALUE_DICT : VALUE_LIST, NULL, 1);

	text = row(text, comma, &t.head);
	while (*text) {
		t.line++;
		text = row(text, comma, &t.row);
		if (t.row.n > 1 || *t.row.v[0])
			add_row(&t, many, to);
	}
	strv_free(&t.head);
	strv_free(&t.row);
	return to;
}
