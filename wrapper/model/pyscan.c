/* SPDX-License-Identifier: MIT */
/* pyscan.c - the letters of a Python file, as far as pyread.c needs them */
#include "model/pyscan.h"

#include <ctype.h>

#include "base/buf.h"

bool
pyscan_is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

void
pyscan_comment(struct pyscan *r)
{
	r->s += strcspn(r->s, "\n");
}

void
pyscan_blanks(struct pyscan *r)
{
	for (;;) {
		if (*r->s == '#') {
			pyscan_comment(r);
		} else if (*r->s == '\n' && r->nesting) {
			r->line++;
			r->s++;
		} else if (*r->s == '\\' && r->s[1] == '\n') {
			r->line++;
			r->s += 2;
		} else if (*r->s == ' ' || *r->s == '\t' || *r->s == '\r') {
			r->s++;
		} else {
			return;
		}
	}
}

/* At a backslash with a letter behind it, where it is left. */
static void
escaped(struct pyscan *r, bool raw, struct buf *to)
{
	static const char from[] = "nrt0\\'\"", into[] = "\n\r\t\0\\'\"";
	const char *known;

	r->s++;
	known = raw ? NULL : strchr(from, *r->s);
	if (*r->s == '\n')
		r->line++;
	else if (to && known)
		buf_addc(to, into[known - from]);
	else if (to)
		buf_addf(to, "\\%c", *r->s);
}

void
pyscan_quoted(struct pyscan *r, bool raw, struct buf *to)
{
	char quote = *r->s;
	bool three = r->s[1] == quote && r->s[2] == quote;

	r->s += three ? 3 : 1;
	for (; *r->s; r->s++) {
		if (*r->s == '\n')
			r->line++;
		if (*r->s == quote &&
		    (!three || (r->s[1] == quote && r->s[2] == quote))) {
			r->s += three ? 3 : 1;
			return;
		}
		if (*r->s == '\n' && !three)
			return;
		if (*r->s == '\\' && r->s[1]) {
			escaped(r, raw, to);
			continue;
		}
		if (to)
			buf_addc(to, *r->s);
	}
}

int
pyscan_prefix(const char *s)
{
	int n = 0;

	while (n < 2 && strchr("rRbBuUfF", s[n]) && s[n])
		n++;
	return s[n] == '"' || s[n] == '\'' ? n : -1;
}

/* Past the closing bracket that belongs to where 's' stands. */
static void
skip_to_close(struct pyscan *r)
{
	int depth = 0;

	for (; *r->s; r->s++) {
		int n = pyscan_prefix(r->s);

		if (*r->s == '#')
			pyscan_comment(r);
		if (n == 0) {
			pyscan_quoted(r, false, NULL);
			r->s--;
			continue;
		}
		if (*r->s == '\n')
			r->line++;
		if (*r->s && strchr("([{", *r->s))
			depth++;
		if (*r->s && strchr(")]}", *r->s) && !depth--) {
			return;
		}
		if (!*r->s)
			return;
	}
}

void
pyscan_expression(struct pyscan *r)
{
	while (*r->s && !strchr(",)]}", *r->s)) {
		if (*r->s == '\n' && !r->nesting)
			return;
		if (pyscan_prefix(r->s) == 0) {
			pyscan_quoted(r, false, NULL);
			continue;
		}
		if (*r->s == '#') {
			pyscan_comment(r);
			continue;
		}
		if (*r->s == '\n')
			r->line++;
		if (strchr("([{", *r->s)) {
			r->s++;
			skip_to_close(r);
			if (!*r->s)
				return;
		}
		r->s++;
	}
}
