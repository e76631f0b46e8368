/* SPDX-License-Identifier: MIT */
/* test_sqlite_uri.c - which file a sqlite URI means */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "model/sqlite_uri.h"
#include "temp.h"

/* URI, path from /c, the same made absolute; NULL path: refused. */
static const struct {
	const char *uri, *path, *absolute;
} rows[] = {
    {"sqlite:///mlflow.db", "/c/mlflow.db", "sqlite:////c/mlflow.db"},
    {"sqlite:////srv/m.db", "/srv/m.db", "sqlite:////srv/m.db"},
    {"sqlite:///a/../b.db", "/c/b.db", "sqlite:////c/a/../b.db"},
    {"sqlite:///x.db?timeout=5", "/c/x.db", "sqlite:////c/x.db?timeout=5"},
    {"sqlite+pysqlite:///x.db", "/c/x.db", "sqlite+pysqlite:////c/x.db"},
    {"sqlite:///a b#c.db", "/c/a b#c.db", "sqlite:////c/a b#c.db"},
    {"sqlite:///a%20b.db", "/c/a b.db", "sqlite:////c/a%20b.db"},
    {"sqlite:///a%3Fb.db", "/c/a?b.db", "sqlite:////c/a%3Fb.db"},
    {"sqlite:///a%zz", "/c/a%zz", "sqlite:////c/a%zz"},
    {"SQLite:///x", "/c/x", "SQLite:////c/x"},
    {"sqlite:///a%00b", NULL, "sqlite:////c/a%00b"},
    {"sqlite://", NULL, "sqlite://"},
    {"sqlite:///", NULL, "sqlite:///"},
    {"sqlite:///?mode=ro", NULL, "sqlite:///?mode=ro"},
    {"sqlite:///:memory:", NULL, "sqlite:///:memory:"},
    {"sqlite://host/x.db", NULL, "sqlite://host/x.db"},
    {"sqlite:///file:x?uri=true", NULL, "sqlite:///file:x?uri=true"},
};

static void
reads_as_sqlalchemy(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_free char *path = NULL;
		cleanup_free char *whole =
		    sqlite_uri_absolute(rows[i].uri, "/c");
		struct err err = ERR_INIT;
		int got = sqlite_uri_path(rows[i].uri, "/c", &path, &err);

		assert_true(sqlite_uri_is(rows[i].uri));
		assert_string_equal(whole, rows[i].absolute);
		assert_int_equal(got, rows[i].path ? 0 : -1);
		if (rows[i].path)
			assert_string_equal(path, rows[i].path);
		else
			assert_int_equal(err.kind, ERR_CONFIG);
	}
}

static void
leaves_others_alone(void **state)
{
	static const char *const others[] = {
	    "mlruns",   "file:///x",        "http://h/sqlite:///x", "sqlite",
	    "sqlite:x", "postgresql://h/d", "sqlite3:///x",         ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		cleanup_free char *same = sqlite_uri_absolute(others[i], "/c");

		assert_false(sqlite_uri_is(others[i]));
		assert_string_equal(same, others[i]);
	}
}

/* A directory of any name is found again by what is written for it. */
static void
odd_directories(void **state)
{
	static const char *const paths[] = {"/a b/m.db", "/50% off/%41/m.db",
	                                    "/what?/m.db", "/a#b/ü@:x/m.db"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		cleanup_free char *uri = sqlite_uri_of(paths[i]);
		cleanup_free char *path = NULL;
		cleanup_free char *dir = fs_dirname(paths[i]);
		cleanup_free char *whole =
		    sqlite_uri_absolute("sqlite:///m.db", dir);
		struct err err = ERR_INIT;

		assert_string_equal(whole, uri);
		assert_int_equal(sqlite_uri_path(uri, "/c", &path, &err), 0);
		assert_string_equal(path, paths[i]);
	}
}

/* Older releases decode nothing, so their file has the %XX in its name. */
static void
file_of_an_older_release(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *literal = temp_file(dir, "a%20b.db", "");
	cleanup_free char *decoded = NULL;
	cleanup_free char *path = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(sqlite_uri_path("sqlite:///a%20b.db", dir, &path, &err));
	assert_string_equal(path, literal);
	mem_replace(&path, NULL);
	decoded = temp_file(dir, "a b.db", "");
	assert_ok(sqlite_uri_path("sqlite:///a%20b.db", dir, &path, &err));
	assert_string_equal(path, decoded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_as_sqlalchemy),
	    cmocka_unit_test(leaves_others_alone),
	    cmocka_unit_test(odd_directories),
	    cmocka_unit_test(file_of_an_older_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
