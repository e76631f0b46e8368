/* SPDX-License-Identifier: MIT */
/* supervise.h - runs CMD so that neither it nor its caller notices us */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "stage/canary.h"

struct err;
struct outcome;

struct supervise {
	pid_t pid; /* CMD's; 0 before the start */
	int64_t start_time;
	int64_t start_mono;
	int64_t oom_kills;     /* before the start */
	sigset_t mask;         /* our caller's, restored for CMD */
	struct sigaction chld; /* likewise */
	struct sigaction pipe;
	struct canary canary;
	/* Called in CMD's process before it becomes CMD; may be NULL. */
	void (*prepare)(void *arg);
	/* Called each 'tick_s' seconds while CMD runs; may be NULL. */
	void (*tick)(void *arg);
	int tick_s;
	void *arg;
};

/*
 * From here on signals wait for supervise_wait(), and orphans of CMD become
 * our children.  'argc' and 'argv' are main()'s, see canary_start().
 */
void supervise_begin(struct supervise *s, int argc, char **argv);

/*
 * Starts CMD as execvp(3) does, in our process group, with our stdin, stdout
 * and stderr.  Fails with ERR_SYS where CMD cannot be executed: err->sys is
 * ENOENT and the like (exit status 127), or another errno (126); ERR_RETRY: the
 * system has no process to spare.
 */
int supervise_start(struct supervise *s, char *const *cmd, char *const *envp,
                    struct err *err);

/*
 * Waits for CMD, passing on what is sent to us and stopping when it stops;
 * then up to two seconds for descendants of the same session, which is how
 * long `cmd > >(gzip > f)` may need after its shell has gone, and a moment for
 * others.
 */
void supervise_wait(struct supervise *s, struct outcome *ret);

/* The signal by which somebody wants us to end and that waits; 0: none. */
int supervise_interrupted(void);

/* Takes it away: what it was to end has ended. */
void supervise_heed(void);

/* Undoes supervise_begin() for a CMD that takes our place by execvp(3). */
void supervise_restore(struct supervise *s);

/*
 * Ends this program as CMD ended: with its exit status, or by the signal that
 * killed it (without a core of our own), or with 128 + N where that fails.
 */
_Noreturn void supervise_leave(struct supervise *s, const struct outcome *o);
