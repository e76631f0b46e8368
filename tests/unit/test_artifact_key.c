/* SPDX-License-Identifier: MIT */
/* test_artifact_key.c - where a captured file goes within its run */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/declared.h"
#include "stage/artifact_key.h"

struct row {
	enum declared_kind kind;
	const char *path, *artifact_path, *relative;
	const char *want; /* NULL: refused */
};

static void
check(const struct row *row)
{
	struct declared_list list = {.v = NULL};
	struct declared *d = declared_add(&list);
	struct err err = ERR_INIT;
	cleanup_free char *key = NULL;

	d->kind = row->kind;
	d->path = mem_dup(row->path);
	d->artifact_path = mem_dup(row->artifact_path);
	if (artifact_key(d, row->relative, &key, &err)) {
		if (row->want)
			fail_msg("%s: %s", row->path, err.msg);
		assert_int_equal(err.kind, ERR_FORMAT);
		assert_null(key);
	} else {
		if (!row->want)
			fail_msg("%s was taken as %s", row->path, key);
		assert_string_equal(key, row->want);
	}
	declared_free(&list);
}

static void
names_follow_kedro_mlflow(void **state)
{
	static const struct row rows[] = {
	    {DECLARED_FILE, "/p/a.csv", NULL, NULL, "a.csv"},
	    {DECLARED_FILE, "/p/a.csv", "data/raw", NULL, "data/raw/a.csv"},
	    {DECLARED_FILE, "/p/a.csv", "/data//raw/./", NULL,
	     "data/raw/a.csv"},
	    {DECLARED_FILE, "/p/a.csv", "", NULL, "a.csv"},
	    {DECLARED_FILE, "/p/a.csv", ".", NULL, "a.csv"},
	    {DECLARED_FILE, "/p/dir", NULL, "sub/f", "dir/sub/f"},
	    {DECLARED_VERSIONED, "/p/m.pkl", "m", "v1/m.pkl", "m/m.pkl"},
	    {DECLARED_DIR, "/p/parts", NULL, "x/1.csv", "parts/x/1.csv"},
	    {DECLARED_DIR, "/p/parts", "out", "1.csv", "out/parts/1.csv"},
	    {DECLARED_GLOB, "/p/out/*.csv", NULL, "a.csv", "a.csv"},
	    {DECLARED_GLOB, "/p/**", "all", "x/y", "all/x/y"},
	    {DECLARED_FILE, "/p/caf\xc3\xa9 1", NULL, NULL, "caf\xc3\xa9 1"},
	    {DECLARED_FILE, "/p/...", NULL, NULL, "..."},
	    {DECLARED_FILE, "/p/..a", NULL, NULL, "..a"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check(&rows[i]);
}

static void
names_that_could_do_harm_are_refused(void **state)
{
	static const struct row rows[] = {
	    {DECLARED_FILE, "/p/a", "..", NULL, NULL},
	    {DECLARED_FILE, "/p/a", "x/../..", NULL, NULL},
	    {DECLARED_FILE, "/", NULL, NULL, NULL},
	    {DECLARED_FILE, "/p/a\nb", NULL, NULL, NULL},
	    {DECLARED_FILE, "/p/a\x1b[0m", NULL, NULL, NULL},
	    {DECLARED_FILE, "/p/a\x7f", NULL, NULL, NULL},
	    {DECLARED_FILE, "/p/a", "x\ty", NULL, NULL},
	    {DECLARED_DIR, "/p/d", NULL, "../x", NULL},
	    {DECLARED_DIR, "/p/d", NULL, "x//y", NULL},
	    {DECLARED_DIR, "/p/d", NULL, "x/", NULL},
	    {DECLARED_GLOB, "/p/*", NULL, "/etc/x", NULL},
	    {DECLARED_GLOB, "/p/*", NULL, "", NULL},
	    /* A store takes UTF-8 alone; say so before it does. */
	    {DECLARED_FILE, "/p/caf\xe9.csv", NULL, NULL, NULL},
	    {DECLARED_DIR, "/p/d", NULL, "\xed\xa0\x80", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check(&rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_follow_kedro_mlflow),
	    cmocka_unit_test(names_that_could_do_harm_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
