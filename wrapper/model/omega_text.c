/* SPDX-License-Identifier: MIT */
/* omega_text.c - the grammar of texts with "${", evaluated as it is read */
#include "base/arena.h"
#include "base/buf.h"
#include "base/enc.h"
#include "model/omega_reader.h"
#include "model/omega_scan.h"
#include "model/pystr.h"
#include "model/value.h"

static int element(struct reader *r, struct node **ret);

void
reader_skip_blanks(struct reader *r)
{
	while (reader_at(r, ' ') || reader_at(r, '\t'))
		r->s++;
}

bool
reader_accept(struct reader *r, char c)
{
	const char *start = r->s;

	reader_skip_blanks(r);
	if (reader_at(r, c)) {
		r->s++;
		return true;
	}
	r->s = start;
	return false;
}

int
reader_syntax(struct reader *r, const char *wanted)
{
	cleanup_buf struct buf here = BUF_INIT;
	size_t n = (size_t)(r->end - r->s);

	enc_printable(&here, r->s, n < 20 ? n : 20);
	if (!n)
		return omega_wrong(r->o, r->site,
		                   "the text ends where %s should be; close "
		                   "the '${', or write '\\${' for the letters",
		                   wanted);
	return omega_wrong(r->o, r->site,
	                   "%s should be where '%s' begins; put texts with "
	                   "other letters in quotes, or write '\\${' for the "
	                   "letters",
	                   wanted, here.s);
}

static struct node *
literal(struct reader *r, struct value *v)
{
	return omega_literal(r->o, r->site, v);
}

static struct node *
literal_text(struct reader *r, const struct buf *text)
{
	struct value *v = value_new(r->o->arena, VALUE_STR, NULL, 0);

	v->text.s = arena_ndup(r->o->arena, text->s, text->len);
	v->text.len = text->len;
	return literal(r, v);
}

static int
add_text(struct reader *r, struct buf *to, const char *s, size_t len)
{
	r->o->texts += len;
	if (to->len + len > OMEGA_MAX_TEXT || r->o->texts > OMEGA_MAX_TEXTS)
		return omega_wrong(r->o, r->site,
		                   "what is put together becomes too long");
	buf_add(to, s, len);
	return 0;
}

static int
add_interpolation(struct reader *r, struct buf *to, struct node **single)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (reader_interpolation(r, single))
		return -1;
	if (omega_unresolved(*single))
		return 0;
	/* Nothing but a text may be repeated without end. */
	if ((*single)->raw->type == VALUE_STR)
		return add_text(r, to, (*single)->raw->text.s,
		                (*single)->raw->text.len);
	pystr((*single)->raw, &text);
	return add_text(r, to, text.s, text.len);
}

/*
 * At a run of backslashes.  Before "${" and a closing quote they are escapes,
 * two for one, and an odd one makes letters of what follows; else they are
 * what they are.
 */
static int
add_backslashes(struct reader *r, char quote, struct buf *to)
{
	const char *start = r->s;
	size_t n, keep;

	while (reader_at(r, '\\'))
		r->s++;
	n = (size_t)(r->s - start);
	if (reader_at_open(r) || (quote && reader_at(r, quote)) ||
	    (quote && r->s == r->end)) {
		keep = n / 2;
		if (add_text(r, to, start, keep))
			return -1;
		if (n % 2 == 0)
			return 0;
		n = reader_at_open(r) ? 2 : 1;
		start = r->s;
		r->s += n;
		return add_text(r, to, start, n);
	}
	return add_text(r, to, start, n);
}

/* Up to 'quote' (0: to the end); a lone "${…}" keeps its type without one. */
static int
text(struct reader *r, char quote, struct node **ret)
{
	cleanup_buf struct buf whole = BUF_INIT;
	struct node *single = NULL;
	size_t pieces = 0;

	for (; r->s < r->end && !(quote && *r->s == quote); pieces++) {
		const char *start = r->s;

		if (reader_at_open(r)) {
			if (add_interpolation(r, &whole, &single))
				return -1;
			continue;
		}
		if (*r->s == '\\') {
			if (add_backslashes(r, quote, &whole))
				return -1;
			continue;
		}
		do
			r->s++;
		while (r->s < r->end && *r->s != '\\' && *r->s != '$' &&
		       !(quote && *r->s == quote));
		if (add_text(r, &whole, start, (size_t)(r->s - start)))
			return -1;
	}
	if (quote && !reader_at(r, quote))
		return reader_syntax(r, "the closing quote");
	r->s += quote != 0;
	*ret =
	    single && pieces == 1 && !quote ? single : literal_text(r, &whole);
	return 0;
}

