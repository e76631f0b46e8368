/* SPDX-License-Identifier: MIT */
/* scalar.c - what a YAML scalar means, in either dialect */
#include "model/scalar.h"

#include <ctype.h>
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/bigint.h"
#include "model/date.h"
#include "model/value.h"
#include "wire/yaml.h"

#define DIGITS "0123456789"
#define TAG "tag:yaml.org,2002:"

enum int_form { NO_INT, INT_DEC, INT_BIN, INT_OCT, INT_HEX, INT_SEXAGESIMAL };

static const char *
after_sign(const char *s)
{
	return *s == '+' || *s == '-' ? s + 1 : s;
}

/* After ":" and two digits below 60, or one, as often as they follow. */
static const char *
after_sexagesimal(const char *s)
{
	while (*s == ':' && isdigit((unsigned char)s[1])) {
		if (s[1] <= '5' && isdigit((unsigned char)s[2]))
			s += 3;
		else
			s += 2;
	}
	return s;
}

static enum int_form
int_form(const char *s)
{
	size_t n;

	s = after_sign(s);
	if (*s == '0') {
		if (s[1] == 'b' || s[1] == 'x') {
			n = strspn(s + 2, s[1] == 'b' ? "01_"
			                              : DIGITS "abcdefABCDEF_");
			if (!n || s[2 + n])
				return NO_INT;
			return s[1] == 'b' ? INT_BIN : INT_HEX;
		}
		n = strspn(s + 1, "01234567_");
		if (s[1 + n])
			return NO_INT;
		return n ? INT_OCT : INT_DEC;
	}
	if (!isdigit((unsigned char)*s))
		return NO_INT;
	s += strspn(s, DIGITS "_");
	if (!*s)
		return INT_DEC;
	if (*s != ':' || *after_sexagesimal(s))
		return NO_INT;
	return INT_SEXAGESIMAL;
}

/* After "e", a sign and digits; 's' itself where they do not all follow. */
static const char *
after_exponent(const char *s, bool sign_needed)
{
	const char *p = s + 1;

	if (*s != 'e' && *s != 'E')
		return s;
	if (*p == '+' || *p == '-')
		p++;
	else if (sign_needed)
		return s;
	return isdigit((unsigned char)*p) ? p + strspn(p, DIGITS) : s;
}

static bool
is_one_of(const char *s, const char *a, const char *b, const char *c)
{
	return !strcmp(s, a) || !strcmp(s, b) || !strcmp(s, c);
}

/* YAML 1.1: a dot is needed, and a sign in the exponent. */
static bool
is_float11(const char *s)
{
	const char *p = after_sign(s);

	if (is_one_of(s, ".nan", ".NaN", ".NAN") ||
	    is_one_of(p, ".inf", ".Inf", ".INF"))
		return true;
	if (*s == '.') {
		if (!isdigit((unsigned char)s[1]))
			return false;
		s += 1 + strspn(s + 1, DIGITS "_");
		return !*after_exponent(s, true);
	}
	if (!isdigit((unsigned char)*p))
		return false;
	p += strspn(p, DIGITS "_");
	if (*p == ':')
		p = after_sexagesimal(p);
	else if (*p == '.')
		return !*after_exponent(p + 1 + strspn(p + 1, DIGITS "_"),
		                        true);
	return *p == '.' && !p[1 + strspn(p + 1, DIGITS "_")];
}

/* What OmegaConf adds: "1e3", "1.5e3"; digits grouped by single "_". */
static bool
is_float_omega(const char *s)
{
	const char *p = after_sign(s);
	const char *q;

	while (isdigit((unsigned char)*p)) {
		p += strspn(p, DIGITS);
		if (*p == '_' && isdigit((unsigned char)p[1]))
			p++;
	}
	if (p == after_sign(s))
		return false;
	if (*p == '.')
		return !*after_exponent(p + 1 + strspn(p + 1, DIGITS "_"),
		                        false);
	q = after_exponent(p, false);
	return q != p && !*q;
}

static void
without_underscores(const char *s, struct buf *to)
{
	for (; *s; s++)
		if (*s != '_')
			buf_addc(to, *s);
}

static int
digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* 'decimal' receives the digits; false: none, or too many. */
static bool
int_digits(const char *s, enum int_form form, struct buf *decimal)
{
	static const unsigned bases[] = {[INT_DEC] = 10,
	                                 [INT_BIN] = 2,
	                                 [INT_OCT] = 8,
	                                 [INT_HEX] = 16,
	                                 [INT_SEXAGESIMAL] = 10};
	struct bigint b = {.n = 0};

	if (form == INT_BIN || form == INT_HEX)
		s += 2;
	if (!*s)
		return false;
	while (*s && *s != ':')
		if (!bigint_muladd(&b, bases[form], (unsigned)digit(*s++)))
			return false;
	while (*s == ':') {
		unsigned part = 0;

		for (s++; *s && *s != ':'; s++)
			part = part * 10 + (unsigned)digit(*s);
		if (!bigint_muladd(&b, 60, part))
			return false;
	}
	bigint_print(&b, decimal);
	return true;
}

static const char *
make_int(const char *s, enum int_form form, struct arena *arena,
         struct value *ret)
{
	cleanup_buf struct buf plain = BUF_INIT;
	cleanup_buf struct buf decimal = BUF_INIT;

	if (*s == '-')
		buf_addc(&decimal, '-');
	without_underscores(after_sign(s), &plain);
	if (!int_digits(plain.s, form, &decimal))
		return "is an integer without digits, or with more than 4300";
	if (!strcmp(decimal.s, "-0"))
		buf_reset(&decimal);
	if (!decimal.len)
		buf_addc(&decimal, '0');
	ret->type = VALUE_INT;
	ret->text.s = arena_ndup(arena, decimal.s, decimal.len);
	ret->text.len = decimal.len;
	return NULL;
}

