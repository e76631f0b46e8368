/* SPDX-License-Identifier: MIT */
/* cli.c - the command line as values */
#include "cli.h"

#include <getopt.h>
#include <limits.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli_rows.h"
#include "model/nearest.h"

/* Long options without a letter get codes above all letters. */
enum { CODE_FIRST = 256 };

/* What getopt calls a word that is no option, where it hands those out. */
enum { CODE_WORD = 1 };

enum { FINISH_MS = 300000, SECONDS_MAX = 1000000 };

static int
code_of(size_t i)
{
	return cli_rows[i].letter ? cli_rows[i].letter : CODE_FIRST + (int)i;
}

/* getopt's two lists for one verb. */
static void
make_lists(const struct command *verb, struct buf *letters,
           struct option *longs)
{
	size_t n = 0;

	/*
	 * '+': CMD's options are its own; '-': hand out words as they come, so
	 * that what is after "--" can be told; ':': tell a missing argument.
	 */
	if (verb->bit == VERB_EXEC)
		buf_addc(letters, '+');
	if (verb->bit == VERB_NEW)
		buf_addc(letters, '-');
	buf_addc(letters, ':');
	for (size_t i = 0; cli_rows[i].name; i++) {
		if (!(cli_rows[i].verbs & verb->bit))
			continue;
		longs[n++] = (struct option){
		    .name = cli_rows[i].name,
		    .has_arg =
			cli_rows[i].argument ? required_argument : no_argument,
		    .val = code_of(i),
		};
		if (!cli_rows[i].letter)
			continue;
		buf_addc(letters, cli_rows[i].letter);
		if (cli_rows[i].argument)
			buf_addc(letters, ':');
	}
	longs[n] = (struct option){.name = NULL};
}

const char *
cli_nearest(const char *word, const char *const *candidates)
{
	struct nearest nearest = {.word = NULL};

	for (; *candidates; candidates++)
		nearest_offer(&nearest, word, *candidates);
	return nearest.word;
}

static int
unknown(const struct command *verb, const char *word, struct err *err)
{
	const char *names[CLI_ROWS_MAX + 1];
	cleanup_free char *bare = NULL;
	const char *near;
	size_t n = 0;

	for (size_t i = 0; cli_rows[i].name; i++)
		if (cli_rows[i].verbs & verb->bit)
			names[n++] = cli_rows[i].name;
	names[n] = NULL;
	if (strncmp(word, "--", 2) != 0)
		return err_set(err, ERR_USAGE,
		               "unknown option '%s'; see 'kmlflow help %s'",
		               word, verb->name);
	bare = mem_ndup(word + 2, strcspn(word + 2, "="));
	near = cli_nearest(bare, names);
	if (near)
		return err_set(err, ERR_USAGE,
		               "unknown option '--%s'; did you mean '--%s'?",
		               bare, near);
	return err_set(err, ERR_USAGE,
	               "unknown option '--%s'; see 'kmlflow help %s'", bare,
	               verb->name);
}

static int
set_mode(const char *word, enum mode *to, struct err *err)
{
	if (!strcmp(word, "online"))
		*to = MODE_ONLINE;
	else if (!strcmp(word, "offline"))
		*to = MODE_OFFLINE;
	else if (!strcmp(word, "disabled"))
		*to = MODE_DISABLED;
	else
		return err_set(err, ERR_USAGE,
		               "unknown mode '%s': online, offline or disabled",
		               word);
	return 0;
}

static int
set_ranks(const char *word, enum rank_runs *to, struct err *err)
{
	if (!strcmp(word, "one"))
		*to = RANKS_ONE;
	else if (!strcmp(word, "nested"))
		*to = RANKS_NESTED;
	else if (!strcmp(word, "each"))
		*to = RANKS_EACH;
	else
		return err_set(err, ERR_USAGE,
		               "--rank-runs: '%s' is not one, nested or each",
		               word);
	return 0;
}

static int
set_seconds(const char *word, int64_t *ms, struct err *err)
{
	char *end;
	double seconds = strtod(word, &end);

	/* The first also refuses what is no number at all. */
	if (!(seconds >= 0) || seconds > SECONDS_MAX || end == word || *end)
		return err_set(err, ERR_USAGE,
		               "'%s' is not a number of seconds from 0 to %d",
		               word, SECONDS_MAX);
	*ms = (int64_t)(seconds * 1000);
	return 0;
}

static int
add_pair(const struct option_row *row, const char *word, struct kvs *to,
         struct err *err)
{
	const char *equals = strchr(word, '=');
	cleanup_free char *key = NULL;

	if (!equals || equals == word)
		return err_set(err, ERR_USAGE, "--%s wants K=V, not '%s'",
		               row->name, word);
	key = mem_ndup(word, (size_t)(equals - word));
	kvs_set(to, key, equals + 1);
	return 0;
}

