/* SPDX-License-Identifier: MIT */
/* holders.h - files that processes which are not of this run are writing */
#pragma once

#include "base/map.h"

struct stat;
struct strv;

/*
 * A file that changed while CMD ran, and that none of its processes was seen
 * to open, may be somebody else's.  Who has it open for writing at the end
 * tells it; of whom that cannot be asked (other users, short-lived writers)
 * nothing is known.
 */
struct holders {
	struct map files; /* "DEV:INO" → text; "": of ours as well */
};

/*
 * Looks through /proc once; 'given' files are ours as well.  Ours are this
 * process, those that come from it, and those that have 'image' (path of the
 * run's image) in their environment.
 */
void holders_load(const char *image, const struct strv *given,
                  struct holders *ret);

/*
 * What this process has open for writing, and CMD will inherit: it may write
 * there without opening anything.  Adds "DEV:INO" of each file.
 */
void holders_given(struct strv *to);

/*
 * "process N (PROGRAM)" of another one that has the file 'st' open for writing
 * when none of ours has; NULL: there is none; borrowed.
 */
const char *holders_get(const struct holders *h, const struct stat *st);

void holders_free(struct holders *h);
