/* SPDX-License-Identifier: MIT */
/* metric_points.h - metrics from files that CMD has written, by way of a spool
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct err;
struct manifest_entry;
struct metrics;
struct record;
struct spool;
struct strv;

/*
 * When CMD has ended: keeps a copy of the file in the spool, the 'number'th,
 * so that it can be read later, too.  'e' becomes FATE_METRICS.  Why not is in
 * 'err', ERR_SYS or ERR_FORMAT.
 */
int metric_points_keep(const struct spool *s, size_t number,
                       struct manifest_entry *e, struct err *err);

/* Which files, and what is known of the run that their metrics are for. */
struct metric_points {
	const struct spool *spool;
	const struct record *record;
	const char *run_id; /* of datasets that name one; NULL: of the others */
	int64_t when;       /* of points that tell no time */
};

/*
 * All three fail with ERR_SYS where the spool cannot be read, or ERR_FORMAT
 * where it is damaged.  Metrics whose step depends on what the run has of them:
 * each once, with the step -1.  The caller puts there what the store knows.
 */
int metric_points_open(const struct metric_points *p, struct metrics *last,
                       struct err *err);

/*
 * Adds the points.  'last' is what metric_points_open() gave.  'problems' gets
 * a line for each file that is not what it should be.
 */
int metric_points_read(const struct metric_points *p,
                       const struct metrics *last, struct metrics *to,
                       struct strv *problems, struct err *err);

/* Other runs that metrics are for, each once. */
int metric_points_runs(const struct spool *s, struct strv *to, struct err *err);
