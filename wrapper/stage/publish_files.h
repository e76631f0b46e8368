/* SPDX-License-Identifier: MIT */
/* publish_files.h - the artifacts of a manifest into their stores */
#pragma once

#include <stdbool.h>

struct map;
struct publish_tally;
struct record;
struct spool;
struct strv;
struct tracking;

struct publish_files_request {
	struct spool *spool;
	const struct record *record;
	struct tracking *tracking; /* to find the runs of others */
	const char *below;         /* where in the run; NULL: at the top */
	const struct map *done;    /* items that need not be sent again */
};

/*
 * Uploads each artifact that is not done and notes it as such, several at a
 * time where there are many.  Stops between two files when somebody wants us
 * to end.  Returns 0 when nothing is left, -1 when something is; 'problems'
 * gets a line for each failure, 'tally' the counts.
 */
int publish_files(const struct publish_files_request *request,
                  struct publish_tally *tally, struct strv *problems);
