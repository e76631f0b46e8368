/* SPDX-License-Identifier: MIT */
/* omega_name.c - "${…}" itself: a name to look up, or a resolver to call */
#include "base/buf.h"
#include "base/strv.h"
#include "model/nearest.h"
#include "model/omega_reader.h"
#include "model/omega_scan.h"
#include "model/pystr.h"
#include "model/value.h"

/* What is between "${" and "}" or ":", piece by piece. */
struct name {
	struct strv parts;
	size_t dots;
	bool plain; /* may name a resolver: words with single dots between */
};

static int
nested_part(struct reader *r, struct name *name, bool bracket)
{
	struct node *n = NULL;
	cleanup_buf struct buf key = BUF_INIT;

	if (reader_interpolation(r, &n) || !n)
		return -1;
	if (omega_unresolved(n)) {
		strv_add(&name->parts, "");
		return 0;
	}
	if (n->raw->type != VALUE_STR && n->raw->type != VALUE_INT)
		return omega_wrong(r->o, r->site,
		                   "the '${…}' within it must be a text or a "
		                   "whole number, not %s",
		                   value_type_name(n->raw));
	pystr(n->raw, &key);
	if (bracket)
		strv_add(&name->parts, key.s);
	else
		omega_split(key.s, &name->parts);
	return 0;
}

static int
part(struct reader *r, struct name *name, bool bracket)
{
	cleanup_buf struct buf key = BUF_INIT;
	size_t n;

	if (reader_at_open(r))
		return nested_part(r, name, bracket);
	n = omega_scan_key(r->s, (size_t)(r->end - r->s), &key);
	if (!n)
		return reader_syntax(r, "a name");
	if (!omega_scan_is_word(r->s, n))
		name->plain = false;
	r->s += n;
	strv_add(&name->parts, key.s);
	return 0;
}

static int
name_of(struct reader *r, struct name *name)
{
	while (reader_at(r, '.')) {
		r->s++;
		name->dots++;
	}
	name->plain = !name->dots;
	for (bool first = true;; first = false) {
		bool bracket = reader_at(r, '[');

		if (!first && !bracket) {
			if (!reader_at(r, '.'))
				return 0;
			r->s++;
		}
		if (bracket) {
			name->plain = false;
			r->s++;
		}
		if (part(r, name, bracket))
			return -1;
		if (bracket && !reader_at(r, ']'))
			return reader_syntax(r, "']'");
		r->s += bracket;
	}
}

static int
not_found(struct reader *r, const struct name *name, const struct node *lacks)
{
	struct nearest near = {.word = NULL};
	cleanup_buf struct buf hint = BUF_INIT;
	cleanup_buf struct buf key = BUF_INIT;
	const struct value *v = lacks ? lacks->raw : NULL;

	for (size_t i = 0; i < name->parts.n; i++)
		buf_addf(&key, "%s%s", i ? "." : "", name->parts.v[i]);
	for (size_t i = 0; v && v->type == VALUE_DICT && i < v->dict.n; i++)
		if (value_text(v->dict.v[i].key))
			nearest_offer(&near, name->parts.v[name->parts.n - 1],
			              v->dict.v[i].key->text.s);
	nearest_hint(&near, &hint);
	return omega_wrong(
	    r->o, r->site,
	    "there is no '%.80s'%s in the files of this kind and "
	    "environment%s",
	    key.s, name->dots ? " beside it" : "", hint.s);
}

static int
reference(struct reader *r, const struct name *name, struct node **ret)
{
	struct node *start = omega_start(r->site, name->dots);
	struct node *last;

	if (!start)
		return omega_wrong(r->o, r->site,
		                   "has more dots than there are mappings "
		                   "around it");
	if (omega_select(r->o, start, &name->parts, ret, &last))
		return -1;
	if (!*ret)
		return not_found(r, name, last);
	if (omega_missing(*ret))
		return omega_wrong(r->o, r->site,
		                   "stands for a value that is yet to be given "
		                   "(three question marks)");
	for (const struct node *n = r->site; n; n = n->up)
		if (n == *ret)
			return omega_wrong(r->o, r->site,
			                   "stands for something that it is "
			                   "part of");
	return 0;
}

static int
call(struct reader *r, const struct name *name, struct node **ret)
{
	struct node *args[OMEGA_MAX_ARGS] = {NULL};
	cleanup_buf struct buf full = BUF_INIT;
	size_t n;

	for (size_t i = 0; i < name->parts.n; i++)
		buf_addf(&full, "%s%s", i ? "." : "", name->parts.v[i]);
	if (!name->plain)
		return omega_wrong(r->o, r->site,
		                   "'%.80s' cannot be the name of a resolver",
		                   full.s);
	if (reader_sequence(r, '}', args, &n))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (omega_unresolved(args[i]))
			r->unresolved = omega_unresolved(args[i]);
	if (r->unresolved) {
		*ret = omega_poison(r->o, r->site, r->unresolved);
		return 0;
	}
	return omega_call(r->o, r->site, full.s, args, n, ret);
}

int
reader_interpolation(struct reader *r, struct node **ret)
{
	struct name name = {.parts = STRV_INIT};
	int failed;

	if (++r->o->hops > OMEGA_MAX_HOPS)
		return omega_wrong(r->o, r->site, "is nested too deeply");
	r->s += 2;
	reader_skip_blanks(r);
	failed = name_of(r, &name);
	if (failed)
		;
	else if (reader_accept(r, ':'))
		failed = call(r, &name, ret);
	else if (!reader_accept(r, '}'))
		failed = reader_syntax(r, "'}'");
	else if (r->unresolved)
		*ret = omega_poison(r->o, r->site, r->unresolved);
	else
		failed = reference(r, &name, ret);
	strv_free(&name.parts);
	r->o->hops--;
	if (!failed && *ret && omega_unresolved(*ret))
		r->unresolved = omega_unresolved(*ret);
	return failed;
}
