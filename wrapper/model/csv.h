/* SPDX-License-Identifier: MIT */
/* csv.h - metrics in rows */
#pragma once

#include <stdbool.h>

struct arena;
struct value;

/*
 * A list of {value, step, timestamp}, or with 'many' a mapping of names to
 * such lists: by the column "name" (or "metric", "key"), else each column but
 * "step" and "timestamp" is a metric.  What is no number stays a text.
 */
struct value *csv_metrics(const char *text, char comma, bool many,
                          struct arena *arena);
