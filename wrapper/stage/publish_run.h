/* SPDX-License-Identifier: MIT */
/* publish_run.h - the run that exec could not tell the store of */
#pragma once

struct err;
struct record;
struct spool;
struct tracking;

/* Milliseconds that a server which may be gone keeps us waiting. */
int publish_patience(void);

/*
 * Makes the run of a record that is pending, with its experiment, or adds its
 * tags to one that is there; completes and saves the record.  Called again it
 * finds what an earlier call has made.
 */
int publish_run(struct tracking *t, struct spool *s, struct record *r,
                struct err *err);

/* What to say of where artifacts go, owned; NULL: nothing. */
char *publish_stray_note(const struct record *r);
