/* SPDX-License-Identifier: MIT */
/* test_childenv.c - the environment that CMD gets */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/record.h"
#include "stage/childenv.h"

static char run_id[] = "abc";
static char uri[] = "file:///p/mlruns";
static char experiment[] = "7";
static const struct record record = {
    .run_id = run_id,
    .tracking_uri = uri,
    .experiment_id = experiment,
};

/* The value of 'name' in a list of NAME=VALUE, NULL if it has none. */
static const char *
value_in(const struct strv *env, const char *name)
{
	size_t len = strlen(name);
	const char *ret = NULL;

	for (size_t i = 0; i < env->n; i++) {
		if (strncmp(env->v[i], name, len) || env->v[i][len] != '=')
			continue;
		if (ret)
			fail_msg("%s is there twice", name);
		ret = env->v[i] + len + 1;
	}
	assert_null(env->v[env->n]);
	return ret;
}

static void
a_client_inside_joins_the_run(void **state)
{
	cleanup_strv struct strv env = STRV_INIT;
	const struct childenv_request request = {
	    .record = &record,
	    .spool = "/p/.kmlflow/x",
	    .export_run_id = true,
	};

	(void)state;
	setenv("MLFLOW_RUN_ID", "around", 1);
	setenv("MLFLOW_EXPERIMENT_NAME", "other", 1);
	unsetenv("MLFLOW_ALLOW_FILE_STORE");
	setenv("KEPT", "as=it is", 1);
	childenv_build(&request, &env);
	assert_string_equal(value_in(&env, "MLFLOW_RUN_ID"), "abc");
	assert_string_equal(value_in(&env, "KMLFLOW_RUN_ID"), "abc");
	assert_string_equal(value_in(&env, "MLFLOW_TRACKING_URI"), uri);
	assert_string_equal(value_in(&env, "MLFLOW_EXPERIMENT_ID"), "7");
	assert_null(value_in(&env, "MLFLOW_EXPERIMENT_NAME"));
	assert_string_equal(value_in(&env, "MLFLOW_ALLOW_FILE_STORE"), "true");
	assert_string_equal(value_in(&env, "KMLFLOW_SPOOL"), "/p/.kmlflow/x");
	assert_string_equal(value_in(&env, "KEPT"), "as=it is");
	assert_null(value_in(&env, "KMLFLOW_IMAGE"));
}

static void
the_run_can_be_kept_to_ourselves(void **state)
{
	cleanup_strv struct strv env = STRV_INIT;
	const struct childenv_request request = {
	    .record = &record,
	    .export_run_id = false,
	};

	(void)state;
	unsetenv("MLFLOW_RUN_ID");
	unsetenv("MLFLOW_TRACKING_URI");
	childenv_build(&request, &env);
	assert_null(value_in(&env, "MLFLOW_RUN_ID"));
	assert_null(value_in(&env, "KMLFLOW_RUN_ID"));
	assert_null(value_in(&env, "MLFLOW_TRACKING_URI"));
}

static void
a_choice_of_the_user_stays(void **state)
{
	cleanup_strv struct strv env = STRV_INIT;
	const struct childenv_request request = {
	    .record = &record,
	    .export_run_id = true,
	};

	(void)state;
	setenv("MLFLOW_ALLOW_FILE_STORE", "false", 1);
	childenv_build(&request, &env);
	assert_string_equal(value_in(&env, "MLFLOW_ALLOW_FILE_STORE"), "false");
	unsetenv("MLFLOW_ALLOW_FILE_STORE");
}

static void
check_preload(const char *before, const char *want)
{
	cleanup_strv struct strv env = STRV_INIT;
	const struct childenv_request request = {
	    .record = &record,
	    .library = "/l/kmlflow.so",
	    .image = "id:/dev/shm/x",
	};

	/* Never seen by a program: only by what is built here. */
	if (before)
		setenv("LD_PRELOAD", before, 1);
	else
		unsetenv("LD_PRELOAD");
	childenv_build(&request, &env);
	unsetenv("LD_PRELOAD");
	assert_string_equal(value_in(&env, "LD_PRELOAD"), want);
	assert_string_equal(value_in(&env, "KMLFLOW_IMAGE"), "id:/dev/shm/x");
}

static void
our_library_comes_first_but_after_a_sanitizer(void **state)
{
	(void)state;
	check_preload(NULL, "/l/kmlflow.so");
	check_preload("", "/l/kmlflow.so");
	check_preload("/x/libjemalloc.so", "/l/kmlflow.so:/x/libjemalloc.so");
	check_preload("/x/a.so /x/b.so", "/l/kmlflow.so:/x/a.so /x/b.so");
	check_preload("/usr/lib/libasan.so.8",
	              "/usr/lib/libasan.so.8:/l/kmlflow.so");
	check_preload("libtsan.so:/x/b.so", "libtsan.so:/x/b.so:/l/kmlflow.so");
}

static void
credentials_are_set(void **state)
{
	cleanup_strv struct strv env = STRV_INIT;
	cleanup_kvs struct kvs credentials = KVS_INIT;
	const struct childenv_request request = {
	    .record = &record,
	    .credentials = &credentials,
	};

	(void)state;
	setenv("MLFLOW_TRACKING_TOKEN", "old", 1);
	kvs_set(&credentials, "MLFLOW_TRACKING_TOKEN", "new");
	kvs_set(&credentials, "AWS_ACCESS_KEY_ID", "k=v");
	childenv_build(&request, &env);
	assert_string_equal(value_in(&env, "MLFLOW_TRACKING_TOKEN"), "new");
	assert_string_equal(value_in(&env, "AWS_ACCESS_KEY_ID"), "k=v");
	unsetenv("MLFLOW_TRACKING_TOKEN");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_client_inside_joins_the_run),
	    cmocka_unit_test(the_run_can_be_kept_to_ourselves),
	    cmocka_unit_test(a_choice_of_the_user_stays),
	    cmocka_unit_test(our_library_comes_first_but_after_a_sanitizer),
	    cmocka_unit_test(credentials_are_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
