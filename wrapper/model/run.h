/* SPDX-License-Identifier: MIT */
/* run.h - MLflow's run as plain data */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/strv.h"

/* MLflow's RunStatus; the numbers are those of its meta.yaml. */
enum run_status {
	RUN_RUNNING = 1,
	RUN_SCHEDULED = 2,
	RUN_FINISHED = 3,
	RUN_FAILED = 4,
	RUN_KILLED = 5,
};

const char *run_status_name(enum run_status status); /* "FINISHED", … */

struct metric {
	char *key;
	double value;
	int64_t timestamp; /* ms since 1970 */
	int64_t step;
};

struct metrics {
	struct metric *v;
	size_t n;
	size_t cap;
};

#define METRICS_INIT                                                           \
	{                                                                      \
		.v = NULL                                                      \
	}

void metrics_add(struct metrics *m, const char *key, double value,
                 int64_t timestamp, int64_t step);
void metrics_free(struct metrics *m);

/* What a store needs to begin a run; all borrowed. */
struct run_spec {
	const char *invocation_id; /* 32 hex digits, unique for each exec */
	const char *experiment_id;
	const char *name; /* NULL: the store makes "adjective-noun-NNN" */
	const char *user;
	int64_t start_time;     /* ms since 1970 */
	const struct kvs *tags; /* written with the run */
	bool fresh;             /* nobody can have made it before */
};

/* A run as the store tells it; run_free() frees the strings. */
struct run {
	char *id;
	char *experiment_id;
	char *experiment_name; /* NULL where the store does not say */
	char *name;
	char *artifact_uri;
	enum run_status status;
	int64_t start_time;
	bool deleted;
};

void run_free(struct run *r);
#define cleanup_run __attribute__((cleanup(run_free)))
