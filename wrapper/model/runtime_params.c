/* SPDX-License-Identifier: MIT */
/* runtime_params.c - what `kedro run --params` says */
#include "model/runtime_params.h"

#include <ctype.h>
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "model/conf_merge.h"
#include "model/omega.h"
#include "model/pystr.h"
#include "model/redact.h"
#include "model/value.h"
#include "model/value_yaml.h"
#include "model/version.h"
#include "wire/yaml.h"

enum syntax { NUMBERS, DOTTED_NUMBERS, EITHER, EQUALS };

static enum syntax
syntax_of(const char *version)
{
	if (!version_before(version, 0, 19, 0))
		return EQUALS;
	if (!version_before(version, 0, 18, 5))
		return EITHER;
	return version_before(version, 0, 17, 6) ? NUMBERS : DOTTED_NUMBERS;
}

static struct value *
typed_by_yaml(const char *text, struct arena *arena)
{
	struct value *v = value_new(arena, VALUE_NULL, NULL, 0);
	struct err err = ERR_INIT;
	struct ynode *node = NULL;

	if (yaml_parse("--params", text, strlen(text), arena, &node, &err) ||
	    (node &&
	     value_from_yaml(node, DIALECT_OMEGACONF, NULL, arena, &v, &err)))
		return value_str(arena, arena_dup(arena, text));
	return v;
}

/* "1_000" to "1000"; a '_' that is not between digits stays. */
static void
without_grouping(const char *text, struct buf *to)
{
	for (size_t i = 0; text[i]; i++)
		if (text[i] != '_' || !i ||
		    !isdigit((unsigned char)text[i - 1]) ||
		    !isdigit((unsigned char)text[i + 1]))
			buf_addc(to, text[i]);
}

/* As Python's float(), and whole numbers as int(). */
static struct value *
typed_as_number(const char *typed, struct arena *arena)
{
	struct value *v = value_str(arena, arena_dup(arena, typed));
	cleanup_buf struct buf whole = BUF_INIT;
	cleanup_buf struct buf plain = BUF_INIT;
	const char *text;
	char *end;
	double number;

	without_grouping(typed, &plain);
	text = plain.s;
	number = strtod(text, &end);
	if (end == text || *end || strpbrk(text, "xXpP(") ||
	    isspace((unsigned char)*text))
		return v;
	v->type = VALUE_FLOAT;
	v->number = number;
	/* Beyond 2^53 every double is whole. */
	if (!isfinite(number) ||
	    (number < 9007199254740992.0 && number > -9007199254740992.0 &&
	     (double)(int64_t)number != number))
		return v;
	buf_addf(&whole, "%.0f", number == 0 ? 0.0 : number);
	v->type = VALUE_INT;
	v->text =
	    (struct value_text){.s = arena_ndup(arena, whole.s, whole.len),
	                        .len = whole.len};
	return v;
}

/* Where the name ends; 0: the item has no sign that is one. */
static size_t
split_at(const char *item, enum syntax syntax)
{
	const char *equals = strchr(item, '=');
	const char *colon = strchr(item, ':');

	if (syntax == NUMBERS || syntax == DOTTED_NUMBERS)
		equals = NULL;
	/* A project's own version may be newer than the Kedro that runs. */
	if (equals && colon)
		return (size_t)((syntax == EQUALS || equals < colon ? equals
		                                                    : colon) -
		                item);
	if (!equals)
		equals = colon;
	return equals ? (size_t)(equals - item) : 0;
}

static char *
trimmed(const char *s, size_t len)
{
	while (len && isspace((unsigned char)*s)) {
		s++;
		len--;
	}
	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	return mem_ndup(s, len);
}

/* dict[a][b] = v for "a.b"; what is no mapping on the way becomes one. */
static void
put(struct value *to, const char *key, bool dotted, struct value *v,
    struct arena *arena)
{
	cleanup_strv struct strv parts = STRV_INIT;

	if (dotted)
		omega_split(key, &parts);
	else
		strv_add(&parts, key);
	for (size_t i = 0; i < parts.n; i++) {
		struct value *name =
		    value_str(arena, arena_dup(arena, parts.v[i]));
		const struct value_pair *old = value_find(to, name);
		struct value *next = old ? old->item : NULL;

		if (i + 1 == parts.n) {
			value_put(to, name, v, arena);
			return;
		}
		if (!next || next->type != VALUE_DICT)
			next = value_new(arena, VALUE_DICT, NULL, 0);
		value_put(to, name, next, arena);
		to = next;
	}
}

static void
parse_item(const char *item, enum syntax syntax, struct value *to,
           struct arena *arena, struct strv *warnings)
{
	size_t n = split_at(item, syntax);
	cleanup_free char *key = trimmed(item, n);
	cleanup_free char *value = NULL;
	bool number = syntax == NUMBERS || syntax == DOTTED_NUMBERS;

	if (!*key) {
		strv_take(warnings,
		          mem_printf("--params: an item is not 'name%cvalue', "
		                     "so it is left out",
		                     number ? ':' : '='));
		return;
	}
	/* OmegaConf gets the item as it is, blanks before the sign too. */
	if (!number)
		mem_replace(&key, mem_ndup(item, n));
	value = number ? trimmed(item + n + 1, strlen(item + n + 1))
	               : mem_dup(item + n + 1);
	put(to, key, syntax != NUMBERS,
	    number ? typed_as_number(value, arena)
	           : typed_by_yaml(value, arena),
	    arena);
}

struct value *
runtime_params_parse(const char *text, const char *version, struct arena *arena,
                     struct strv *warnings)
{
	struct value *to = value_new(arena, VALUE_DICT, NULL, 0);
	enum syntax syntax = syntax_of(version);

	while (*text) {
		size_t len = strcspn(text, ",");
		cleanup_free char *item = trimmed(text, len);

		if (*item)
			parse_item(item, syntax, to, arena, warnings);
		text += len;
		text += *text == ',';
	}
	return to;
}

void
runtime_params_add(struct value *to, const struct kvs *flags,
                   struct arena *arena)
{
	for (size_t i = 0; flags && i < flags->n; i++)
		put(to, flags->v[i].key, true,
		    typed_by_yaml(flags->v[i].value, arena), arena);
}

void
runtime_params_apply(struct value *to, const struct value *from,
                     const char *version, struct arena *arena)
{
	if (version_before(version, 0, 17, 0))
		conf_overlay(to, from, true, arena);
	else
		conf_merge_over(to, from, arena);
}

static void
show_dict(const struct value *v, struct buf *to)
{
	buf_addc(to, '{');
	for (size_t i = 0; i < v->dict.n; i++) {
		const struct value_pair *p = &v->dict.v[i];
		const char *name = value_text(p->key);

		if (i)
			buf_adds(to, ", ");
		pyrepr(p->key, to);
		buf_adds(to, ": ");
		if (name && redact_is_secret_name(name))
			buf_adds(to, "'" REDACTED "'");
		else
			runtime_params_show(p->item, to);
	}
	buf_addc(to, '}');
}

void
runtime_params_show(const struct value *v, struct buf *to)
{
	if (v->type == VALUE_DICT)
		show_dict(v, to);
	else
		pyrepr(v, to);
}
