/* SPDX-License-Identifier: MIT */
/* publish.h - sends a spool to the stores */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct outcome;
struct record;
struct spool;
struct strv;

/* What came of it, for the last line and the report. */
struct publish_tally {
	int uploaded;
	int already_there; /* a client inside CMD had put the same bytes */
	int failed;        /* stay in the spool */
	int unstable;      /* changed while they were read */
	int64_t bytes;
	bool over;     /* the run is another attempt's by now */
	int conflicts; /* params that the run has with another value */
};

/* What is known only once CMD has ended. */
struct publish_end {
	const struct outcome *outcome;
	const struct kvs *tags; /* in addition to the record's */
	bool late;    /* by somebody else, who knows when: see attempt.h */
	bool hurried; /* the store was gone at the start: one short try */
};

/*
 * Makes the run where it is pending, merges what a client inside CMD logged
 * into the spool meanwhile, uploads what the manifest names, then
 * writes params, metrics and tags, then sets the final status.  Each thing that
 * is finished is noted in the spool, so that a second call does the rest only.
 * Returns 0 when all is done, -1 when something is left; 'problems' gets one
 * line for each thing that failed.
 */
int publish(struct spool *s, struct record *r, const struct publish_end *end,
            struct publish_tally *tally, struct strv *problems);
