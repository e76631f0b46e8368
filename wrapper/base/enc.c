/* SPDX-License-Identifier: MIT */
/* enc.c - ways to write bytes as text */
#include "base/enc.h"

#include <string.h>

#include "base/buf.h"

static const char hex_digits[] = "0123456789abcdef";

size_t
enc_utf8_len(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (!len)
		return 0;
	if (u[0] < 0x80)
		return 1;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	n = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	if (u[0] == 0xe0)
		low = 0xa0;
	else if (u[0] == 0xed)
		high = 0x9f;
	else if (u[0] == 0xf0)
		low = 0x90;
	else if (u[0] == 0xf4)
		high = 0x8f;
	if (u[1] < low || u[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void
enc_printable(struct buf *to, const char *s, size_t len)
{
	while (len) {
		size_t n = enc_utf8_len(s, len);
		unsigned char c = (unsigned char)*s;
		/* U+0080..U+009F are controls too, as C2 80..9F. */
		int control =
		    c < 0x20 || c == 0x7f ||
		    (n == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0);

		if (n && !control)
			buf_add(to, s, n);
		else
			buf_addf(to, "\\x%02x", c);
		if (!n || control)
			n = 1;
		s += n;
		len -= n;
	}
}

void
enc_hex(struct buf *to, const void *data, size_t len)
{
	const unsigned char *u = data;

	for (size_t i = 0; i < len; i++) {
		buf_addc(to, hex_digits[u[i] >> 4]);
		buf_addc(to, hex_digits[u[i] & 15]);
	}
}

void
enc_base64(struct buf *to, const void *data, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/=";
	const unsigned char *u = data;

	for (size_t i = 0; i < len; i += 3) {
		unsigned n = (unsigned)u[i] << 16;

		if (i + 1 < len)
			n |= (unsigned)u[i + 1] << 8;
		if (i + 2 < len)
			n |= u[i + 2];
		buf_addc(to, digits[n >> 18]);
		buf_addc(to, digits[n >> 12 & 63]);
		buf_addc(to, digits[i + 1 < len ? n >> 6 & 63 : 64]);
		buf_addc(to, digits[i + 2 < len ? n & 63 : 64]);
	}
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
enc_unbase64(struct buf *to, const char *s)
{
	size_t len = strlen(s);
	size_t before = to->len;
	size_t padding = 0;
	unsigned n = 0;

	while (padding < 2 && padding < len && s[len - 1 - padding] == '=')
		padding++;
	if (len % 4)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int v = i + padding < len ? value_of(s[i]) : 0;

		if (v < 0) {
			buf_cut(to, before);
			return -1;
		}
		n = n << 6 | (unsigned)v;
		if (i % 4 != 3)
			continue;
		buf_addc(to, (char)(n >> 16 & 255));
		buf_addc(to, (char)(n >> 8 & 255));
		buf_addc(to, (char)(n & 255));
		n = 0;
	}
	buf_cut(to, to->len - padding);
	return 0;
}

void
enc_base64url(struct buf *to, const void *data, size_t len)
{
	size_t before = to->len;

	enc_base64(to, data, len);
	while (to->len > before && to->s[to->len - 1] == '=')
		buf_cut(to, to->len - 1);
	for (size_t i = before; i < to->len; i++) {
		if (to->s[i] == '+')
			to->s[i] = '-';
		else if (to->s[i] == '/')
			to->s[i] = '_';
	}
}

static int
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

void
enc_shell(struct buf *to, const char *word)
{
	const char *p = word;

	while (*p && (is_alnum(*p) || strchr("@%_+=:,./-", *p)))
		p++;
	if (*word && !*p) {
		buf_adds(to, word);
		return;
	}
	buf_addc(to, '\'');
	for (p = word; *p; p++) {
		if (*p == '\'')
			buf_adds(to, "'\\''");
		else
			buf_addc(to, *p);
	}
	buf_addc(to, '\'');
}

void
enc_percent(struct buf *to, const char *s, const char *keep)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (is_alnum(*s) || strchr("-._~", *s) || strchr(keep, *s)) {
			buf_addc(to, *s);
			continue;
		}
		buf_addf(to, "%%%02X", c);
	}
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20; /* A to a; no other byte becomes one of them */
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void
enc_unpercent(struct buf *to, const char *s)
{
	for (; *s; s++) {
		int high = *s == '%' ? hex_value(s[1]) : -1;
		int low = high >= 0 ? hex_value(s[2]) : -1;

		if (low < 0) {
			buf_addc(to, *s);
			continue;
		}
		buf_addc(to, (char)(high << 4 | low));
		s += 2;
	}
}
