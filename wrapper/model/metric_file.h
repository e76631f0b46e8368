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

struct metric_rule {
	enum metric_form form;
	char *key;    /* name, or prefix before a dot; NULL: no prefix */
	int64_t step; /* of METRIC_ONE */
};

/*
 * Adds the points of the file; those without a time have 'when'.  The suffix
 * tells CSV (.csv, .tsv), with a head line: "value" and perhaps "step" and
 * "timestamp", a "name" column for METRIC_MANY, or a column for each metric.
 * ERR_CONFIG, "line LINE: …"; 'to' is as it was then.
 */
int metric_file_read(const char *path, const struct metric_rule *rule,
                     int64_t when, struct metrics *to, struct err *err);

void metric_rule_free(struct metric_rule *r);
