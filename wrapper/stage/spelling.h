/* SPDX-License-Identifier: MIT */
/* spelling.h - the texts under which programs may know one path */
#pragma once

#include "base/map.h"
#include "base/strv.h"

/*
 * A shell keeps the way that the user went ($PWD, $HOME), the kernel answers
 * with the way without symbolic links.  Declared paths are known by both.
 */
struct alias {
	char *real; /* without symbolic links */
	char *used; /* as the user calls it */
};

struct spellings {
	struct alias alias[2]; /* NULL where there is none */
	struct strv found;     /* of the last path asked for, all different */
	struct map dirs; /* directory → the same without symbolic links */
};

void spellings_init(struct spellings *s);

/* Sets s->found: 'path' itself (absolute, normalised) comes first. */
void spellings_of(struct spellings *s, const char *path);

void spellings_free(struct spellings *s);
