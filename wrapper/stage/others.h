/* SPDX-License-Identifier: MIT */
/* others.h - whether somebody else has written what only a comparison saw */
#pragma once

#include <stdbool.h>

#include "stage/claims.h"
#include "stage/holders.h"

struct record;
struct sightings;
struct stat;

struct others {
	char *place; /* directory of spools; owned */
	const struct record *record;
	const struct sightings *seen;
	int survivors;
	struct claims claims;
	bool claims_loaded;
	struct holders holders;
	bool holders_loaded;
	bool blind;
	bool blind_known;
	char *who; /* the last answer */
};

/*
 * Who it was, as in "written by …": another run of the project, or, where
 * all processes of ours were seen, a process that still has it open for
 * writing.  NULL: it may be ours; borrowed until the next call.
 */
const char *others_get(struct others *o, const char *path,
                       const struct stat *st);

/* Whether some of ours could have written without being seen. */
bool others_blind(struct others *o);

void others_free(struct others *o);
