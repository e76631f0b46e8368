/* SPDX-License-Identifier: MIT */
/* value_json.c - JSON to a value, as Python's json reads it */
#include "model/value_json.h"

#include <ctype.h>
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "model/value.h"
#include "wire/yaml.h"

/* As Python's int() has it. */
enum { MAX_DIGITS = 4300 };

struct reader {
	const char *s; /* a NUL ends it; one within it is no JSON */
	const char *end;
	const char *start; /* of the line */
	const char *file;
	struct arena *arena;
	struct err *err;
	int line;
	int depth;
	size_t count;
};

static int
wrong(const struct reader *r, const char *what)
{
	return err_at(r->err, r->file, r->line, (int)(r->s - r->start) + 1,
	              "broken JSON: %s", what);
}

static void
blanks(struct reader *r)
{
	for (; *r->s && strchr(" \t\r\n", *r->s); r->s++)
		if (*r->s == '\n') {
			r->line++;
			r->start = r->s + 1;
		}
}

static struct value *
new_value(const struct reader *r, enum value_type type)
{
	struct value *v = value_new(r->arena, type, r->file, r->line);

	v->column = (unsigned)(r->s - r->start + 1) & VALUE_MAX_COLUMN;
	return v;
}

/* Four digits behind "\u"; -1 where they are not there. */
static long
hex4(const char *s)
{
	long n = 0;

	for (int i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)s[i]))
			return -1;
		n = n * 16 + (isdigit((unsigned char)s[i])
		                  ? s[i] - '0'
		                  : (s[i] | 0x20) - 'a' + 10);
	}
	return n;
}

