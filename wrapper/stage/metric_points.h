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
 * When CMD has ended: keeps a copy of the file in the spool, so that it can
 * be read later, too.  'e' becomes FATE_METRICS of rule 'rule'.  Why not is
 * in 'err', ERR_SYS or ERR_FORMAT.
 */
int metric_points_keep(const struct spool *s, size_t rule,
                       struct manifest_entry *e, struct err *err);

/*
 * Adds the points that are for the run itself ('run_id' NULL) or for another
 * one.  'problems' gets a line for each file that is not what it should be.
 */
void metric_points_read(const struct spool *s, const struct record *r,
                        const char *run_id, int64_t when, struct metrics *to,
                        struct strv *problems);

/* Other runs that metrics are for, each once. */
void metric_points_runs(const struct record *r, struct strv *to);
