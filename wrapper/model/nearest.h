/* SPDX-License-Identifier: MIT */
/* nearest.h - which known word a mistyped one was meant to be */
#pragma once

#include <stddef.h>

struct buf;

/* The best word so far; zeroed at first. */
struct nearest {
	const char
	    *word; /* borrowed from nearest_offer(); NULL: none is near */
	size_t distance;
};

/*
 * Keeps 'candidate' where it is nearer to 'word' than what was offered before
 * and near at all: at most a third of its letters (and two) are wrong, left
 * out, too many or swapped.
 */
void nearest_offer(struct nearest *n, const char *word, const char *candidate);

/* Appends "; did you mean 'x'?", or nothing. */
void nearest_hint(const struct nearest *n, struct buf *to);
