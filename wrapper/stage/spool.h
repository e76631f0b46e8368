/* SPDX-License-Identifier: MIT */
/* spool.h - a run's directory on disk while it is not yet fully recorded */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/strv.h"

struct err;
struct outcome;

/*
 * Layout, see kmlflow-spool(7):
 *   run.json       struct record
 *   before         struct snapshot
 *   child          CMD's process: "PID START BOOT"
 *   outcome.json   struct outcome, once CMD has ended
 *   manifest       struct artifact, one a line, once it is collected
 *   beside.json    what was written beside them
 *   done           what is published: one word a line
 *   kept/          declared files that were about to vanish
 *   stowed/        files that are to be sent later, as they were at the end
 *   store/         what a client inside CMD records while ours is away
 *   lock           held while somebody works on this spool
 */
struct spool {
	char *dir;
	int lock;
	int done_fd; /* -1 until something is noted */
};

#define SPOOL_INIT                                                             \
	{                                                                      \
		.lock = -1, .done_fd = -1                                      \
	}

/*
 * Directories that hold spools, best first: $KMLFLOW_SPOOL_DIR alone where it
 * is set; else .kmlflow of 'root', the user's state directory, and one of the
 * user's below $TMPDIR.
 */
void spool_places(const char *root, struct strv *to);

/* A new spool in the first place that can be written to, locked. */
int spool_create(const char *root, const char *id, struct spool *ret,
                 struct err *err);

/*
 * An existing one.  ERR_RETRY: its exec or another sync is at work on it, or
 * CMD still runs; ERR_SYS with EACCES: not a spool of ours; ERR_NOTFOUND: it
 * holds no run.
 */
int spool_open(const char *dir, struct spool *ret, struct err *err);

/*
 * Whether a spool without a run is one whose exec was killed while it made it,
 * rather than one that is being made now: it is older than a minute.
 */
bool spool_is_stillborn(const char *dir);

/* Fails unless it is a directory of this user. */
int spool_check_owner(const char *dir, struct err *err);

/* A directory of spools, with a .gitignore of its own. */
int spool_make_place(const char *place, struct err *err);

/* Path of a member; owned. */
char *spool_path(const struct spool *s, const char *name);

/*
 * Writes down which process CMD is, before it is CMD, for spool_open() of
 * somebody else.
 */
void spool_note_child(const struct spool *s, pid_t pid);

int spool_save_outcome(const struct spool *s, const struct outcome *o,
                       struct err *err);
/* ERR_SYS with ENOENT: CMD's end was not seen. */
int spool_load_outcome(const struct spool *s, struct outcome *ret,
                       struct err *err);

/* Removes the directory with all in it. */
int spool_remove(struct spool *s, struct err *err);

/* The same for a run that never began; nor stays a place made for it alone. */
int spool_abandon(struct spool *s, struct err *err);

/* Lets go of the lock; the directory stays. */
void spool_close(struct spool *s);
