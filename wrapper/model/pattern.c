/* SPDX-License-Identifier: MIT */
/* pattern.c - names with placeholders, "{layer}.{name}", as Kedro has them */
#include "model/pattern.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/strv.h"

/* Names are short; whoever needs more steps does not match. */
enum { MAX_STEPS = 100000 };

struct matcher {
	bool path;
	int steps;
	struct kvs *captures;
};

/* Length of the placeholder at 's', with its braces; 0: there is none. */
static size_t
place(const char *s)
{
	size_t n;

	if (*s != '{')
		return 0;
	n = strcspn(s + 1, "{}");
	return n && s[1 + n] == '}' ? n + 2 : 0;
}

bool
pattern_is(const char *text)
{
	for (; *text; text++)
		if (place(text))
			return true;
	return false;
}

/* What "{name:format}" is called. */
static char *
name_of(const char *s, size_t len)
{
	size_t n = strcspn(s + 1, ":!}");

	return mem_ndup(s + 1, n < len ? n : len - 2);
}

static bool
same(const struct matcher *m, char a, char b)
{
	return a == b || (!m->path && tolower((unsigned char)a) ==
	                                  tolower((unsigned char)b));
}

static bool match(struct matcher *m, const char *pattern, const char *text);

static bool
match_place(struct matcher *m, const char *pattern, size_t len,
            const char *text)
{
	cleanup_free char *name = name_of(pattern, len);
	const char *known = kvs_get(m->captures, name);
	size_t n = known ? strlen(known) : 0;
	char letter = '\0';

	if (known)
		return !strncmp(text, known, n) &&
		       match(m, pattern + len, text + n);
	if (!place(pattern + len))
		letter = pattern[len];
	for (n = 1; text[n - 1] && !(m->path && text[n - 1] == '/'); n++) {
		cleanup_free char *value = NULL;

		/* Most places are none where it could go on. */
		if (letter && !same(m, letter, text[n]))
			continue;
		value = mem_ndup(text, n);
		kvs_set(m->captures, name, value);
		if (match(m, pattern + len, text + n))
			return true;
		kvs_set(m->captures, name, NULL);
		if (m->steps > MAX_STEPS)
			return false;
	}
	return false;
}

static bool
match(struct matcher *m, const char *pattern, const char *text)
{
	size_t len;

	while (*pattern && !(len = place(pattern))) {
		if (++m->steps > MAX_STEPS || !same(m, *pattern, *text))
			return false;
		pattern++;
		text++;
	}
	return *pattern ? match_place(m, pattern, len, text) : !*text;
}

/* What follows the last placeholder decides most questions at once. */
static bool
ends_alike(const struct matcher *m, const char *pattern, const char *text)
{
	size_t i = strlen(pattern);
	size_t k = strlen(text);

	while (i && k && pattern[i - 1] != '}')
		if (!same(m, pattern[--i], text[--k]))
			return false;
	return !i || pattern[i - 1] == '}';
}

bool
pattern_match(const char *pattern, const char *text, bool path,
              struct kvs *captures)
{
	cleanup_kvs struct kvs own = KVS_INIT;
	struct matcher m = {.path = path,
	                    .captures = captures ? captures : &own};

	return ends_alike(&m, pattern, text) && match(&m, pattern, text);
}

char *
pattern_fill(const char *pattern, const struct kvs *captures)
{
	cleanup_buf struct buf to = BUF_INIT;

	while (*pattern) {
		size_t len = place(pattern);
		cleanup_free char *name = len ? name_of(pattern, len) : NULL;
		const char *value = len ? kvs_get(captures, name) : NULL;

		if (len && !value)
			return NULL;
		if (len)
			buf_adds(&to, value);
		else
			buf_addc(&to, *pattern);
		pattern += len ? len : 1;
	}
	return buf_detach(&to);
}

void
pattern_names(const char *pattern, struct strv *to)
{
	for (; *pattern; pattern++) {
		size_t len = place(pattern);

		if (len)
			strv_take(to, name_of(pattern, len));
	}
}

size_t
pattern_letters(const char *pattern)
{
	size_t n = 0;

	while (*pattern) {
		size_t len = place(pattern);

		n += !len;
		pattern += len ? len : 1;
	}
	return n;
}

static size_t
places(const char *pattern)
{
	size_t n = 0;

	for (; *pattern; pattern++)
		n += *pattern == '{';
	return n;
}

int
pattern_order(const char *a, const char *b)
{
	size_t x = pattern_letters(a);
	size_t y = pattern_letters(b);

	if (x == y) {
		x = places(a);
		y = places(b);
	}
	if (x != y)
		return x > y ? -1 : 1;
	return strcmp(a, b);
}

char *
pattern_glob(const char *pattern)
{
	cleanup_buf struct buf to = BUF_INIT;

	while (*pattern) {
		size_t len = place(pattern);

		if (len && !(to.len && to.s[to.len - 1] == '*'))
			buf_addc(&to, '*');
		if (!len && strchr("*?[\\", *pattern))
			buf_addc(&to, '\\');
		if (!len)
			buf_addc(&to, *pattern);
		pattern += len ? len : 1;
	}
	return buf_detach(&to);
}
