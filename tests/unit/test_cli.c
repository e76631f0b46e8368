/* SPDX-License-Identifier: MIT */
/* test_cli.c - the command line as values */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli.h"

static const struct command exec = {
    .name = "exec",
    .bit = VERB_EXEC,
    .arguments = "[OPTIONS] [--] CMD",
    .summary = "Runs CMD.",
};

static const struct command sync_verb = {
    .name = "sync",
    .bit = VERB_SYNC,
    .arguments = "[RUN]",
    .summary = "Sends.",
};

static struct err err;

/* cli_parse() of "verb WORD…"; getopt gets words that it may change. */
static int
parse(const struct command *verb, const char *const *words, struct options *o)
{
	static char *argv[32];
	int argc = 0;

	for (; argv[argc]; argc++) {
		free(argv[argc]);
		argv[argc] = NULL;
	}
	argc = 0;
	argv[argc++] = mem_dup(verb->name);
	for (; *words; words++)
		argv[argc++] = mem_dup(*words);
	err = (struct err)ERR_INIT;
	return cli_parse(verb, argc, argv, o, &err);
}

#define PARSE(verb, o, ...)                                                    \
	parse(verb, (const char *const[]){__VA_ARGS__, NULL}, o)

static void
each_option_has_its_place(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(PARSE(&exec, &o, "-e", "exp", "-n", "name", "-t",
	                       "a=1", "-t", "b=x=y", "-m", "note", "-p",
	                       "lr=0.1", "-P", "p.yml", "-P", "q.json", "-a",
	                       "out/*=dest", "-x", "*.bak", "-C", "dir", "-q"),
	                 0);
	assert_string_equal(o.experiment, "exp");
	assert_string_equal(o.run_name, "name");
	assert_string_equal(kvs_get(&o.tags, "a"), "1");
	assert_string_equal(kvs_get(&o.tags, "b"), "x=y");
	assert_string_equal(o.note, "note");
	assert_string_equal(kvs_get(&o.params, "lr"), "0.1");
	assert_int_equal(o.params_files.n, 2);
	assert_string_equal(o.params_files.v[1], "q.json");
	assert_string_equal(o.artifacts.v[0], "out/*=dest");
	assert_string_equal(o.excludes.v[0], "*.bak");
	assert_string_equal(o.directory, "dir");
	assert_int_equal(o.verbosity, -1);
	assert_null(o.words[0]);
	options_free(&o);
}

static void
long_options_take_equals_or_a_word(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(PARSE(&exec, &o, "--experiment=e=1", "--run-name", "n",
	                       "--env", "prod", "--run-id=abc",
	                       "--no-export-run-id", "--mode=disabled",
	                       "--strict", "--report", "r.json", "--dry-run",
	                       "--json", "--param", "a=", "--verbose", "-v",
	                       "cmd", "--strict"),
	                 0);
	assert_string_equal(o.experiment, "e=1");
	assert_string_equal(o.run_name, "n");
	assert_string_equal(o.env, "prod");
	assert_string_equal(o.run_id, "abc");
	assert_string_equal(o.report, "r.json");
	assert_string_equal(kvs_get(&o.params, "a"), "");
	assert_int_equal(o.mode, MODE_DISABLED);
	assert_false(o.export_run_id);
	assert_true(o.strict && o.dry_run && o.json);
	assert_int_equal(o.verbosity, 2);
	assert_string_equal(o.words[0], "cmd");
	assert_string_equal(o.words[1], "--strict"); /* the command's own */
	options_free(&o);
}

static void
options_end_at_the_first_word(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(PARSE(&exec, &o, "--", "-x", "y"), 0);
	assert_string_equal(o.words[0], "-x");
	options_free(&o);
	assert_int_equal(PARSE(&exec, &o, "cmd", "-e", "x", "--help"), 0);
	assert_null(o.experiment);
	assert_false(o.help);
	assert_string_equal(o.words[0], "cmd");
	options_free(&o);
	assert_int_equal(PARSE(&exec, &o, "-"), 0);
	assert_string_equal(o.words[0], "-");
	options_free(&o);
	assert_int_equal(PARSE(&exec, &o, "-vv", "--", "--"), 0);
	assert_string_equal(o.words[0], "--");
	assert_true(o.export_run_id);
	assert_int_equal(o.mode, MODE_ONLINE);
	options_free(&o);
}

struct wrong {
	const char *words[4];
	const char *want; /* in the message */
};

static void
wrong_words_are_named(void **state)
{
	static const struct wrong rows[] = {
	    {{"--experimnt", "x"}, "did you mean '--experiment'"},
	    {{"--experimnt=x"}, "unknown option '--experimnt'"},
	    {{"--bogus"}, "unknown option '--bogus'; see"},
	    {{"-Z"}, "unknown option '-Z'"},
	    {{"-qZ"}, "unknown option '-Z'"},
	    {{"--strict", "-Zq"}, "unknown option '-Z'"},
	    {{"-e"}, "'-e' wants an argument"},
	    {{"-qe"}, "'-e' wants an argument"},
	    {{"--experiment"}, "'--experiment' wants an argument"},
	    {{"--report"}, "'--report' wants an argument"},
	    {{"--strict=yes"}, "'--strict=yes' takes no argument"},
	    {{"--quiet=1"}, "'--quiet=1' takes no argument"},
	    {{"--mode", "offlin"}, "unknown mode 'offlin'"},
	    {{"-t", "novalue"}, "--tag wants K=V, not 'novalue'"},
	    {{"-p", "=v"}, "--param wants K=V"},
	    {{"--host", "h"}, "unknown option '--host'"}, /* of ui */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct options o = {.verbosity = 42};

		if (!parse(&exec, rows[i].words, &o))
			fail_msg("row %zu was taken", i);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.msg, rows[i].want))
			fail_msg("%s, not: %s", rows[i].want, err.msg);
		assert_int_equal(o.verbosity, 42);
	}
}

