/* SPDX-License-Identifier: MIT */
/* nearest.c - which known word a mistyped one was meant to be */
#include "model/nearest.h"

#include <ctype.h>
#include <stdbool.h>

#include "base/buf.h"

enum { LONGEST = 64 }; /* words beyond are not compared */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool
equal(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Insertions, deletions, replacements and swaps of neighbours, by rows. */
static size_t
distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t rows[3][LONGEST + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= m; j++)
		last[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = least(last[j], now[j - 1]) + 1;
			now[j] = least(now[j], last[j - 1] +
			                           !equal(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && equal(a[i - 1], b[j - 2]) &&
			    equal(a[i - 2], b[j - 1]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[m];
}

void
nearest_offer(struct nearest *n, const char *word, const char *candidate)
{
	size_t len = strlen(word);
	size_t clen = strlen(candidate);
	size_t limit = (len > clen ? len : clen) / 3;
	size_t d;

	if (!len || len > LONGEST || clen > LONGEST)
		return;
	if (limit < 2 && len > 2)
		limit = 2;
	d = distance(word, len, candidate, clen);
	if (d > limit || (n->word && d >= n->distance))
		return;
	n->word = candidate;
	n->distance = d;
}

void
nearest_hint(const struct nearest *n, struct buf *to)
{
	if (n->word)
		buf_addf(to, "; did you mean '%s'?", n->word);
}
