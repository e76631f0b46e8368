/* SPDX-License-Identifier: MIT */
/* cli.h - the command line as values */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/strv.h"

struct buf;
struct err;

/* What the ranks of one launch become. */
enum rank_runs {
	RANKS_ONE,    /* one run together */
	RANKS_NESTED, /* and a run of its own for each below that */
	RANKS_EACH,   /* a run for each, as if there were no others */
};

enum mode { MODE_ONLINE, MODE_OFFLINE, MODE_DISABLED };

/* Which verbs take an option; a bit each. */
enum verb_bit {
	VERB_EXEC = 1 << 0,
	VERB_SYNC = 1 << 1,
	VERB_EXPLAIN = 1 << 2,
	VERB_UI = 1 << 3,
	VERB_HELP = 1 << 4,
	VERB_VERSION = 1 << 5,
	VERB_INIT = 1 << 6,
	VERB_NEW = 1 << 7,
	VERB_CONFIG = 1 << 8,
	VERB_SPOOL = 1 << 9,
	VERB_GC = 1 << 10,
	VERB_ALL = (1 << 11) - 1,
};

struct options {
	char *const *words; /* what follows the options; ends in NULL */
	struct strv before; /* new: words before "--"; 'words' is after it */
	int argc;           /* main()'s own, for the canary */
	char **argv;
	const char *experiment;
	const char *run_name;
	const char *note;
	const char *directory;
	const char *env;
	const char *run_id;
	const char *key;
	char *rank_name; /* owned: the run_name of a nested rank */
	const char *report;
	const char *dotenv;
	const char *openmetrics;
	const char *host;
	const char *port;
	const char *starter;
	const char *from_dir;
	struct kvs tags;
	struct kvs params;
	struct strv params_files;
	struct strv metric_files;
	struct strv artifacts;
	struct strv excludes;
	enum mode mode;
	enum rank_runs rank_runs;
	int64_t finish_ms; /* --finish-timeout */
	bool export_run_id;
	bool strict;
	bool require_clean;
	bool dry_run;
	bool all;
	bool watch;
	bool force;
	bool silent;
	bool show_origin;
	bool undeclared;
	bool drift;
	bool json;
	bool help;
	bool version;
	int verbosity; /* -1: -q, 0, 1: -v, 2: -vv */
};

struct command {
	const char *name;
	enum verb_bit bit;
	const char *arguments; /* for the usage line */
	const char *summary;
	int (*run)(const struct options *options); /* gives the exit status */
};

/*
 * Reads the options of 'verb' up to the first word that is not one.  Variables
 * (KMLFLOW_MODE, KMLFLOW_STRICT, KMLFLOW_FINISH_TIMEOUT) come before them.
 * ERR_USAGE names the wrong word and, where one is near, the right one.
 * options_free() frees *ret.
 */
int cli_parse(const struct command *verb, int argc, char **argv,
              struct options *ret, struct err *err);
void options_free(struct options *o);

/* Appends the help text of a verb. */
void cli_help(const struct command *verb, struct buf *to);

/* The candidate that 'word' is most like, NULL when none is near. */
const char *cli_nearest(const char *word, const char *const *candidates);