static void
add_letter(struct buf *to, unsigned long c)
{
	if (c < 0x80) {
		buf_addc(to, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_addc(to, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_addc(to, (char)(0xe0 | c >> 12));
		} else {
			buf_addc(to, (char)(0xf0 | c >> 18));
			buf_addc(to, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_addc(to, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_addc(to, (char)(0x80 | (c & 0x3f)));
}

/* At "\u"; a half of a pair alone is no letter, and nothing we could write. */
static int
escaped_letter(struct reader *r, struct buf *to)
{
	long c = hex4(r->s + 2);
	long low = -1;

	if (c < 0)
		return wrong(r, "four hexadecimal digits follow '\\u'");
	if (c >= 0xd800 && c < 0xdc00 && r->s[6] == '\\' && r->s[7] == 'u')
		low = hex4(r->s + 8);
	if (low >= 0xdc00 && low < 0xe000) {
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		r->s += 6;
	} else if (c >= 0xd800 && c < 0xe000) {
		return wrong(r, "one half of a pair of surrogates");
	}
	add_letter(to, (unsigned long)c);
	r->s += 6;
	return 0;
}

static int
escape(struct reader *r, struct buf *to)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	const char *known = r->s[1] ? strchr(from, r->s[1]) : NULL;

	if (r->s[1] == 'u')
		return escaped_letter(r, to);
	if (!known)
		return wrong(r, "no such escape; a backslash is doubled");
	buf_addc(to, into[known - from]);
	r->s += 2;
	return 0;
}

static int
read_text(struct reader *r, struct value **ret)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct value *v = new_value(r, VALUE_STR);

	for (r->s++; *r->s != '"';) {
		size_t len;

		if (*r->s == '\\') {
			if (escape(r, &text))
				return -1;
			continue;
		}
		if ((unsigned char)*r->s < ' ')
			return wrong(r, "a text that does not end on its line");
		len = enc_utf8_len(r->s, (size_t)(r->end - r->s));
		if (!len)
			return wrong(r, "not UTF-8");
		buf_add(&text, r->s, len);
		r->s += len;
	}
	r->s++;
	v->text.s = arena_ndup(r->arena, text.s, text.len);
	v->text.len = text.len;
	*ret = v;
	return 0;
}

/* Past the digits of a number; 's' where none begins. */
static const char *
after_number(const char *s, bool *whole)
{
	const char *p = *s == '-' ? s + 1 : s;
	const char *q;

	if (!isdigit((unsigned char)*p))
		return s;
	p += *p == '0' ? 1 : strspn(p, "0123456789");
	*whole = true;
	if (*p == '.' && isdigit((unsigned char)p[1])) {
		*whole = false;
		p += 1 + strspn(p + 1, "0123456789");
	}
	if (*p != 'e' && *p != 'E')
		return p;
	q = p[1] == '+' || p[1] == '-' ? p + 2 : p + 1;
	if (!isdigit((unsigned char)*q))
		return p;
	*whole = false;
	return q + strspn(q, "0123456789");
}

static int
read_number(struct reader *r, struct value **ret)
{
	bool whole = false;
	const char *end = after_number(r->s, &whole);
	size_t len = (size_t)(end - r->s);
	struct value *v;

	if (!len)
		return wrong(r, "a value is expected; texts are in double "
		                "quotes");
	v = new_value(r, whole ? VALUE_INT : VALUE_FLOAT);
	if (whole && len > MAX_DIGITS)
		return wrong(r, "a number of more than 4300 digits");
	if (whole) {
		v->text.s = len == 2 && !strncmp(r->s, "-0", 2)
		                ? "0"
		                : arena_ndup(r->arena, r->s, len);
		v->text.len = strlen(v->text.s);
	} else {
		v->number = strtod(r->s, NULL);
	}
	r->s = end;
	*ret = v;
	return 0;
}

/* 1: a word was there and is read. */
static int
read_word(struct reader *r, struct value **ret)
{
	static const struct {
		const char *word;
		enum value_type type;
		double number;
	} words[] = {
	    {"true", VALUE_BOOL, 1},
	    {"false", VALUE_BOOL, 0},
	    {"null", VALUE_NULL, 0},
	    {"NaN", VALUE_FLOAT, (double)NAN},
	    {"Infinity", VALUE_FLOAT, (double)INFINITY},
	    {"-Infinity", VALUE_FLOAT, -(double)INFINITY},
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i].word);

		if (strncmp(r->s, words[i].word, len) != 0)
			continue;
		*ret = new_value(r, words[i].type);
		if (words[i].type == VALUE_BOOL)
			(*ret)->boolean = words[i].number > 0;
		else if (words[i].type == VALUE_FLOAT)
			(*ret)->number = words[i].number;
		r->s += len;
		return 1;
	}
	return 0;
}

static int read_value(struct reader *r, struct value **ret);

/* One pair of an object, or one item of an array. */
static int
read_member(struct reader *r, struct value *to)
{
	struct value *key = NULL;
	struct value *item = NULL;

	blanks(r);
	if (to->type == VALUE_DICT) {
		if (*r->s != '"')
			return wrong(r, "a key in double quotes is expected");
		if (read_text(r, &key))
			return -1;
		blanks(r);
		if (*r->s != ':')
			return wrong(r, "a key needs ':' and a value");
		r->s++;
	}
	if (read_value(r, &item))
		return -1;
	if (key)
		value_put(to, key, item, r->arena);
	else
		value_append(to, item, r->arena);
	return 0;
}

static int
read_members(struct reader *r, struct value **ret)
{
	bool object = *r->s == '{';
	char close = object ? '}' : ']';
	struct value *v = new_value(r, object ? VALUE_DICT : VALUE_LIST);

	r->s++;
	blanks(r);
	*ret = v;
	if (*r->s == close) {
		r->s++;
		return 0;
	}
	for (;;) {
		if (read_member(r, v))
			return -1;
		blanks(r);
		if (*r->s == close) {
			r->s++;
			return 0;
		}
		if (*r->s != ',')
			return wrong(r, object ? "',' or '}' is expected"
			                       : "',' or ']' is expected");
		r->s++;
	}
}

static int
read_value(struct reader *r, struct value **ret)
{
	int failed;

	blanks(r);
	if (++r->count > YAML_MAX_NODES)
		return wrong(r, "more than 1000000 values");
	if (*r->s == '"')
		return read_text(r, ret);
	if (*r->s != '{' && *r->s != '[')
		return read_word(r, ret) ? 0 : read_number(r, ret);
	if (r->depth == YAML_MAX_DEPTH)
		return wrong(r, "more than 100 levels");
	r->depth++;
	failed = read_members(r, ret);
	r->depth--;
	return failed;
}

int
value_from_json(const char *text, size_t len, const char *file,
                struct arena *arena, struct value **ret, struct err *err)
{
	struct reader r = {.s = text,
	                   .end = text + len,
	                   .start = text,
	                   .file = file,
	                   .arena = arena,
	                   .err = err,
	                   .line = 1};
	struct value *v = NULL;

	if (read_value(&r, &v))
		return -1;
	blanks(&r);
	if (r.s != r.end)
		return wrong(&r, "something follows the value");
	*ret = v;
	return 0;
}
