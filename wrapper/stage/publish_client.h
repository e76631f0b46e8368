/* SPDX-License-Identifier: MIT */
/* publish_client.h - what an MLflow client inside CMD wrote into the spool */
#pragma once

struct err;
struct map;
struct publish_tally;
struct record;
struct spool;
struct strv;
struct tracking;

struct publish_client_request {
	struct spool *spool;
	const struct record *record; /* whose run is made */
	struct tracking *tracking;
	const char *below;      /* where in the run; NULL: at the top */
	const struct map *done; /* items that need not be sent again */
};

/*
 * Merges the spool's client store into the stores: params, metrics with all
 * their points, tags and artifacts of the run itself; other runs that a client
 * began are made, with what they hold, and end as they did there.  One that is
 * still RUNNING has lost its process and becomes KILLED.  A run that was
 * deleted there is not sent, but the run itself is.  Returns 0 when nothing is
 * left, -1 when something is; 'problems' gets a line for each failure.
 */
int publish_client(const struct publish_client_request *request,
                   struct publish_tally *tally, struct strv *problems);

/*
 * The run in the store that a spool knows as 'id': the same, or the one that
 * was made for this invocation.  Owned; NULL: there is none, or 'err' says why
 * it could not be asked for.
 */
char *publish_client_resolve(struct tracking *t, const char *id,
                             struct err *err);
