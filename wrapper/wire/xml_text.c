/* SPDX-License-Identifier: MIT */
/* xml_text.c - the text of single elements of an XML answer */
#include "wire/xml_text.h"

#include <stdint.h>

#include "base/buf.h"

enum { TEXT_MAX = 64 << 10, ENTITY_MAX = 10 };

/* Behind the start tag of the first element 'name'; NULL: there is none. */
static const char *
find(const char *s, const char *name)
{
	size_t len = strlen(name);

	while ((s = strchr(s, '<'))) {
		s++;
		if (strncmp(s, name, len) != 0 || !strchr("> \t\r\n/", s[len]))
			continue;
		s += strcspn(s, ">");
		if (!*s)
			return NULL;
		/* "<name/>" has no text: its end follows at once. */
		return s[-1] == '/' ? NULL : s + 1;
	}
	return NULL;
}

static void
add_utf8(struct buf *to, uint32_t c)
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

/* 's' is behind "&#"; the code point, 0: none that is a character. */
static uint32_t
reference(const char *s)
{
	char *end;
	unsigned long c =
	    *s == 'x' ? strtoul(s + 1, &end, 16) : strtoul(s, &end, 10);

	if (*end != ';' || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return (uint32_t)c;
}

/* The length of the entity at 's', 0: it is none. */
static size_t
add_entity(struct buf *to, const char *s)
{
	static const struct {
		const char *name;
		char c;
	} named[] = {
	    {"&amp;", '&'},  {"&lt;", '<'},    {"&gt;", '>'},
	    {"&quot;", '"'}, {"&apos;", '\''},
	};
	size_t len = strcspn(s, ";<");
	uint32_t c;

	if (s[len] != ';' || len > ENTITY_MAX)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (!strncmp(s, named[i].name, strlen(named[i].name))) {
			buf_addc(to, named[i].c);
			return len + 1;
		}
	c = s[1] == '#' ? reference(s + 2) : 0;
	if (!c)
		return 0;
	add_utf8(to, c);
	return len + 1;
}

const char *
xml_text(const char *s, const char *name, struct buf *to)
{
	size_t before = to->len;

	s = find(s, name);
	if (!s)
		return NULL;
	while (*s && *s != '<' && to->len - before < TEXT_MAX) {
		size_t used = *s == '&' ? add_entity(to, s) : 0;

		if (!used) {
			buf_addc(to, *s);
			used = 1;
		}
		s += used;
	}
	s += strcspn(s, "<");
	if (s[0] == '<' && s[1] == '/')
		return s;
	buf_cut(to, before);
	return NULL;
}

char *
xml_cut(char **rest, const char *name)
{
	cleanup_free char *begin = mem_printf("<%s>", name);
	cleanup_free char *end = mem_printf("</%s>", name);
	char *from = strstr(*rest, begin);
	char *to = from ? strstr(from, end) : NULL;

	if (!to)
		return NULL;
	*to = '\0';
	*rest = to + strlen(end);
	return from + strlen(begin);
}
