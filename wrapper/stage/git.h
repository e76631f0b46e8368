/* SPDX-License-Identifier: MIT */
/* git.h - the state of the code, asked of git while CMD starts */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

struct err;

struct git_state {
	bool known;  /* false: no repository, or git would not say */
	bool dirty;  /* tracked files differ from the commit */
	int changed; /* how many */
	char *commit;
	char *branch;   /* NULL: detached */
	char *repo_url; /* of the remote "origin", without credentials; NULL */
};

struct git_probe {
	pid_t pid[2];
	int fd[2];
	struct buf out[2];
};

/*
 * Starts asking about the work tree around 'dir'.  Costs no process where no
 * parent holds a ".git" (and GIT_DIR is not set).
 */
void git_begin(struct git_probe *g, const char *dir);

/* Reads what is there, waiting for at most 'ms'; true when all has come. */
bool git_wait(struct git_probe *g, int ms);

/* Fails unless the work tree around 'dir' is known to be as its commit. */
int git_require_clean(const char *dir, struct err *err);

/*
 * Ends the asking (processes that do not answer within half a second are
 * killed) and tells what came of it.  git_state_free() frees *ret.
 */
void git_finish(struct git_probe *g, struct git_state *ret);
void git_state_free(struct git_state *s);