/* Letters, digits and signs up to what ends an element. */
static int
primitive(struct reader *r, bool key, struct node **ret)
{
	cleanup_buf struct buf whole = BUF_INIT;
	struct node *single = NULL;
	const char *start = r->s;
	bool plain = true;
	size_t pieces = 0;
	size_t n;

	for (; (n = omega_scan_piece(r->s, (size_t)(r->end - r->s), key));
	     pieces++) {
		if (reader_at_open(r)) {
			if (key)
				return reader_syntax(r, "a plain key");
			plain = false;
			if (add_interpolation(r, &whole, &single))
				return -1;
			continue;
		}
		/* An escape is two letters of which the second one counts. */
		if (n == 2 && *r->s == '\\') {
			plain = false;
			buf_addc(&whole, r->s[1]);
		} else if (add_text(r, &whole, r->s, n)) {
			return -1;
		}
		r->s += n;
	}
	if (!pieces)
		return reader_syntax(r, key ? "a key" : "a value");
	if (single && pieces == 1) {
		*ret = single;
		return 0;
	}
	*ret = plain
	           ? literal(r, omega_scan_value(start, (size_t)(r->s - start),
	                                         r->o->arena))
	           : literal_text(r, &whole);
	return 0;
}

int
reader_sequence(struct reader *r, char close, struct node **items, size_t *n)
{
	bool comma = true;

	*n = 0;
	reader_skip_blanks(r);
	if (reader_accept(r, close))
		return 0;
	for (;;) {
		if (*n == OMEGA_MAX_ARGS)
			return reader_syntax(r, "no more than 64 values");
		if (reader_accept(r, ',')) {
			if (comma)
				items[(*n)++] =
				    literal(r, value_str(r->o->arena, ""));
			reader_skip_blanks(r);
			comma = true;
			continue;
		}
		if (reader_accept(r, close)) {
			if (comma)
				items[(*n)++] =
				    literal(r, value_str(r->o->arena, ""));
			return 0;
		}
		if (!comma)
			return reader_syntax(r, "a comma");
		if (element(r, &items[(*n)++]))
			return -1;
		comma = false;
	}
}

static int
list(struct reader *r, struct node **ret)
{
	struct value *v = value_new(r->o->arena, VALUE_LIST, NULL, 0);
	struct node *items[OMEGA_MAX_ARGS] = {NULL};

	r->s++;
	if (reader_sequence(r, ']', items, &v->list.n))
		return -1;
	v->list.v =
	    arena_alloc(r->o->arena, (v->list.n + 1) * sizeof(*v->list.v));
	for (size_t i = 0; i < v->list.n; i++)
		if (omega_deep(r->o, items[i], &v->list.v[i]))
			return -1;
	*ret = literal(r, v);
	return 0;
}

static int
dict(struct reader *r, struct node **ret)
{
	struct value *v = value_new(r->o->arena, VALUE_DICT, NULL, 0);
	struct node *key = NULL, *item = NULL;
	struct value *done = NULL;

	r->s++;
	reader_skip_blanks(r);
	*ret = literal(r, v);
	if (reader_accept(r, '}'))
		return 0;
	do {
		reader_skip_blanks(r);
		if (primitive(r, true, &key) || !key)
			return -1;
		if (!reader_accept(r, ':'))
			return reader_syntax(r, "':'");
		reader_skip_blanks(r);
		if (element(r, &item) || omega_deep(r->o, item, &done))
			return -1;
		value_put(v, key->raw, done, r->o->arena);
	} while (reader_accept(r, ','));
	return reader_accept(r, '}') ? 0 : reader_syntax(r, "'}'");
}

static int
element(struct reader *r, struct node **ret)
{
	int failed;

	if (++r->o->hops > OMEGA_MAX_HOPS)
		return omega_wrong(r->o, r->site, "is nested too deeply");
	if (reader_at(r, '\'') || reader_at(r, '"')) {
		char quote = *r->s++;

		failed = text(r, quote, ret);
	} else if (reader_at(r, '[')) {
		failed = list(r, ret);
	} else if (reader_at(r, '{')) {
		failed = dict(r, ret);
	} else {
		failed = primitive(r, false, ret);
	}
	r->o->hops--;
	return failed;
}

static int
finish(struct reader *r, struct node **ret)
{
	if (r->unresolved && !omega_unresolved(*ret))
		*ret = omega_poison(r->o, r->site, r->unresolved);
	return 0;
}

int
omega_text(struct omega *o, struct node *site, struct node **ret)
{
	const struct value_text *t = &site->raw->text;
	struct reader r = {.o = o,
	                   .site = site,
	                   .s = t->s,
	                   .end = t->s + t->len};

	return text(&r, 0, ret) ? -1 : finish(&r, ret);
}

int
omega_element(struct omega *o, struct node *site, const char *s,
              struct node **ret)
{
	struct reader r = {.o = o, .site = site, .s = s, .end = s + strlen(s)};

	reader_skip_blanks(&r);
	if (element(&r, ret))
		return -1;
	reader_skip_blanks(&r);
	if (r.s != r.end)
		return reader_syntax(&r, "the end");
	return finish(&r, ret);
}
