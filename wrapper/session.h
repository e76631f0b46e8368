/* SPDX-License-Identifier: MIT */
/* session.h - one exec, from the command line to the exit status */
#pragma once

#include "base/strv.h"
#include "model/journal.h"
#include "model/record.h"
#include "model/settings.h"
#include "stage/supervise.h"

struct err;
struct buf;
struct options;
struct tracking;

/* What is known once everything is read and nothing is written. */
struct plan {
	struct settings settings;
	struct kedro_run kedro;
	struct record record;
	struct tracking *tracking;
	char *cwd;
	char *root;      /* where the spool goes: the project's, or the cwd */
	bool nested;     /* within another exec */
	bool resumed;    /* --run-id or the project's run.id */
	bool disabled;   /* mlflow.yml switches this pipeline off */
	char *new_store; /* what to say of it; NULL: it is there */
};

/*
 * Reads the project, opens the store and finds the experiment and, where one
 * is named, the run.  Writes nothing.  Any failure means exit status 125.
 * plan_free() frees *ret, also after a failure.
 */
int plan_make(const struct options *o, struct plan *ret, struct err *err);
void plan_free(struct plan *p);

/* Appends what --dry-run shows, as text or as JSON. */
void plan_print(const struct plan *p, bool json, struct buf *to);

/* Runs CMD by the plan and leaves as CMD did; returns only to refuse. */
int session_run(const struct options *o, struct plan *p, struct err *err);