static int
apply(const struct option_row *row, const char *word, struct options *o,
      struct err *err)
{
	void *to = (char *)o + row->offset;

	switch (row->action) {
	case SET_STRING:
		*(const char **)to = word;
		break;
	case ADD_STRING:
		strv_add(to, word);
		break;
	case ADD_PAIR:
		return add_pair(row, word, to, err);
	case SET_TRUE:
		*(bool *)to = true;
		break;
	case SET_FALSE:
		*(bool *)to = false;
		break;
	case SET_MODE:
		return set_mode(word, to, err);
	case SET_RANKS:
		return set_ranks(word, to, err);
	case SET_SECONDS:
		return set_seconds(word, to, err);
	case MORE:
		*(int *)to += 1;
		break;
	case LESS:
		*(int *)to = -1;
		break;
	}
	return 0;
}

/* NULL: the verb has no option of this code. */
static const struct option_row *
find_row(const struct command *verb, int code)
{
	for (size_t i = 0; cli_rows[i].name; i++)
		if (cli_rows[i].verbs & verb->bit && code_of(i) == code)
			return &cli_rows[i];
	return NULL;
}

/* KMLFLOW_* variables, which flags then override. */
static int
apply_environment(struct options *o, struct err *err)
{
	const char *mode = getenv("KMLFLOW_MODE");
	const char *strict = getenv("KMLFLOW_STRICT");
	const char *finish = getenv("KMLFLOW_FINISH_TIMEOUT");

	if (finish && *finish && set_seconds(finish, &o->finish_ms, err))
		return err_wrap(err, "KMLFLOW_FINISH_TIMEOUT");
	if (strict && *strict && strcmp(strict, "0") != 0)
		o->strict = true;
	if (mode && *mode && set_mode(mode, &o->mode, err))
		return err_wrap(err, "KMLFLOW_MODE");
	return 0;
}

/* The option that getopt_long() has refused, as it was typed. */
static int
refused(const struct command *verb, int code, char **argv, struct err *err)
{
	char letter[3] = {'-', (char)optopt, '\0'};
	const char *word = argv[optind - 1];

	if (code == ':')
		return err_set(err, ERR_USAGE, "option '%s' wants an argument",
		               strncmp(word, "--", 2) ? letter : word);
	/* A code that is known was refused for what follows its "=". */
	if (find_row(verb, optopt))
		return err_set(err, ERR_USAGE, "option '%s' takes no argument",
		               word);
	/* Of letters, 'word' is the one before where more of them follow. */
	return unknown(verb, optopt ? letter : word, err);
}

int
cli_parse(const struct command *verb, int argc, char **argv,
          struct options *ret, struct err *err)
{
	struct option longs[CLI_ROWS_MAX + 1];
	cleanup_buf struct buf letters = BUF_INIT;
	struct options o = {
	    .export_run_id = true,
	    .finish_ms = FINISH_MS,
	};
	int code;

	make_lists(verb, &letters, longs);
	if (verb->bit == VERB_EXEC && apply_environment(&o, err))
		return -1;
	opterr = 0;
	optind = 0; /* glibc: forget all of an earlier parse */
	while ((code = getopt_long(argc, argv, letters.s, longs, NULL)) != -1) {
		const struct option_row *row = find_row(verb, code);
		int failed = 0;

		if (code == CODE_WORD)
			strv_add(&o.before, optarg);
		else if (row)
			failed = apply(row, optarg, &o, err);
		else
			failed = refused(verb, code, argv, err);
		if (failed) {
			options_free(&o);
			return -1;
		}
	}
	o.words = argv + optind;
	*ret = o;
	return 0;
}

void
options_free(struct options *o)
{
	kvs_free(&o->tags);
	kvs_free(&o->params);
	strv_free(&o->params_files);
	strv_free(&o->metric_files);
	strv_free(&o->artifacts);
	strv_free(&o->excludes);
	strv_free(&o->before);
}

void
cli_help(const struct command *verb, struct buf *to)
{
	buf_addf(to, "usage: kmlflow %s %s\n%s\n\n", verb->name,
	         verb->arguments, verb->summary);
	for (size_t i = 0; cli_rows[i].name; i++) {
		cleanup_buf struct buf left = BUF_INIT;

		if (!(cli_rows[i].verbs & verb->bit))
			continue;
		if (cli_rows[i].letter)
			buf_addf(&left, "  -%c, --%s", cli_rows[i].letter,
			         cli_rows[i].name);
		else
			buf_addf(&left, "      --%s", cli_rows[i].name);
		if (cli_rows[i].argument)
			buf_addf(&left, " %s", cli_rows[i].argument);
		buf_addf(to, "%-32s %s\n", left.s, cli_rows[i].help);
	}
}
