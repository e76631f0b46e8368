/* SPDX-License-Identifier: MIT */
/* begin.h - from the plan to the moment before CMD starts */
#pragma once

#include <stdbool.h>

#include "stage/client_store.h"
#include "stage/git.h"
#include "stage/spool.h"

struct err;
struct plan;

/* What is there once a run has begun. */
struct beginning {
	struct spool spool;
	struct git_probe git;
	bool git_told;        /* its tags are in the record */
	char *library;        /* for LD_PRELOAD; NULL: nothing to capture */
	char *image_variable; /* value of KMLFLOW_IMAGE */
	struct client_store client; /* where there is no store; else empty */
};

/*
 * Makes the experiment, the spool, the capture image, the snapshot and the
 * run, in this order: the spool knows of the run before the store does, so
 * none is ever orphaned.  On failure nothing of it is left but the experiment.
 * The record of 'p' is complete afterwards.
 */
int begin(struct plan *p, struct beginning *ret, struct err *err);

/* What git told only after CMD had started becomes tags of the end. */
void begin_late_tags(struct beginning *b, struct plan *p);
