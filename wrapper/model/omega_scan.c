/* SPDX-License-Identifier: MIT */
/* omega_scan.c - the letters and words of OmegaConf's expressions */
#include "model/omega_scan.h"

#include <ctype.h>
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/scalar.h"
#include "model/value.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_letter(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_/-\\+.$%*@?|", c));
}

/* Blanks, and what stands behind them belongs to the value. */
static size_t
scan_blanks(const char *s, size_t len, bool key)
{
	size_t n = 0;

	while (n < len && is_blank(s[n]))
		n++;
	if (n == len || strchr(",]}", s[n]) || (key && s[n] == ':'))
		return 0;
	return n;
}

size_t
omega_scan_piece(const char *s, size_t len, bool key)
{
	size_t n = 0;

	if (!len)
		return 0;
	if (is_blank(*s))
		return scan_blanks(s, len, key);
	if (len > 1 && *s == '\\' && s[1] && strchr("\\()[]{}:=, \t", s[1]))
		return 2;
	if (len > 1 && *s == '$' && s[1] == '{')
		return 2;
	if (*s == ':')
		return !key;
	if (*s == '\\')
		return 1;
	while (n < len && is_letter(s[n]) && (!n || !strchr("\\$", s[n])))
		n++;
	return n;
}

/* Digits, which single underscores may part; 0: there are none. */
static size_t
digits(const char *s, size_t len, bool number)
{
	size_t n = 0;

	while (n < len && (isdigit((unsigned char)s[n]) ||
	                   (n && s[n] == '_' && s[n - 1] != '_' &&
	                    n + 1 < len && isdigit((unsigned char)s[n + 1]))))
		n++;
	/* "0" stands alone, "01" is no number. */
	return number && n > 1 && *s == '0' ? 1 : n;
}

enum form { TEXT, INTEGER, REAL };

static enum form
form_of(const char *s, size_t len)
{
	size_t whole = digits(s, len, true);
	size_t at = whole;
	bool dot = at < len && s[at] == '.';
	size_t part = 0;

	if (dot) {
		at++;
		part = digits(s + at, len - at, false);
		at += part;
	}
	if (!whole && !part)
		return TEXT;
	if (at == len)
		return dot ? REAL : INTEGER;
	if (s[at] != 'e' && s[at] != 'E')
		return TEXT;
	at++;
	if (at < len && (s[at] == '+' || s[at] == '-'))
		at++;
	part = digits(s + at, len - at, false);
	return part && at + part == len ? REAL : TEXT;
}

static bool
is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && !strncasecmp(s, word, len);
}

static void
set_number(struct value *v, const char *s, size_t len, enum form form,
           struct arena *arena)
{
	char *plain = arena_alloc(arena, len + 1);
	size_t n = 0;

	for (size_t i = *s == '+'; i < len; i++)
		if (s[i] != '_')
			plain[n++] = s[i];
	if (form == REAL) {
		v->type = VALUE_FLOAT;
		v->number = strtod(plain, NULL);
		return;
	}
	v->type = VALUE_INT;
	v->text.s = !strcmp(plain, "-0") ? plain + 1 : plain;
	v->text.len = strlen(v->text.s);
}

struct value *
omega_scan_value(const char *s, size_t len, struct arena *arena)
{
	struct value *v = value_new(arena, VALUE_STR, NULL, 0);
	size_t sign = len && (*s == '+' || *s == '-');
	enum form form = form_of(s + sign, len - sign);

	if (form != TEXT) {
		set_number(v, s, len, form, arena);
	} else if (is_word(s + sign, len - sign, "inf") ||
	           is_word(s + sign, len - sign, "nan")) {
		v->type = VALUE_FLOAT;
		v->number =
		    (s[sign] | 0x20) == 'n' ? (double)NAN : (double)INFINITY;
		if (*s == '-')
			v->number = -v->number;
	} else if (is_word(s, len, "true") || is_word(s, len, "false")) {
		v->type = VALUE_BOOL;
		v->boolean = len == 4;
	} else if (is_word(s, len, "null")) {
		v->type = VALUE_NULL;
	} else {
		v->text.s = arena_ndup(arena, s, len);
		v->text.len = len;
	}
	return v;
}

size_t
omega_scan_key(const char *s, size_t len, struct buf *to)
{
	size_t n = 0;

	while (n < len) {
		if (s[n] == '\\' && n + 1 < len &&
		    strchr("\\.[]:=", s[n + 1]) && s[n + 1]) {
			buf_addc(to, s[n + 1]);
			n += 2;
			continue;
		}
		if (!s[n] || strchr("\\{}()[]:. \t'\"", s[n]))
			break;
		buf_addc(to, s[n++]);
	}
	return n;
}

bool
omega_scan_is_word(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalpha((unsigned char)s[i]) && s[i] != '_' &&
		    !(i && (isdigit((unsigned char)s[i]) || s[i] == '-')))
			return false;
	return len > 0;
}
