/* SPDX-License-Identifier: MIT */
/* adopt.c - kmlflow new --from-dir: a project of a pipeline that is there */
#include "adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "program.h"
#include "stage/propose.h"
#include "stage/trial.h"
#include "starter.h"

static const char catalog_name[] = "conf/base/catalog.yml";

static const char catalog_head[] =
    "# Proposed by 'kmlflow new' from what one run of the pipeline wrote.  "
    "Each\n"
    "# entry becomes an artifact of every run that writes it: take out those "
    "that\n"
    "# are no results, and give the others names that people know.\n";

struct adopting {
	const struct options *options;
	char *dir;     /* absolute, resolved */
	char *name;    /* of the project */
	char *catalog; /* where it goes */
	struct proposal proposal;
	bool proposed;
};

static int
usage(const struct options *o)
{
	if (o->starter)
		log_error("--starter and --from-dir exclude each other");
	else if (o->before.n > 1)
		log_error("--from-dir: put '--' before the command");
	else
		return 0;
	return 2;
}

static int
find_place(struct adopting *a)
{
	cleanup_free char *cwd = fs_cwd();
	cleanup_free char *joined = fs_join(cwd, a->options->from_dir);
	const struct strv *names = &a->options->before;
	struct err err = ERR_INIT;

	if (!fs_is_dir(joined)) {
		log_error("--from-dir %s: %s", a->options->from_dir,
		          fs_exists(joined) ? "not a directory"
		                            : "no such directory");
		return 1;
	}
	a->dir = fs_resolve(joined);
	a->catalog = fs_join(a->dir, catalog_name);
	a->name = names->n ? mem_dup(names->v[0]) : fs_basename(a->dir);
	if (starter_check_name(a->name, &err)) {
		log_error("%s", err.msg);
		return 2;
	}
	if (!fs_exists(a->catalog))
		return 0;
	log_error("'%s' is there already and stays as it is; take it away to "
	          "have another one proposed",
	          a->catalog);
	return 1;
}

/* 0: all of it was seen; else why nothing is proposed has been said. */
static int
judge(const struct outcome *o)
{
	if (o->signal)
		log_error("the trial run died by signal %d (%s); nothing was "
		          "made",
		          o->signal, strsignal(o->signal));
	else if (o->exit_code)
		log_error("the trial run ended with status %d, so it may not "
		          "have written all; nothing was made (where that is "
		          "how it ends: -- sh -c 'CMD || true')",
		          o->exit_code);
	return o->signal || o->exit_code;
}

static int
write_catalog(struct adopting *a, const struct trial *t)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	int there;

	buf_adds(&text, catalog_head);
	propose_catalog(t, a->dir, &text, &a->proposal);
	if (!a->proposal.results) {
		log_warn("the trial run wrote no file below '%s'; the catalog "
		         "is an example",
		         a->dir);
		return 0;
	}
	there = starter_put(a->catalog, text.s, false, &err);
	if (there)
		log_error("%s", there < 0 ? err.msg
		                          : "the command made a catalog of "
		                            "its own, which stays");
	a->proposed = !there;
	return there ? 1 : 0;
}

/* CMD has stdout for itself, and takes it away from us. */
static int
try_command(struct adopting *a)
{
	const struct options *o = a->options;
	const struct trial_request request = {.dir = a->dir,
	                                      .cmd = o->words,
	                                      .argc = o->argc,
	                                      .argv = o->argv};
	cleanup_fd int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	struct trial trial;
	struct err err = ERR_INIT;
	int failed;

	if (chdir(a->dir)) {
		log_error("%s: %s", a->dir, strerror(errno));
		return 1;
	}
	if (program_check(o->words[0])) {
		log_error("%s: not found, or cannot be executed, in '%s'",
		          o->words[0], a->dir);
		return 1;
	}
	failed = trial_run(&request, &trial, &err);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	if (failed) {
		log_error("%s", err.msg);
		return 1;
	}
	for (size_t i = 0; i < trial.blind.n; i++)
		log_warn("not all could be seen: %s", trial.blind.v[i]);
	failed = judge(&trial.outcome) || write_catalog(a, &trial);
	trial_free(&trial);
	return failed;
}

static int
write_rest(const struct adopting *a)
{
	const struct starter *beside = starter_find(STARTER_BESIDE);
	cleanup_strv struct strv made = STRV_INIT;
	cleanup_strv struct strv kept = STRV_INIT;
	struct err err = ERR_INIT;

	if (starter_write(beside, a->dir, a->name, &made, &kept, &err)) {
		log_error("%s", err.msg);
		return 1;
	}
	for (size_t i = 0; i < kept.n; i++)
		if (!a->proposed || strcmp(kept.v[i], catalog_name) != 0)
			log_info("'%s' was there and stays as it is",
			         kept.v[i]);
	if (a->proposed)
		printf("%s proposes %zu result%s, and %zu more as comments\n",
		       catalog_name, a->proposal.results,
		       a->proposal.results == 1 ? "" : "s",
		       a->proposal.commented);
	printf("'%s' is a project: look through its conf/base, then cd there "
	       "and 'kmlflow exec -- CMD'\n",
	       a->options->from_dir);
	return fflush(stdout) ? 1 : 0;
}

int
adopt(const struct options *o)
{
	struct adopting a = {.options = o};
	int status = usage(o);

	if (!status)
		status = find_place(&a);
	if (!status && o->words[0])
		status = try_command(&a);
	if (!status)
		status = write_rest(&a);
	free(a.dir);
	free(a.name);
	free(a.catalog);
	return status;
}
