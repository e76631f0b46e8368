/* SPDX-License-Identifier: MIT */
/* cmd_exec.c - kmlflow exec: runs a command as a tracked run */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "cli.h"
#include "commands.h"
#include "follow.h"
#include "lead.h"
#include "program.h"
#include "session.h"

enum { EXIT_REFUSED = 125 };

/* CMD takes our place: no trace of us is left. */
static int
become(char *const *cmd)
{
	execvp(cmd[0], cmd);
	log_error("%s: %s", cmd[0], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}

/* A whole command line in one word is what people try first. */
static int
say_missing(const char *name, int status)
{
	if (status == 126)
		log_error("%s: found, but cannot be executed", name);
	else if (strchr(name, ' '))
		log_error("%s: command not found; for a command line in one "
		          "word use: kmlflow exec -- sh -c '…'",
		          name);
	else
		log_error("%s: command not found", name);
	return status;
}

static int
refuse(const struct err *err)
{
	log_error("%s", err->msg);
	return EXIT_REFUSED;
}

static int
run_plan(const struct options *o, struct plan *p)
{
	struct err err = ERR_INIT;

	if (rank_follows(&p->rank)) {
		follow_run(o, p, &err);
	} else {
		session_run(o, p, &err);
		lead_refuse(p, &err);
	}
	plan_free(p);
	return refuse(&err);
}

static int
run_command(const struct options *o)
{
	struct plan plan;
	struct err err = ERR_INIT;
	int status;

	if (!o->words[0]) {
		log_error("no command given; usage: kmlflow exec [OPTIONS] "
		          "[--] CMD [ARG…]");
		return EXIT_REFUSED;
	}
	if (o->mode == MODE_DISABLED && !o->dry_run)
		return become(o->words);
	status = program_check(o->words[0]);
	if (status)
		return say_missing(o->words[0], status);
	if (plan_make(o, &plan, &err)) {
		lead_refuse(&plan, &err);
		plan_free(&plan);
		return refuse(&err);
	}
	if (o->dry_run) {
		cleanup_buf struct buf text = BUF_INIT;

		plan_print(&plan, o->json, &text);
		plan_free(&plan);
		fwrite(text.s, 1, text.len, stdout);
		return fflush(stdout) ? 1 : 0;
	}
	if (plan.disabled) {
		log_debug("mlflow.yml disables tracking for this pipeline");
		plan_free(&plan);
		return become(o->words);
	}
	return run_plan(o, &plan);
}

static int
run_exec(const struct options *o)
{
	struct options own = *o;
	int status;

	lead_unnest(&own);
	status = run_command(&own);
	free(own.rank_name);
	return status;
}

const struct command command_exec = {
    .name = "exec",
    .bit = VERB_EXEC,
    .arguments = "[OPTIONS] [--] CMD [ARG…]",
    .summary = "Runs CMD, unchanged, as one tracked MLflow run.",
    .run = run_exec,
};