static double
sexagesimal(const char *s)
{
	double total = 0;
	double part[32];
	double base = 1;
	size_t n = 0;

	/* From the right, as PyYAML adds them up. */
	for (; n < ARRAY_LEN(part); s++) {
		char *end;

		part[n++] = strtod(s, &end);
		s = end;
		if (*s != ':')
			break;
	}
	while (n--) {
		total += part[n] * base;
		base *= 60;
	}
	return total;
}

static const char *
make_float(const char *s, struct value *ret)
{
	cleanup_buf struct buf plain = BUF_INIT;
	const char *p;
	char *end;

	without_underscores(s, &plain);
	p = after_sign(plain.s);
	ret->type = VALUE_FLOAT;
	if (!strcasecmp(p, ".inf") || !strcasecmp(p, ".nan")) {
		ret->number =
		    strcasecmp(p, ".inf") ? (double)NAN : (double)INFINITY;
	} else if (strchr(p, ':')) {
		ret->number = sexagesimal(p);
	} else {
		ret->number = strtod(p, &end);
		if (end == p || *end || strpbrk(p, "xXpP"))
			return "is no valid floating-point number";
	}
	if (*plain.s == '-')
		ret->number = -ret->number;
	return NULL;
}

static const char *
make_bool(const char *s, struct value *ret)
{
	bool yes = !strcasecmp(s, "yes") || !strcasecmp(s, "true") ||
	           !strcasecmp(s, "on");

	if (!yes && strcasecmp(s, "no") && strcasecmp(s, "false") &&
	    strcasecmp(s, "off"))
		return "is neither true nor false";
	ret->type = VALUE_BOOL;
	ret->boolean = yes;
	return NULL;
}

/* YAML takes "yes", "Yes" and "YES", but not "yEs". */
static bool
is_cased(const char *s, const char *word)
{
	size_t len = strlen(word);
	bool lower = true;
	bool upper = true;

	if (strcasecmp(s, word))
		return false;
	for (size_t i = 1; i < len; i++) {
		lower = lower && islower((unsigned char)s[i]);
		upper = upper && isupper((unsigned char)s[i]);
	}
	return lower || (upper && isupper((unsigned char)*s));
}

static bool
is_bool(const char *s)
{
	static const char *const words[] = {"yes",   "no", "true",
	                                    "false", "on", "off"};

	if (!strchr("yYnNtTfFoO", *s))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (is_cased(s, words[i]))
			return true;
	return false;
}

static void
make_str(const struct ynode *node, struct value *ret)
{
	ret->type = VALUE_STR;
	ret->text.s = node->text;
	ret->text.len = node->len;
}

static const char *
plain(const struct ynode *node, enum dialect dialect, struct arena *arena,
      struct value *ret)
{
	const char *s = node->text;
	enum int_form form;

	make_str(node, ret);
	if (strlen(s) != node->len)
		return NULL;
	if (!*s || !strcmp(s, "~") ||
	    ((*s | 0x20) == 'n' && is_cased(s, "null"))) {
		ret->type = VALUE_NULL;
		return NULL;
	}
	if (!strcmp(s, "=") || !strcmp(s, "<<"))
		return "stands alone where a value should be; put it in quotes";
	if (is_bool(s))
		return make_bool(s, ret);
	if (!strchr("+-." DIGITS, *s))
		return NULL;
	if (is_float11(s))
		return make_float(s, ret);
	form = int_form(s);
	if (form != NO_INT)
		return make_int(s, form, arena, ret);
	if (dialect == DIALECT_OMEGACONF)
		return is_float_omega(s) ? make_float(s, ret) : NULL;
	return date_looks_like(s) ? date_parse(s, ret) : NULL;
}

static const char *
tagged_int(const struct ynode *node, struct arena *arena, struct value *ret)
{
	cleanup_buf struct buf text = BUF_INIT;
	enum int_form form;

	without_underscores(node->text, &text);
	form = int_form(text.s);
	if (form == NO_INT)
		return "is no integer";
	return make_int(text.s, form, arena, ret);
}

static const char *
tagged(const struct ynode *node, enum dialect dialect, struct arena *arena,
       struct value *ret)
{
	const char *tag = node->tag;

	if (!strncmp(tag, TAG, strlen(TAG)))
		tag += strlen(TAG);
	make_str(node, ret);
	if (!strcmp(tag, "str") || !strcmp(tag, "!"))
		return NULL;
	if (!strcmp(tag, "int"))
		return tagged_int(node, arena, ret);
	if (!strcmp(tag, "float"))
		return make_float(node->text, ret);
	if (!strcmp(tag, "bool"))
		return make_bool(node->text, ret);
	if (!strcmp(tag, "timestamp") && dialect == DIALECT_YAML11)
		return date_parse(node->text, ret);
	if (strcmp(tag, "null"))
		return "has a tag that kmlflow does not read; leave the tag "
		       "out";
	ret->type = VALUE_NULL;
	return NULL;
}

const char *
scalar_resolve(const struct ynode *node, enum dialect dialect,
               struct arena *arena, struct value *ret)
{
	const char *problem = NULL;

	if (node->tag)
		problem = tagged(node, dialect, arena, ret);
	else if (node->plain)
		problem = plain(node, dialect, arena, ret);
	else
		make_str(node, ret);
	if (ret->type == VALUE_STR)
		ret->text.s = arena_ndup(arena, ret->text.s, ret->text.len);
	return problem;
}

int
scalar_is_merge(const struct ynode *node)
{
	return node->kind == YNODE_SCALAR && node->plain && !node->tag &&
	       !strcmp(node->text, "<<");
}
