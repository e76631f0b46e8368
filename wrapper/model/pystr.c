/* SPDX-License-Identifier: MIT */
/* pystr.c - values as Python's str() and repr() write them */
#include "model/pystr.h"

#include <math.h>

#include "base/buf.h"
#include "base/enc.h"
#include "model/date.h"
#include "model/unicode.h"
#include "model/value.h"

enum { EXACT_DIGITS = 17 }; /* always enough for a double */

/* The next decimal of as many digits; false where that needs another one. */
static bool
next_decimal(char *text)
{
	char *p = strchr(text, 'e');

	while (p-- > text) {
		if (*p == '.')
			continue;
		if (*p != '9') {
			++*p;
			return true;
		}
		*p = '0';
	}
	return false;
}

/*
 * "D.DDDe±XX" with 'digits' digits; true if it reads back as 'number'.  Below
 * a power of two the doubles lie closer together than above it, so there the
 * next decimal further out may read back where the nearest does not.
 */
static bool
try_digits(double number, int digits, char text[40])
{
	int exponent;

	snprintf(text, 40, "%.*e", digits - 1, number);
	if (strtod(text, NULL) == number)
		return true;
	return frexp(number, &exponent) == 0.5 && next_decimal(text) &&
	       strtod(text, NULL) == number;
}

/* Lays out D.DDDe±XX as repr() does: an exponent below -4 and from 16 on. */
static void
layout(const char *text, struct buf *to)
{
	const char *e = strchr(text, 'e');
	int exponent = (int)strtol(e + 1, NULL, 10);
	cleanup_buf struct buf digits = BUF_INIT;
	int n;

	for (; text < e; text++)
		if (*text != '.')
			buf_addc(&digits, *text);
	n = (int)digits.len;
	if (exponent < -4 || exponent >= 16) {
		buf_addc(to, digits.s[0]);
		if (n > 1)
			buf_addf(to, ".%s", digits.s + 1);
		buf_addf(to, "e%+03d", exponent);
	} else if (exponent < 0) {
		buf_addf(to, "0.%.*s%s", -exponent - 1, "000", digits.s);
	} else if (n > exponent + 1) {
		buf_addf(to, "%.*s.%s", exponent + 1, digits.s,
		         digits.s + exponent + 1);
	} else {
		buf_adds(to, digits.s);
		for (int i = n; i < exponent + 1; i++)
			buf_addc(to, '0');
		buf_adds(to, ".0");
	}
}

void
pyrepr_float(double number, struct buf *to)
{
	int digits = 1;
	char text[40];

	if (isnan(number)) {
		buf_adds(to, "nan");
		return;
	}
	if (signbit(number))
		buf_addc(to, '-');
	number = fabs(number);
	if (isinf(number)) {
		buf_adds(to, "inf");
		return;
	}
	while (digits < EXACT_DIGITS && !try_digits(number, digits, text))
		digits++;
	if (digits == EXACT_DIGITS)
		snprintf(text, sizeof(text), "%.*e", EXACT_DIGITS - 1, number);
	layout(text, to);
}

static uint32_t
code_point(const char *s, size_t n)
{
	static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = (unsigned char)*s & first[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

static void
escape(uint32_t c, struct buf *to)
{
	if (c == '\n' || c == '\r' || c == '\t')
		buf_addf(to, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
	else if (c < 0x100)
		buf_addf(to, "\\x%02x", c);
	else if (c < 0x10000)
		buf_addf(to, "\\u%04x", c);
	else
		buf_addf(to, "\\U%08x", c);
}

void
pyrepr_str(const char *s, size_t len, struct buf *to)
{
	bool single = memchr(s, '\'', len) && !memchr(s, '"', len);
	char quote = single ? '"' : '\'';
	size_t n;

	buf_addc(to, quote);
	for (; len; s += n, len -= n) {
		uint32_t c;

		n = enc_utf8_len(s, len);
		c = n ? code_point(s, n) : (unsigned char)*s;
		if (!n) {
			n = 1;
			escape(c, to);
		} else if (!unicode_printable(c)) {
			escape(c, to);
		} else {
			if (c == '\\' || c == (unsigned char)quote)
				buf_addc(to, '\\');
			buf_add(to, s, n);
		}
	}
	buf_addc(to, quote);
}

static void
repr_list(const struct value_list *list, struct buf *to)
{
	buf_addc(to, '[');
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			buf_adds(to, ", ");
		pyrepr(list->v[i], to);
	}
	buf_addc(to, ']');
}

static void
repr_dict(const struct value_dict *dict, struct buf *to)
{
	buf_addc(to, '{');
	for (size_t i = 0; i < dict->n; i++) {
		if (i)
			buf_adds(to, ", ");
		pyrepr(dict->v[i].key, to);
		buf_adds(to, ": ");
		pyrepr(dict->v[i].item, to);
	}
	buf_addc(to, '}');
}

void
pyrepr(const struct value *v, struct buf *to)
{
	switch (v->type) {
	case VALUE_NULL:
		buf_adds(to, "None");
		break;
	case VALUE_BOOL:
		buf_adds(to, v->boolean ? "True" : "False");
		break;
	case VALUE_INT:
		buf_add(to, v->text.s, v->text.len);
		break;
	case VALUE_FLOAT:
		pyrepr_float(v->number, to);
		break;
	case VALUE_STR:
		pyrepr_str(v->text.s, v->text.len, to);
		break;
	case VALUE_DATE:
		date_repr(&v->date, to);
		break;
	case VALUE_LIST:
		repr_list(&v->list, to);
		break;
	case VALUE_DICT:
		repr_dict(&v->dict, to);
		break;
	}
}

void
pystr(const struct value *v, struct buf *to)
{
	if (v->type == VALUE_STR)
		buf_add(to, v->text.s, v->text.len);
	else if (v->type == VALUE_DATE)
		date_str(&v->date, to);
	else
		pyrepr(v, to);
}
