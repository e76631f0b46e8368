/* SPDX-License-Identifier: MIT */
/* test_tree.c - all files below a directory, and nothing else */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/strv.h"
#include "base/tree.h"
#include "temp.h"

struct found {
	struct strv names;
	int stop_after;
};

static int
note(void *arg, const char *path, const char *relative, const struct stat *st)
{
	struct found *f = arg;

	assert_true(fs_exists(path));
	assert_true(S_ISREG(st->st_mode));
	strv_add(&f->names, relative);
	return f->stop_after && (int)f->names.n == f->stop_after ? 7 : 0;
}

static void
files_come_in_the_order_of_names(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *link = fs_join(dir, "link");
	cleanup_free char *fifo = fs_join(dir, "fifo");
	struct found f = {.names = STRV_INIT};
	struct err err = ERR_INIT;

	(void)state;
	temp_put(dir, "b/2", "");
	temp_put(dir, "b/1", "");
	temp_put(dir, "a", "");
	temp_put(dir, ".hidden", "");
	assert_int_equal(symlink("/etc", link), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(tree_files(dir, note, &f, &err), 0);
	assert_int_equal(f.names.n, 4);
	assert_string_equal(f.names.v[0], ".hidden");
	assert_string_equal(f.names.v[1], "a");
	assert_string_equal(f.names.v[2], "b/1");
	assert_string_equal(f.names.v[3], "b/2");
	strv_free(&f.names);
}

static void
an_answer_ends_the_walk(void **state)
{
	cleanup_temp char *dir = temp_dir();
	struct found f = {.names = STRV_INIT, .stop_after = 1};
	struct err err = ERR_INIT;

	(void)state;
	temp_put(dir, "a/1", "");
	temp_put(dir, "b", "");
	assert_int_equal(tree_files(dir, note, &f, &err), 7);
	assert_int_equal(f.names.n, 1);
	strv_free(&f.names);
}

static void
no_directory_no_files(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *missing = fs_join(dir, "missing");
	cleanup_free char *file = temp_file(dir, "file", "");
	struct found f = {.names = STRV_INIT};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(tree_files(missing, note, &f, &err), 0);
	assert_int_equal(tree_files(file, note, &f, &err), -1);
	assert_int_equal(err.kind, ERR_SYS);
	assert_int_equal(f.names.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_come_in_the_order_of_names),
	    cmocka_unit_test(an_answer_ends_the_walk),
	    cmocka_unit_test(no_directory_no_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
