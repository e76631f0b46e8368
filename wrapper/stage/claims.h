/* SPDX-License-Identifier: MIT */
/* claims.h - files that another run of this project is known to have written */
#pragma once

#include <stdint.h>

#include "base/map.h"

struct stat;

/*
 * Where only the comparison saw a change, somebody else may have made it: a
 * run beside this one (a sweep) or an exec within it.  Their events tell.
 */
struct claims {
	struct map files; /* path as walk.h spells it → who has it, and until */
};

/*
 * Asks the other spools of 'place' for their events, and the summaries of runs
 * that ended after 'since' (ms since 1970).  'self' is our invocation id.
 * What cannot be read claims nothing.
 */
void claims_load(const char *place, const char *self, int64_t since,
                 struct claims *ret);

/*
 * The run that wrote 'path', whose state is 'st': NULL where none is known, or
 * none that still ran when the file was last changed; borrowed.
 */
const char *claims_get(const struct claims *c, const char *path,
                       const struct stat *st);

void claims_free(struct claims *c);
