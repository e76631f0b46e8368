/* SPDX-License-Identifier: MIT */
/* ci_summary.h - what CI systems show of a run, each in the form it reads */
#pragma once

#include <stdbool.h>

struct err;
struct report;
struct spool;
struct strv;

/* Files that were asked for by flags; NULL: not wanted. */
struct ci_summary_request {
	const struct report *report;
	const struct spool *spool;
	const char *dotenv;      /* KEY=VALUE lines */
	const char *openmetrics; /* the last value of each metric */
};

/* Whether anything is asked for, by a flag or by being in such a job. */
bool ci_summary_wanted(const struct ci_summary_request *request);

/*
 * Writes them, and in a job of GitHub Actions appends to what
 * GITHUB_STEP_SUMMARY and GITHUB_OUTPUT name.  0: all are written; else
 * 'problems' has a line for each that is not.
 */
int ci_summary_write(const struct ci_summary_request *request,
                     struct strv *problems);
