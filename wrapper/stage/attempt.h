/* SPDX-License-Identifier: MIT */
/* attempt.h - a run that the next start of the same job continues */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/run.h"

struct err;
struct record;
struct tracking;

/* What the store says of the last attempt. */
struct attempt {
	struct run run;
	int number;
	int64_t start_time;
	char *invocation; /* may be NULL, as the next */
	char *process;    /* see origin.h */
};

/*
 * The run of the key in this experiment.  1: *ret is filled, attempt_free()
 * frees it; 0: there is none, or it is deleted; -1.
 */
int attempt_find(struct tracking *t, const char *experiment_id, const char *key,
                 struct attempt *ret, struct err *err);
void attempt_free(struct attempt *a);
#define cleanup_attempt __attribute__((cleanup(attempt_free)))

/* Writes the tags of attempt 'number' into the record. */
void attempt_number(struct record *r, int number);

/*
 * What the last attempt has said of its end is not true of a run that goes on:
 * takes those tags away.
 */
int attempt_forget(struct tracking *t, const char *run_id, struct err *err);

/*
 * For a record that is published later: takes over the run of its key, if
 * there is one, as its next attempt.  One that another attempt has gone on
 * with since only gets what this one has to add.
 */
int attempt_continue(struct tracking *t, struct record *r, struct err *err);

/*
 * 1: another exec has gone on with the run of this record since, so how it
 * ends is no longer ours to say; *ended: that has ended.  0: none has; -1.
 */
int attempt_is_over(struct tracking *t, const struct record *r, bool *ended,
                    struct err *err);