static void
a_verb_takes_its_own_options(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(PARSE(&sync_verb, &o, "-C", "d", "--json", "--all",
	                       "--watch", "--dry-run", "abc"),
	                 0);
	assert_true(o.all && o.watch && o.dry_run);
	assert_string_equal(o.directory, "d");
	assert_true(o.json);
	assert_string_equal(o.words[0], "abc");
	options_free(&o);
	assert_int_equal(PARSE(&sync_verb, &o, "-e", "x"), -1);
}

static void
the_end_may_take_as_long_as_it_is_said(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(PARSE(&exec, &o, "cmd"), 0);
	assert_int_equal(o.finish_ms, 300000);
	options_free(&o);
	setenv("KMLFLOW_FINISH_TIMEOUT", "2.5", 1);
	assert_int_equal(PARSE(&exec, &o, "--key", "k", "cmd"), 0);
	assert_int_equal(o.finish_ms, 2500);
	assert_string_equal(o.key, "k");
	options_free(&o);
	assert_int_equal(PARSE(&exec, &o, "--finish-timeout=0", "cmd"), 0);
	assert_int_equal(o.finish_ms, 0);
	options_free(&o);
	assert_int_equal(PARSE(&exec, &o, "--finish-timeout", "-1", "cmd"), -1);
	setenv("KMLFLOW_FINISH_TIMEOUT", "soon", 1);
	assert_int_equal(PARSE(&exec, &o, "cmd"), -1);
	unsetenv("KMLFLOW_FINISH_TIMEOUT");
}

static void
variables_come_before_flags(void **state)
{
	struct options o;

	(void)state;
	setenv("KMLFLOW_MODE", "offline", 1);
	assert_int_equal(PARSE(&exec, &o, "cmd"), 0);
	assert_int_equal(o.mode, MODE_OFFLINE);
	options_free(&o);
	setenv("KMLFLOW_MODE", "disabled", 1);
	setenv("KMLFLOW_STRICT", "1", 1);
	assert_int_equal(PARSE(&exec, &o, "cmd"), 0);
	assert_int_equal(o.mode, MODE_DISABLED);
	assert_true(o.strict);
	options_free(&o);
	assert_int_equal(PARSE(&exec, &o, "--mode=online", "cmd"), 0);
	assert_int_equal(o.mode, MODE_ONLINE);
	options_free(&o);
	setenv("KMLFLOW_STRICT", "0", 1);
	setenv("KMLFLOW_MODE", "", 1);
	assert_int_equal(PARSE(&exec, &o, "cmd"), 0);
	assert_false(o.strict);
	options_free(&o);
	setenv("KMLFLOW_MODE", "off", 1);
	assert_int_equal(PARSE(&exec, &o, "cmd"), -1);
	assert_non_null(strstr(err.msg, "KMLFLOW_MODE"));
	/* It is about exec alone. */
	assert_int_equal(PARSE(&sync_verb, &o, "-q"), 0);
	options_free(&o);
	unsetenv("KMLFLOW_MODE");
	unsetenv("KMLFLOW_STRICT");
}

static void
quiet_and_verbose_count(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(PARSE(&exec, &o, "-vv", "-q", "cmd"), 0);
	assert_int_equal(o.verbosity, -1);
	options_free(&o);
	assert_int_equal(PARSE(&exec, &o, "-q", "-v", "cmd"), 0);
	assert_int_equal(o.verbosity, 0);
	options_free(&o);
}

static void
the_nearest_word_is_near(void **state)
{
	static const char *const words[] = {"exec", "sync", "explain", "ui",
	                                    NULL};

	(void)state;
	assert_string_equal(cli_nearest("exce", words), "exec");
	assert_string_equal(cli_nearest("explian", words), "explain");
	assert_string_equal(cli_nearest("synch", words), "sync");
	assert_string_equal(cli_nearest("exec", words), "exec");
	assert_null(cli_nearest("deploy", words));
	assert_null(cli_nearest("experiment-tracking", words));
	assert_null(cli_nearest("x", (const char *const[]){NULL}));
}

static void
help_has_the_verbs_options_alone(void **state)
{
	cleanup_buf struct buf text = BUF_INIT;

	(void)state;
	cli_help(&sync_verb, &text);
	assert_non_null(strstr(text.s, "usage: kmlflow sync [RUN]"));
	assert_non_null(strstr(text.s, "-C, --directory DIR"));
	assert_null(strstr(text.s, "--experiment"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_option_has_its_place),
	    cmocka_unit_test(long_options_take_equals_or_a_word),
	    cmocka_unit_test(options_end_at_the_first_word),
	    cmocka_unit_test(wrong_words_are_named),
	    cmocka_unit_test(a_verb_takes_its_own_options),
	    cmocka_unit_test(the_end_may_take_as_long_as_it_is_said),
	    cmocka_unit_test(variables_come_before_flags),
	    cmocka_unit_test(quiet_and_verbose_count),
	    cmocka_unit_test(the_nearest_word_is_near),
	    cmocka_unit_test(help_has_the_verbs_options_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
