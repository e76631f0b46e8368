/* SPDX-License-Identifier: MIT */
/* propose.h - a catalog of what a trial has written */
#pragma once

#include <stddef.h>

struct buf;
struct trial;

struct proposal {
	size_t results;   /* entries that count as they are */
	size_t commented; /* behind a "#" */
	size_t left_out;  /* files that no entry can name, or one too many */
};

/*
 * Appends catalog.yml: an entry for each file, or one for a directory with
 * many of a kind.  What was read again, and programs, are comments, unless
 * nothing else was written; JSON with numbers is metrics, too.
 */
void propose_catalog(const struct trial *t, const char *dir, struct buf *to,
                     struct proposal *ret);
