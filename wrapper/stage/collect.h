/* SPDX-License-Identifier: MIT */
/* collect.h - from what was seen to what is uploaded */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/strv.h"

struct err;
struct record;
struct spool;

/* What is to be said of the capture as a whole. */
struct collect_result {
	int artifacts;
	int skipped;
	int missing;
	bool by_stat;      /* some were seen by the comparison alone */
	struct strv blind; /* what could not be seen, and why; a line each */
	struct buf note;   /* value of the tag kmlflow.capture */
};

/*
 * Joins the events of the image, the snapshot taken before and what is there
 * now into the spool's manifest.  A declared file is an artifact when it was
 * written while CMD ran: when it is new, or differs from the snapshot, or was
 * opened for writing so soon after it that the clock cannot tell.  A file that
 * was kept before it vanished is taken from where it was kept.
 * Nothing is read but names and times, and of programs that the library did
 * not get into the head.  'survivors' is the outcome's.  Both members of *ret
 * are to be freed.
 */
int collect(const struct spool *s, const struct record *r, int survivors,
            struct collect_result *ret, struct err *err);
