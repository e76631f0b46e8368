/* SPDX-License-Identifier: MIT */
/* file_metric.h - metric files of the local store: lines that are appended */
#pragma once

struct err;
struct metrics;

/* Adds the points of all keys below <run directory>/metrics, in file order. */
int file_read_metrics(const char *run_dir, struct metrics *to, struct err *err);

/*
 * Appends the points to <run directory>/metrics/<key>, those that are not
 * there yet; 'all' may be NULL.  Goes on after a failure; the first one is
 * noted in 'first' unless that has one already.
 */
void file_put_metrics(const char *run_dir, const struct metrics *all,
                      struct err *first);

/* As tracking_last_steps(), of a run's directory. */
int file_metric_steps(const char *run_dir, struct metrics *points,
                      struct err *err);
