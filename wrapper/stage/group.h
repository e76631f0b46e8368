/* SPDX-License-Identifier: MIT */
/* group.h - the ranks of one launch, who share one run */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "stage/client_store.h"

struct err;
struct outcome;
struct rank;
struct spool;
struct strv;

/*
 * They meet by a file beside the spools that is named by the launch's key; all
 * else is in the directory "ranks" of rank 0's spool: a seat for each rank that
 * has come, its process, its end.  See kmlflow-spool(7).
 */
struct group {
	char *dir;   /* rank 0's spool */
	char *image; /* value of KMLFLOW_IMAGE; NULL: none, or not from here */
	struct client_store client; /* where there is no store; else empty */
};

/* --- rank 0 -------------------------------------------------------------- */

/* Lets the others in; 'image' and 'client' may be NULL. */
int group_open(const struct spool *s, const struct rank *r, const char *image,
               const struct client_store *client, struct err *err);

/* Lets the others know that there will be no run, as far as possible. */
void group_refuse(const char *root, const struct rank *r, const char *why);

/*
 * Waits until all ranks that have come have ended, or 'stop' says true: as
 * long as they are seen to be alive, and a moment for those that have not come.
 */
void group_wait(const struct spool *s, int (*stop)(void));

/*
 * 'o' is how rank 0's command ended; it becomes the outcome of all: that of
 * the one which failed first, with what all used.  What was found out once
 * stays.  Nobody is let in any more.  Does nothing where there is no group.
 */
int group_settle(const struct spool *s, struct outcome *o, struct err *err);

/* Whether the command of a rank is still running on this machine. */
bool group_runs(const char *dir);

/* Paths of the images that ranks on other machines have left. */
void group_images(const char *dir, struct strv *to);

/* --- the others ---------------------------------------------------------- */

/*
 * Takes the seat of 'r', waiting for rank 0 for at most 'ms'.  ERR_CONFIG:
 * rank 0 has refused; ERR_NOTFOUND: it has not come; ERR_RETRY: 'stop'.
 * group_free() frees *ret.
 */
int group_join(const char *root, const struct rank *r, int ms,
               int (*stop)(void), struct group *ret, struct err *err);
void group_free(struct group *g);

/* Path of a file of rank 'number' in the spool 'dir'; owned. */
char *group_path(const char *dir, int number, const char *suffix);

/* So many seconds apart, to be seen from other machines. */
enum { GROUP_BEAT_S = 15 };
void group_beat(const struct group *g, const struct rank *r);
