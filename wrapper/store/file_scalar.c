/* SPDX-License-Identifier: MIT */
/* file_scalar.c - one YAML scalar: read in any flow style, written quoted */
#include "store/file_scalar.h"

#include <stdint.h>

#include "base/buf.h"
#include "base/ucs.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Length of YAML 1.1's line break at 'p': LF, NEL, LS or PS; 0: none. */
static size_t
break_len(const char *p)
{
	if (*p == '\n')
		return 1;
	if (!strncmp(p, "\xc2\x85", 2))
		return 2;
	return !strncmp(p, "\xe2\x80\xa8", 3) || !strncmp(p, "\xe2\x80\xa9", 3)
	           ? 3
	           : 0;
}

/*
 * 'p' is at a line break within a scalar: blanks around it go, and it becomes
 * a space, or nothing where empty lines follow, which stay as line feeds.  LS
 * and PS stay what they are.  Returns where the next line's text starts; the
 * first 'keep' bytes of 'to' are not blanks.
 */
static const char *
fold(const char *p, struct buf *to, size_t keep)
{
	size_t len = break_len(p);
	size_t start;

	while (to->len > keep && is_blank(to->s[to->len - 1]))
		buf_cut(to, to->len - 1);
	start = to->len;
	if (len == 3)
		buf_add(to, p, len);
	for (p += len; is_blank(*p) || (len = break_len(p)); p++) {
		if (is_blank(*p))
			continue;
		buf_add(to, len == 3 ? p : "\n", len == 3 ? 3 : 1);
		p += len - 1;
	}
	if (to->len == start)
		buf_addc(to, ' ');
	return p;
}

/* Whether nothing but blanks and a comment is left. */
static bool
at_end(const char *p)
{
	while (*p) {
		if (*p == '#') {
			p += strcspn(p, "\n");
			continue;
		}
		if (!is_blank(*p) && *p != '\n')
			return false;
		p++;
	}
	return true;
}

static bool
decode_single(const char *p, struct buf *to)
{
	size_t start = to->len;

	while (*p) {
		if (break_len(p)) {
			p = fold(p, to, start);
			continue;
		}
		if (*p == '\'' && p[1] != '\'')
			return at_end(p + 1);
		p += *p == '\'';
		buf_addc(to, *p++);
	}
	return false;
}

static void
add_ucs(struct buf *to, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(to, (char)c);
	} else if (c < 0x800) {
		buf_addc(to, (char)(0xc0 | c >> 6));
		buf_addc(to, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_addc(to, (char)(0xe0 | c >> 12));
		buf_addc(to, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(to, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_addc(to, (char)(0xf0 | c >> 18));
		buf_addc(to, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_addc(to, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(to, (char)(0x80 | (c & 0x3f)));
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* \xNN, \uNNNN, \UNNNNNNNN; 'p' is at the letter.  NULL: malformed. */
static const char *
decode_hex(const char *p, struct buf *to)
{
	size_t digits = *p == 'x' ? 2 : *p == 'u' ? 4 : 8;
	uint32_t c = 0;

	for (size_t i = 1; i <= digits; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return NULL;
		c = c << 4 | (uint32_t)digit;
	}
	if (!c || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return NULL;
	add_ucs(to, c);
	return p + digits + 1;
}

/* 'p' is behind the backslash.  NULL: no such escape. */
static const char *
decode_escape(const char *p, struct buf *to)
{
	static const char names[] = "abtnvfre\"/\\ N_LP";
	static const uint32_t codes[] = {7,    8,    9,      10,    11,   12,
	                                 13,   27,   '"',    '/',   '\\', ' ',
	                                 0x85, 0xa0, 0x2028, 0x2029};
	const char *at = *p ? strchr(names, *p) : NULL;

	if (*p == 'x' || *p == 'u' || *p == 'U')
		return decode_hex(p, to);
	if (!at)
		return NULL;
	add_ucs(to, codes[at - names]);
	return p + 1;
}

static bool
decode_double(const char *p, struct buf *to)
{
	size_t keep = to->len; /* escaped blanks are not folded away */

	while (p && *p) {
		if (*p == '"')
			return at_end(p + 1);
		if (break_len(p)) {
			p = fold(p, to, keep);
		} else if (*p == '\\' && break_len(p + 1)) {
			for (p += 1 + break_len(p + 1); is_blank(*p);)
				p++;
		} else if (*p == '\\') {
			p = decode_escape(p + 1, to);
			keep = to->len;
		} else {
			buf_addc(to, *p++);
		}
	}
	return false;
}

/* A plain scalar ends at " #" and cannot hold ": ". */
static bool
decode_plain(const char *p, struct buf *to)
{
	size_t start = to->len;

	while (*p) {
		if (break_len(p)) {
			p = fold(p, to, start);
			if (*p == '#')
				break;
			continue;
		}
		if (*p == '#' && is_blank(p[-1]))
			break;
		if (*p == ':' && (is_blank(p[1]) || !p[1] || p[1] == '\n'))
			return false;
		buf_addc(to, *p++);
	}
	while (to->len > start &&
	       (is_blank(to->s[to->len - 1]) || to->s[to->len - 1] == '\n'))
		buf_cut(to, to->len - 1);
	return true;
}

static bool
is_null(const char *s)
{
	return !*s || !strcmp(s, "~") || !strcmp(s, "null") ||
	       !strcmp(s, "Null") || !strcmp(s, "NULL");
}

bool
scalar_decode(const char *raw, struct buf *to)
{
	size_t start = to->len;

	while (is_blank(*raw) || *raw == '\n')
		raw++;
	if (*raw == '\'')
		return decode_single(raw + 1, to);
	if (*raw == '"')
		return decode_double(raw + 1, to);
	if (*raw && strchr("[]{}&*!|>%@`,#", *raw))
		return false;
	if (*raw == '-' && (is_blank(raw[1]) || !raw[1] || raw[1] == '\n'))
		return false;
	return decode_plain(raw, to) && !is_null(to->s + start);
}

/* What single quotes keep as it is, on one line. */
static bool
is_quotable(uint32_t c)
{
	if (c < 0xa0)
		return c >= 0x20 && c < 0x7f;
	return c != 0x2028 && c != 0x2029 && c != 0xfeff && c != 0xfffe &&
	       c != 0xffff && c != UCS_BAD;
}

static void
add_escaped(struct buf *to, uint32_t c, const char *bytes, size_t len)
{
	if (c == UCS_BAD)
		buf_adds(to, "\\uFFFD");
	else if (c == '"' || c == '\\')
		buf_addf(to, "\\%c", (int)c);
	else if (is_quotable(c))
		buf_add(to, bytes, len);
	else if (c < 0x100)
		buf_addf(to, "\\x%02X", (unsigned)c);
	else
		buf_addf(to, "\\u%04X", (unsigned)c);
}

void
scalar_encode(struct buf *to, const char *value)
{
	size_t start = to->len;
	size_t left = strlen(value);
	bool escape = false;
	size_t used;

	buf_addc(to, '\'');
	for (size_t at = 0; at < left && !escape; at += used) {
		uint32_t c = ucs_decode(value + at, left - at, &used);

		escape = !is_quotable(c);
		buf_add(to, value + at, used);
		if (c == '\'')
			buf_addc(to, '\'');
	}
	buf_addc(to, '\'');
	if (!escape)
		return;
	buf_cut(to, start);
	buf_addc(to, '"');
	for (; left; value += used, left -= used) {
		uint32_t c = ucs_decode(value, left, &used);

		add_escaped(to, c, value, used);
	}
	buf_addc(to, '"');
}
