/* SPDX-License-Identifier: MIT */
/* omega_reader.h - for omega_text.c and omega_name.c alone: reading a text */
#pragma once

#include <stddef.h>

#include "model/omega_node.h"

enum { OMEGA_MAX_ARGS = 64 };

struct reader {
	struct omega *o;
	struct node *site;
	const char *s;
	const char *end;
	const char *unresolved; /* why some part of it has no value */
};

static inline bool
reader_at(const struct reader *r, char c)
{
	return r->s < r->end && *r->s == c;
}

static inline bool
reader_at_open(const struct reader *r)
{
	return r->end - r->s >= 2 && r->s[0] == '$' && r->s[1] == '{';
}

void reader_skip_blanks(struct reader *r);

/* Past blanks and 'c', or nowhere. */
bool reader_accept(struct reader *r, char c);

/* Says what should be there. */
int reader_syntax(struct reader *r, const char *wanted);

/*
 * Elements between commas up to 'close', at most OMEGA_MAX_ARGS; those that
 * are left out are empty texts.
 */
int reader_sequence(struct reader *r, char close, struct node **items,
                    size_t *n);

/* omega_name.c: at "${".  *ret is final, or a container. */
int reader_interpolation(struct reader *r, struct node **ret);
