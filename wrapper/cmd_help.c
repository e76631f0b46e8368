/* SPDX-License-Identifier: MIT */
/* cmd_help.c - kmlflow help and kmlflow version */
#include <stdio.h>

#include "base/buf.h"
#include "base/log.h"
#include "cli.h"
#include "commands.h"

const struct command *const commands[] = {
    &command_exec,    &command_sync, &command_spool,   &command_gc,
    &command_explain, &command_ui,   &command_init,    &command_new,
    &command_config,  &command_help, &command_version, NULL,
};

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int
print(const struct buf *text)
{
	fwrite(text->s, 1, text->len, stdout);
	return fflush(stdout) ? 1 : 0;
}

static void
add_overview(struct buf *to)
{
	buf_adds(to, "kmlflow runs any command as a tracked MLflow run.\n\n"
	             "  kmlflow exec -- Rscript fit.R\n"
	             "  kmlflow exec -e churn -a 'out/*.csv' -- ./run.sh\n"
	             "  kmlflow exec -- kedro run\n\n");
	for (size_t i = 0; commands[i]; i++)
		buf_addf(to, "  kmlflow %-8s %s\n", commands[i]->name,
		         commands[i]->summary);
	buf_adds(to, "\n'kmlflow help VERB' tells the options of a verb; "
	             "'man kmlflow' all the rest.\n"
	             "Exit status of exec: CMD's own; 125: refused before CMD "
	             "started; 126, 127: CMD\n"
	             "could not be executed, was not found.  Other verbs: 0 "
	             "done, 1 failed, 2 usage.\n");
}

static int
run_help(const struct options *o)
{
	cleanup_buf struct buf text = BUF_INIT;
	const char *names[16];
	const struct command *c;
	const char *near;
	size_t n = 0;

	if (!o->words[0]) {
		add_overview(&text);
		return print(&text);
	}
	c = command_find(o->words[0]);
	if (c) {
		cli_help(c, &text);
		return print(&text);
	}
	for (; commands[n] && n + 1 < ARRAY_LEN(names); n++)
		names[n] = commands[n]->name;
	names[n] = NULL;
	near = cli_nearest(o->words[0], names);
	log_error("no verb '%s'%s%s%s", o->words[0],
	          near ? "; did you mean '" : "", near ? near : "",
	          near ? "'?" : "; see 'kmlflow help'");
	return 2;
}

static int
run_version(const struct options *o)
{
	printf(o->json ? "{\"kmlflow\":\"%s\"}\n" : "kmlflow %s\n",
	       KMLFLOW_VERSION);
	return fflush(stdout) ? 1 : 0;
}

const struct command command_help = {
    .name = "help",
    .bit = VERB_HELP,
    .arguments = "[VERB]",
    .summary = "Tells how to use kmlflow, or one of its verbs.",
    .run = run_help,
};

const struct command command_version = {
    .name = "version",
    .bit = VERB_VERSION,
    .arguments = "[--json]",
    .summary = "Tells the version.",
    .run = run_version,
};
