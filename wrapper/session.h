/* SPDX-License-Identifier: MIT */
/* session.h - one exec, from the command line to the exit status */
#pragma once

#include "base/strv.h"
#include "model/journal.h"
#include "model/record.h"
#include "model/settings.h"
#include "stage/rank.h"
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
	char *root; /* where the spool goes: the project's, or the cwd */
	char *const *words; /* what is executed: CMD, but see lead.h */
	struct strv nested_words;
	struct rank rank; /* one of many equal execs */
	bool nested;      /* within another exec */
	int attempt;      /* of the key's run; 0: there is no key */
	bool resumed;     /* --run-id or the project's run.id */
	bool export_run_id;
	bool stays_offline; /* asked for: all is left to sync */
	bool strict;        /* a store that cannot be reached is an error */
	char *offline;      /* why the store is not reached; NULL: it is */
	bool disabled;      /* mlflow.yml switches this pipeline off */
	char *new_store;    /* what to say of it; NULL: it is there */
};

/*
 * Reads the project, opens the store and finds the experiment and, where one
 * is named, the run.  Writes nothing.  Any failure means exit status 125; a
 * store that is not there for the moment is none, unless strict or dry: the
 * record is pending then, and 'offline' says why.
 * plan_free() frees *ret, also after a failure.
 */
int plan_make(const struct options *o, struct plan *ret, struct err *err);
void plan_free(struct plan *p);

/* Goes on without the store if 'err' is about that alone; -1: it is not. */
int plan_go_offline(struct plan *p, const struct err *err);

/* Appends what --dry-run shows, as text or as JSON. */
void plan_print(const struct plan *p, bool json, struct buf *to);

/* Runs CMD by the plan and leaves as CMD did; returns only to refuse. */
int session_run(const struct options *o, struct plan *p, struct err *err);
