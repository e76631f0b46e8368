/* SPDX-License-Identifier: MIT */
/* report.h - a JSON summary of a run, for CI and for `kmlflow explain` */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct outcome;
struct publish_tally;
struct record;
struct spool;
struct strv;

struct report {
	const struct record *record;
	const struct outcome *outcome;
	const struct publish_tally *tally;
	const struct strv *problems;
	const char *capture;      /* value of the tag kmlflow.capture */
	const struct strv *blind; /* all of what could not be seen */
	bool published;           /* false: the rest waits in the spool */
};

/*
 * Writes the summary (format: kmlflow-exec(1)) to 'path', whole or not at all.
 * The files are those of the spool's manifest, streamed.
 */
int report_write(const struct report *r, const struct spool *s,
                 const char *path, struct err *err);

/*
 * Keeps a summary below the directory of spools for `kmlflow explain`, and
 * removes all but the newest few.
 */
int report_keep(const struct report *r, const struct spool *s, struct err *err);

/*
 * The kept summary whose run id starts with 'id' (NULL: the newest) in one of
 * 'places'; owned path, NULL with 'err' set: none, or more than one.
 */
char *report_find(const struct strv *places, const char *id, struct err *err);

/* The kept summaries below 'place' that are newer than 'since' (ms). */
void report_list(const char *place, int64_t since, struct strv *to);
