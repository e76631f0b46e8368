/* SPDX-License-Identifier: MIT */
/* metric_file.h - metrics from a JSON, YAML or CSV file that CMD has written */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct metrics;

enum { METRIC_FILE_MAX = 16 << 20 };

/* What the datasets of kedro-mlflow take, and a looser form of ours. */
enum metric_form {
	METRIC_ONE,     /* a number */
	METRIC_HISTORY, /* numbers, or by step, or {step, value, timestamp} */
	METRIC_MANY,    /* name: {value, step}, or a list of them */
	METRIC_ANY,     /* the same, where a plain number will do, too */
};

/* Where METRIC_ONE stands in its history, as save_args of kedro-mlflow say. */
enum metric_place {
	METRIC_AT_STEP,   /* at 'step' */
	METRIC_OVERWRITE, /* at the last step that the run has of it, else 0 */
	METRIC_APPEND,    /* after that; a list is one step after the other */
};

struct metric_rule {
	enum metric_form form;
	enum metric_place place;
	char *key;    /* name, or prefix before a dot; NULL: no prefix */
	int64_t step; /* of METRIC_ONE: the first */
};

/*
 * Adds the points of the file; those without a time have 'when'.  The suffix
 * tells CSV (.csv, .tsv), with a head line: "value" and perhaps "step" and
 * "timestamp", a "name" column for METRIC_MANY, or a column for each metric;
 * and a list with one item a line (.jsonl).  'rule->step' is where a metric
 * begins whose place depends on what the run has.
 * ERR_CONFIG, "line LINE: …"; 'to' is as it was then.
 */
int metric_file_read(const char *path, const struct metric_rule *rule,
                     int64_t when, struct metrics *to, struct err *err);

/* With its own key; NULL for NULL. */
struct metric_rule *metric_rule_dup(const struct metric_rule *r);
void metric_rule_free(struct metric_rule *r);
