/* SPDX-License-Identifier: MIT */
/* test_describe.c - what is said of a run before it begins */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/journal.h"
#include "model/record.h"
#include "model/settings.h"
#include "stage/describe.h"
#include "stage/git.h"

struct around {
	struct settings settings;
	struct kedro_run kedro;
	struct kvs tags;
	struct record record;
	struct err err;
};

static char root[] = "/p";
static char newest[] = "1.0.0";

static int
describe(struct around *a, const char *const *cmd)
{
	char *const *argv;
	struct describe_request request = {
	    .settings = &a->settings,
	    .kedro = &a->kedro,
	    .tags = &a->tags,
	    .note = "why",
	    .parent = "parent",
	    .cwd = "/p/sub",
	};

	memcpy(&argv, &cmd, sizeof(argv));
	request.cmd = argv;
	kedro_run_read(argv, &a->kedro);
	a->settings.project.root = root;
	if (!a->settings.project.kedro_version)
		a->settings.project.kedro_version = newest;
	return describe_run(&request, &a->record, &a->err);
}

static void
tear_down(struct around *a)
{
	record_free(&a->record);
	kedro_run_free(&a->kedro);
	kvs_free(&a->tags);
	kvs_free(&a->settings.params);
}

#define cleanup_around __attribute__((cleanup(tear_down)))
#define DESCRIBE(a, ...) describe(a, (const char *const[]){__VA_ARGS__, NULL})
#define TAG(a, key) kvs_get(&(a)->record.tags, key)

static void
a_command_is_told_without_its_secrets(void **state)
{
	cleanup_around struct around a = {.err = ERR_INIT};

	(void)state;
	unsetenv("MLFLOW_RUN_CONTEXT");
	kvs_set(&a.settings.params, "lr", "0.1");
	assert_int_equal(DESCRIBE(&a, "prog", "--password", "hunter2", "a b"),
	                 0);
	assert_string_equal(TAG(&a, "kmlflow.command"),
	                    "prog --password *** 'a b'");
	assert_string_equal(TAG(&a, "kmlflow.cwd"), "/p/sub");
	assert_string_equal(TAG(&a, "mlflow.source.name"), "prog");
	assert_string_equal(TAG(&a, "mlflow.parentRunId"), "parent");
	assert_string_equal(TAG(&a, "mlflow.note.content"), "why");
	assert_string_equal(TAG(&a, "kmlflow.invocation_id"),
	                    a.record.invocation_id);
	assert_int_equal(strlen(a.record.invocation_id), 32);
	assert_string_equal(kvs_get(&a.record.params, "lr"), "0.1");
	assert_null(TAG(&a, "kedro_command"));
	assert_null(a.record.run_name);
}

static void
the_source_is_the_script(void **state)
{
	cleanup_around struct around a = {.err = ERR_INIT};

	(void)state;
	assert_int_equal(DESCRIBE(&a, "/usr/bin/python3.11", "-u",
	                          "tests/unit/temp.h", "x"),
	                 0);
	assert_string_equal(TAG(&a, "mlflow.source.name"), "tests/unit/temp.h");
}

static void
a_kedro_run_has_its_journal(void **state)
{
	cleanup_around struct around a = {.err = ERR_INIT};

	(void)state;
	assert_int_equal(DESCRIBE(&a, "kedro", "run", "--pipeline=a,b"), 0);
	assert_string_equal(TAG(&a, "kedro_command"),
	                    "kedro run --pipeline=a,b");
	assert_string_equal(TAG(&a, "project_path"), "/p");
	assert_string_equal(TAG(&a, "kedro_version"), "1.0.0");
	assert_int_equal(strlen(TAG(&a, "run_id")), 24);
	assert_string_equal(a.record.run_name, "a+b");
	assert_null(TAG(&a, "env")); /* nobody has chosen one */
}

