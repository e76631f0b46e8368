/* SPDX-License-Identifier: MIT */
/* toml.c - the strings of one table of a TOML file */
#include "wire/toml.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

struct reader {
	const char *file;
	const char *text;
	const char *p;
	int line;
	struct err *err;
};

static int
broken(struct reader *r, const char *what)
{
	const char *start = r->p;

	while (start > r->text && start[-1] != '\n')
		start--;
	return err_at(r->err, r->file, r->line, (int)(r->p - start) + 1,
	              "broken TOML: %s", what);
}

static void
skip_blanks(struct reader *r)
{
	r->p += strspn(r->p, " \t\r");
}

static void
skip_line(struct reader *r)
{
	r->p += strcspn(r->p, "\n");
}

/* An escape in a basic string, after the backslash. */
static int
unescape(struct reader *r, bool multi, struct buf *to)
{
	static const char names[] = "btnfr\"\\";
	static const char bytes[] = "\b\t\n\f\r\"\\";
	const char *at = *r->p ? strchr(names, *r->p) : NULL;

	if (at) {
		buf_addc(to, bytes[at - names]);
		r->p++;
		return 0;
	}
	/* Code points are of no use in the names that are read here. */
	if (*r->p == 'u' || *r->p == 'U') {
		buf_addc(to, '?');
		r->p++;
		return 0;
	}
	if (multi && isspace((unsigned char)*r->p)) {
		for (; isspace((unsigned char)*r->p); r->p++)
			r->line += *r->p == '\n';
		return 0;
	}
	return broken(r, "an unknown escape in a string; double the backslash");
}

/* From the opening quote to after the closing one. */
static int
string(struct reader *r, struct buf *to)
{
	char quote = *r->p;
	bool multi = r->p[1] == quote && r->p[2] == quote;
	const char stop[4] = {quote, quote, quote, '\0'};
	size_t n = multi ? 3 : 1;

	r->p += n;
	while (strncmp(r->p, stop, n)) {
		if (!*r->p || (*r->p == '\n' && !multi))
			return broken(r, "a string without its closing quote");
		r->line += *r->p == '\n';
		if (*r->p == '\\' && quote == '"') {
			r->p++;
			if (unescape(r, multi, to))
				return -1;
			continue;
		}
		buf_addc(to, *r->p++);
	}
	r->p += n;
	/* Up to two quotes may stand before the closing three. */
	while (multi && *r->p == quote)
		buf_addc(to, *r->p++);
	return 0;
}

/* A value that is not a string on its own, up to the end of its line. */
static int
skip_value(struct reader *r)
{
	int depth = 0;

	for (; *r->p && (depth || *r->p != '\n'); r->p++) {
		cleanup_buf struct buf ignored = BUF_INIT;

		if (*r->p == '#') {
			skip_line(r);
			r->p--;
		} else if (*r->p == '"' || *r->p == '\'') {
			if (string(r, &ignored))
				return -1;
			r->p--;
		} else {
			depth += *r->p == '[' || *r->p == '{';
			depth -= *r->p == ']' || *r->p == '}';
			r->line += *r->p == '\n';
		}
		if (depth < 0)
			return broken(r, "a bracket that nothing opened");
	}
	return depth ? broken(r, "a bracket that is never closed") : 0;
}

/* "a . 'b' . c" becomes "a.b.c". */
static int
key(struct reader *r, struct buf *to)
{
	for (;;) {
		size_t n;

		skip_blanks(r);
		n = strcspn(r->p, " \t\r\n.=]\"'#");
		if (*r->p == '"' || *r->p == '\'') {
			if (string(r, to))
				return -1;
		} else if (!n) {
			return broken(r, "a key is missing");
		}
		buf_add(to, r->p, n);
		r->p += n;
		skip_blanks(r);
		if (*r->p != '.')
			return 0;
		buf_addc(to, '.');
		r->p++;
	}
}

static int
header(struct reader *r, struct buf *name)
{
	bool array = r->p[1] == '[';

	r->p += array ? 2 : 1;
	buf_reset(name);
	if (array)
		buf_addc(name, '['); /* such a table is never ours */
	if (key(r, name))
		return -1;
	if (*r->p != ']')
		return broken(r, "a table's name without its closing bracket");
	skip_line(r);
	return 0;
}

static int
pair(struct reader *r, bool wanted, struct kvs *to)
{
	cleanup_buf struct buf name = BUF_INIT;
	cleanup_buf struct buf value = BUF_INIT;

	if (key(r, &name))
		return -1;
	if (*r->p != '=')
		return broken(r, "a key without '='");
	r->p++;
	skip_blanks(r);
	if (*r->p != '"' && *r->p != '\'')
		return skip_value(r);
	if (string(r, &value))
		return -1;
	if (wanted && kvs_get(to, name.s))
		return broken(r, "a key that is there already; keep one");
	if (wanted)
		kvs_set(to, name.s, value.s);
	skip_blanks(r);
	if (*r->p && *r->p != '\n' && *r->p != '#')
		return broken(r, "something follows a string");
	skip_line(r);
	return 0;
}

int
toml_table(const char *file, const char *text, const char *table,
           struct kvs *to, bool *found, struct err *err)
{
	struct reader r = {
	    .file = file, .text = text, .p = text, .line = 1, .err = err};
	cleanup_buf struct buf name = BUF_INIT;

	if (!strncmp(r.p, "\xef\xbb\xbf", 3))
		r.p += 3;
	for (;;) {
		int failed = 0;

		skip_blanks(&r);
		if (!*r.p)
			return 0;
		if (*r.p == '\n') {
			r.line++;
			r.p++;
		} else if (*r.p == '#') {
			skip_line(&r);
		} else if (*r.p == '[') {
			failed = header(&r, &name);
			if (!failed && !strcmp(name.s, table))
				*found = true;
		} else {
			failed = pair(&r, !strcmp(name.s, table), to);
		}
		if (failed)
			return -1;
	}
}
