/* SPDX-License-Identifier: MIT */
/* refusal.h - what a store says when it refuses, and what to do about it */
#pragma once

#include <stddef.h>

#include "base/err.h"

struct buf;

/* What the user can do; "%C": the credentials' source, "%B": the bucket. */
struct remedy {
	const char *code;
	const char *text; /* NULL: nothing */
	enum err_kind kind;
};

/* All borrowed. */
struct refusal {
	const char *method;
	const char *uri; /* of the object or the bucket, for messages */
	const char *host;
	int status;
	const char *code;    /* the store's; "": none */
	const char *message; /* the store's; may show what we sent */
	const char *bucket;
	const char *source;     /* of the credentials; NULL: nobody's */
	const char *secrets[4]; /* not to be shown; NULL: none */
	const struct remedy *remedies;
	size_t n_remedies;
};

int refusal_set(const struct refusal *r, struct err *err);

/* Takes each occurrence of 'secret' (may be NULL) out of a text. */
void refusal_hide(struct buf *text, const char *secret);
