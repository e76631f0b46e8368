/* SPDX-License-Identifier: MIT */
/* finish.h - from the end of CMD to the end of the spool */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/strv.h"
#include "stage/hurry.h"
#include "stage/publish.h"

struct err;
struct outcome;
struct record;
struct spool;

struct finish_request {
	const struct outcome *outcome;
	const char *report; /* file for the summary, NULL: none */
	const char *dotenv; /* likewise, see ci_summary.h */
	const char *openmetrics;
	bool hurried; /* see struct publish_end */
	bool late;    /* likewise */
	bool offline; /* publish nothing: all stays in the spool */
};

struct finish_result {
	struct publish_tally tally;
	struct strv problems; /* a line each */
	struct strv blind;    /* what could not be seen, a line each */
	int artifacts;        /* in the manifest */
	int skipped;          /* declared, written, and not to be read */
	int missing;          /* declared by name, never written */
	enum hurry why;       /* there was no time for all */
	bool published;       /* all done, the spool is gone */
	bool report_failed;
};

/*
 * Collects (unless an earlier call has), publishes, writes the summaries and
 * removes the spool when nothing is left in it; what is left is copied into
 * it.  The same for `exec` and for
 * `sync`, which comes after an `exec` that was killed.  finish_free() frees
 * *ret.
 */
void finish(struct spool *s, struct record *r,
            const struct finish_request *request, struct finish_result *ret);
void finish_free(struct finish_result *f);
