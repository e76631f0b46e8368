/* SPDX-License-Identifier: MIT */
/* trial.h - runs a command once, to see which files it writes */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/strv.h"
#include "stage/outcome.h"

struct err;

struct trial_request {
	const char *dir;  /* absolute; CMD's cwd, and what is looked at */
	char *const *cmd; /* found as execvp(3) does */
	int argc;         /* main()'s, see supervise_begin() */
	char **argv;
};

/* A file that CMD wrote, and that is there at the end. */
struct trial_file {
	char *path;      /* relative to the directory */
	char *program;   /* that wrote it; NULL where that was not seen */
	bool read_again; /* after it was written, as far as its times tell */
	bool executable;
};

struct trial {
	struct outcome outcome;
	struct trial_file *v; /* in the order of their paths */
	size_t n;
	struct strv blind; /* what could not be seen, a line each */
};

/*
 * Runs CMD with the interposed library and a rule for all below the directory,
 * but for hidden files, caches of compilers and what MLflow and kmlflow
 * themselves keep there.  Nothing is recorded: no store is opened, and an
 * 'exec' within CMD records nothing either.  Leaves nothing but what CMD has
 * written; stdin and stdout are CMD's alone, and ours lead nowhere afterwards.
 * ERR_SYS where CMD could not be started.  trial_free() frees *ret.
 */
int trial_run(const struct trial_request *request, struct trial *ret,
              struct err *err);
void trial_free(struct trial *t);
