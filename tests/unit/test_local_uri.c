/* SPDX-License-Identifier: MIT */
/* test_local_uri.c - what a path or a file URI means, and how it is kept */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "store/artifact.h"
#include "store/local_uri.h"
#include "store/tracking.h"
#include "temp.h"

/* 'kept' is what MLflow finds in meta.yaml; "@" stands for the cwd. */
static const struct {
	const char *uri, *path, *kept;
} cases[] = {
    {"/a/b", "/a/b", "/a/b"},
    {"/a//b/../c/", "/a/c", "/a/c"},
    {"mlruns", "@/mlruns", "@/mlruns"},
    {"./x:y", "@/x:y", "@/x:y"},
    {"/a b/\xc3\xa4", "/a b/\xc3\xa4", "/a b/\xc3\xa4"},
    {"/a%20b", "/a b", "/a b"},
    {"/a%25b", "/a%b", "file:///a%25b"},
    {"/a#b?c", "/a#b?c", "file:///a%23b%3Fc"},
    {"/a\xff", "/a\xff", "file:///a%FF"},
    {"file:///a/b", "/a/b", "file:///a/b"},
    {"FILE:///a/b", "/a/b", "file:///a/b"},
    {"file:/a/b", "/a/b", "file:///a/b"},
    {"file:a/b", "@/a/b", "file://@/a/b"},
    {"file://localhost/a", "/a", "file:///a"},
    {"file:///a%20b/%C3%A4", "/a b/\xc3\xa4", "file:///a%20b/%C3%A4"},
    {"file:///a?q#f", "/a", "file:///a"},
    {"file:///", "/", "file:///"},
};

static char *
with_cwd(const char *pattern, const char *cwd)
{
	const char *at = strchr(pattern, '@');

	if (!at)
		return mem_dup(pattern);
	return mem_printf("%.*s%s%s", (int)(at - pattern), pattern, cwd,
	                  at + 1);
}

static void
paths_and_uris(void **state)
{
	cleanup_temp char *dir = temp_dir();

	(void)state;
	assert_int_equal(chdir(dir), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_free char *path = NULL;
		cleanup_free char *kept = NULL;
		cleanup_free char *want = with_cwd(cases[i].path, dir);
		cleanup_free char *want_kept = with_cwd(cases[i].kept, dir);
		struct err err = ERR_INIT;

		assert_ok(local_uri_path(cases[i].uri, &path, &err));
		assert_string_equal(path, want);
		assert_ok(local_uri_absolute(cases[i].uri, &kept, &err));
		assert_string_equal(kept, want_kept);
	}
	assert_int_equal(chdir("/"), 0);
}

static void
what_is_not_local_is_refused(void **state)
{
	static const char *const others[] = {"s3://b/k", "file://host/a", "",
	                                     "file://", "databricks"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		char *path = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(local_uri_path(others[i], &path, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_null(path);
	}
}

static void
paths_are_added_before_the_query(void **state)
{
	static const struct {
		const char *uri, *below, *whole;
	} added[] = {
	    {"/a", "b/c", "/a/b/c"},
	    {"/a//", "b", "/a/b"},
	    {"s3://bucket/k?v=1#f", "b", "s3://bucket/k/b?v=1#f"},
	    {"file:///a%20b", "c", "file:///a%20b/c"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(added); i++) {
		cleanup_free char *whole =
		    local_uri_append(added[i].uri, added[i].below);

		assert_string_equal(whole, added[i].whole);
	}
}

static void
other_stores_are_refused_without_their_secrets(void **state)
{
	static const char *const uris[] = {
	    "mysql://me:hunter2@host:5000", "uc://host?token=hunter2",
	    "databricks-uc", "postgresql+psycopg2://me:hunter2@host/db"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(uris); i++) {
		struct tracking *t = NULL;
		struct artifact *a = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(tracking_open(uris[i], &t, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.msg, "MLFLOW_TRACKING_URI"));
		assert_null(strstr(err.msg, "hunter2"));
		assert_int_equal(artifact_open(uris[i], NULL, &a, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_null(strstr(err.msg, "hunter2"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_and_uris),
	    cmocka_unit_test(what_is_not_local_is_refused),
	    cmocka_unit_test(paths_are_added_before_the_query),
	    cmocka_unit_test(other_stores_are_refused_without_their_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