static void
a_journal_is_that_of_its_kedro(void **state)
{
	static char versions[][8] = {"0.16.6", "0.17.7", "0.18.0", "0.19.15",
	                             "1.0.0"};
	static const char *const stamps[] = {"run_id", "run_id", "session_id",
	                                     "session_id", "run_id"};
	static char local[] = "local";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stamps); i++) {
		cleanup_around struct around a = {.err = ERR_INIT};
		const char *other = i == 2 || i == 3 ? "run_id" : "session_id";

		a.settings.project.kedro_version = versions[i];
		a.settings.project.env = local;
		assert_int_equal(DESCRIBE(&a, "kedro", "run"), 0);
		assert_non_null(TAG(&a, stamps[i]));
		assert_null(TAG(&a, other));
		assert_int_equal(TAG(&a, "env") != NULL, i < 2);
	}
}

static void
flags_win_over_the_context(void **state)
{
	cleanup_around struct around a = {.err = ERR_INIT};

	(void)state;
	setenv("MLFLOW_RUN_CONTEXT", "{\"team\":\"x\",\"job\":\"7\",\"n\":1}",
	       1);
	kvs_set(&a.tags, "team", "flag");
	assert_int_equal(DESCRIBE(&a, "prog"), 0);
	assert_string_equal(TAG(&a, "team"), "flag");
	assert_string_equal(TAG(&a, "job"), "7");
	unsetenv("MLFLOW_RUN_CONTEXT");
}

static void
a_broken_context_is_refused(void **state)
{
	static const char *const bad[] = {"{", "[]", "text"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup_around struct around a = {.err = ERR_INIT};

		setenv("MLFLOW_RUN_CONTEXT", bad[i], 1);
		assert_int_equal(DESCRIBE(&a, "prog"), -1);
		assert_non_null(strstr(a.err.msg, "MLFLOW_RUN_CONTEXT"));
	}
	unsetenv("MLFLOW_RUN_CONTEXT");
}

static void
long_commands_are_cut(void **state)
{
	cleanup_around struct around a = {.err = ERR_INIT};
	cleanup_free char *word = mem_alloc(20001);

	(void)state;
	memset(word, 'x', 20000);
	assert_int_equal(DESCRIBE(&a, "prog", word), 0);
	assert_true(strlen(TAG(&a, "kmlflow.command")) <= 8000);
}

static void
git_has_tags_of_mlflow_and_of_the_journal(void **state)
{
	static char commit[] = "0123456789012345678901234567890123456789";
	static char branch[] = "trunk";
	const struct git_state git = {.known = true,
	                              .dirty = true,
	                              .commit = commit,
	                              .branch = branch};
	const struct git_state none = {.known = false};
	cleanup_kvs struct kvs tags = KVS_INIT;
	cleanup_kvs struct kvs nothing = KVS_INIT;

	(void)state;
	describe_git(&git, true, &tags);
	assert_string_equal(kvs_get(&tags, "mlflow.source.git.commit"), commit);
	assert_string_equal(kvs_get(&tags, "mlflow.source.git.branch"), branch);
	assert_null(kvs_get(&tags, "mlflow.source.git.repoURL"));
	assert_string_equal(kvs_get(&tags, "kmlflow.git.dirty"), "true");
	assert_string_equal(kvs_get(&tags, "git_sha"), "0123456");
	describe_git(&none, true, &nothing);
	assert_int_equal(nothing.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_command_is_told_without_its_secrets),
	    cmocka_unit_test(the_source_is_the_script),
	    cmocka_unit_test(a_kedro_run_has_its_journal),
	    cmocka_unit_test(a_journal_is_that_of_its_kedro),
	    cmocka_unit_test(flags_win_over_the_context),
	    cmocka_unit_test(a_broken_context_is_refused),
	    cmocka_unit_test(long_commands_are_cut),
	    cmocka_unit_test(git_has_tags_of_mlflow_and_of_the_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
