/* SPDX-License-Identifier: MIT */
/* pyscan.h - the letters of a Python file, as far as pyread.c needs them */
#pragma once

#include <stdbool.h>

struct arena;
struct buf;

struct pyscan {
	const char *s;
	const char *file;
	int line;
	int depth;   /* of literals in literals */
	int nesting; /* of brackets, within which lines do not count */
	struct arena *arena;
};

bool pyscan_is_name(char c);

/* To the end of the line. */
void pyscan_comment(struct pyscan *r);

/* Blanks, continued lines and comments; line ends too within brackets. */
void pyscan_blanks(struct pyscan *r);

/* Length of "r", "rb", … before a quote; 0: at the quote, -1: at none. */
int pyscan_prefix(const char *s);

/* Past a text; 'to' may be NULL.  Escapes beyond the common ones stay. */
void pyscan_quoted(struct pyscan *r, bool raw, struct buf *to);

/* Up to what ends an element: a comma, a bracket, or the line. */
void pyscan_expression(struct pyscan *r);
