/* SPDX-License-Identifier: MIT */
/* test_fs.c - files: reads with a cap, atomic writes, names, trees */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <dirent.h>

#include "temp.h"

static void
reads_with_a_cap(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *path = temp_file(dir, "f", "12345");
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	buf_adds(&text, "before ");
	assert_ok(fs_read(path, 5, &text, &err));
	assert_string_equal(text.s, "before 12345");
	assert_int_equal(fs_read(path, 4, &text, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_non_null(strstr(err.msg, path));
	assert_int_equal(fs_read(dir, 5, &text, &err), -1);
	assert_int_equal(err.sys, EISDIR);
	assert_int_equal(fs_read("/none/such", 5, &text, &err), -1);
	assert_int_equal(err.sys, ENOENT);
}

static void
reads_files_that_claim_to_be_empty(void **state)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(fs_read("/proc/self/status", 1 << 20, &text, &err));
	assert_non_null(strstr(text.s, "Pid:"));
}

/* Names in 'dir', "." and ".." included. */
static int
count_entries(const char *dir)
{
	int n = 0;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fdopendir(fd);

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void
atomic_write_replaces_whole_files(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *path = temp_file(dir, "f", "old and longer");
	cleanup_free char *text = NULL;
	cleanup_buf struct buf held = BUF_INIT;
	struct err err = ERR_INIT;
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	mode_t mask = umask(077);
	struct stat st;

	(void)state;
	assert_ok(fs_write_atomic(path, "new", 3, 0644, &err));
	umask(mask);
	text = temp_read(dir, "f");
	assert_string_equal(text, "new");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	/* Who has the old one open goes on reading the old one. */
	assert_ok(fs_read_fd(fd, 100, &held, &err));
	assert_string_equal(held.s, "old and longer");
	assert_int_equal(count_entries(dir), 3);
}

static void
atomic_write_leaves_nothing_on_failure(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *sub = fs_join(dir, "d");
	cleanup_free char *none = fs_join(dir, "none/f");
	struct err err = ERR_INIT;

	(void)state;
	temp_put(dir, "d/x", "");
	assert_int_equal(fs_write_atomic(sub, "x", 1, 0600, &err), -1);
	assert_int_equal(err.kind, ERR_SYS);
	assert_int_equal(count_entries(dir), 3);
	assert_int_equal(fs_write_atomic(none, "x", 1, 0600, &err), -1);
	assert_int_equal(err.sys, ENOENT);
}

static void
directories_are_made_with_parents(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *deep = fs_join(dir, "a//b/c/");
	cleanup_free char *file = fs_join(dir, "x/y/f");
	cleanup_free char *below = fs_join(dir, "plain/z/z");
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(fs_mkdirs(deep, 0755, &err));
	assert_true(fs_is_dir(deep));
	assert_ok(fs_mkdirs(deep, 0755, &err));
	assert_ok(fs_mkparents(file, 0755, &err));
	assert_false(fs_exists(file));
	temp_put(dir, "plain", "");
	assert_int_equal(fs_mkdirs(below, 0755, &err), -1);
	assert_int_equal(err.sys, ENOTDIR);
	assert_int_equal(fs_mkdirs("", 0755, &err), -1);
}

static void
trees_are_removed_and_links_are_not_followed(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_temp char *other = temp_dir();
	cleanup_free char *tree = fs_join(dir, "tree");
	cleanup_free char *link = fs_join(dir, "tree/a/link");
	cleanup_free char *fifo = fs_join(dir, "tree/fifo");
	cleanup_free char *kept = temp_file(other, "kept", "x");
	struct err err = ERR_INIT;

	(void)state;
	temp_put(dir, "tree/a/b/c/f", "x");
	temp_put(dir, "tree/a/line\nbreak", "x");
	assert_int_equal(symlink(other, link), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_ok(fs_remove_tree(tree, &err));
	assert_false(fs_exists(tree));
	assert_true(fs_exists(kept));
	assert_ok(fs_remove_tree(tree, &err)); /* absent is fine */
	assert_ok(fs_remove_tree(kept, &err)); /* one file is a tree */
	assert_false(fs_exists(kept));
}

static void
dangling_links_exist(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *link = fs_join(dir, "l");

	(void)state;
	assert_int_equal(symlink("nowhere", link), 0);
	assert_true(fs_exists(link));
	assert_false(fs_is_dir(link));
	assert_false(fs_exists("/none/such"));
	assert_true(fs_is_dir(dir));
}

static void
names_are_split_as_basename_does(void **state)
{
	static const char *const rows[][3] = {
	    /* path, basename, dirname */
	    {"/a/b", "b", "/a"}, {"/a/b/", "b", "/a"},   {"/a", "a", "/"},
	    {"a", "a", "."},     {"a/b", "b", "a"},      {"a//b", "b", "a"},
	    {"//a", "a", "/"},   {"/a/b///", "b", "/a"}, {"a/", "a", "."},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_free char *base = fs_basename(rows[i][0]);
		cleanup_free char *dir = fs_dirname(rows[i][0]);

		assert_string_equal(base, rows[i][1]);
		assert_string_equal(dir, rows[i][2]);
	}
}

static void
names_are_joined(void **state)
{
	static const char *const rows[][3] = {
	    {"/a", "b", "/a/b"},
	    {"/a/", "b", "/a/b"},
	    {"/a", "/b", "/b"},
	    {"/", "b", "/b"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_free char *joined = fs_join(rows[i][0], rows[i][1]);

		assert_string_equal(joined, rows[i][2]);
	}
}

static void
names_are_normalised_by_text(void **state)
{
	static const char *const rows[][2] = {
	    {"/", "/"},           {"/..", "/"},
	    {"/../../x", "/x"},   {"/a/./b//c/", "/a/b/c"},
	    {"/a/../b", "/b"},    {"/a/b/../../..", "/"},
	    {"/a/...", "/a/..."}, {"/a/..b/.c", "/a/..b/.c"},
	    {"//a///b", "/a/b"},  {"/a/.", "/a"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_free char *path = fs_normalise(rows[i][0]);

		assert_string_equal(path, rows[i][1]);
	}
}

static void
names_are_resolved_as_far_as_they_exist(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *link = fs_join(dir, "link");
	cleanup_free char *through = fs_join(dir, "link/new/sub/f");
	cleanup_free char *up = fs_join(dir, "link/new/../f");
	cleanup_free char *exact = fs_join(dir, "link/here");
	cleanup_free char *want_through = fs_join(dir, "real/new/sub/f");
	cleanup_free char *want_up = fs_join(dir, "real/f");
	cleanup_free char *want_exact = fs_join(dir, "real/here");
	cleanup_free char *got_through = NULL;
	cleanup_free char *got_up = NULL;
	cleanup_free char *got_exact = NULL;
	cleanup_free char *root = fs_resolve("/");

	(void)state;
	temp_put(dir, "real/here", "x");
	assert_int_equal(symlink("real", link), 0);
	got_through = fs_resolve(through);
	got_up = fs_resolve(up);
	got_exact = fs_resolve(exact);
	assert_string_equal(got_through, want_through);
	assert_string_equal(got_up, want_up);
	assert_string_equal(got_exact, want_exact);
	assert_string_equal(root, "/");
}

static void
a_cwd_that_is_gone_is_the_root(void **state)
{
	char *dir = temp_dir();
	cleanup_free char *before = fs_cwd();
	cleanup_free char *here = NULL;
	cleanup_free char *gone = NULL;

	(void)state;
	assert_int_equal(chdir(dir), 0);
	here = fs_cwd();
	assert_string_equal(here, dir);
	temp_free(&dir);
	gone = fs_cwd();
	assert_string_equal(gone, "/");
	assert_int_equal(chdir(before), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_with_a_cap),
	    cmocka_unit_test(reads_files_that_claim_to_be_empty),
	    cmocka_unit_test(atomic_write_replaces_whole_files),
	    cmocka_unit_test(atomic_write_leaves_nothing_on_failure),
	    cmocka_unit_test(directories_are_made_with_parents),
	    cmocka_unit_test(trees_are_removed_and_links_are_not_followed),
	    cmocka_unit_test(dangling_links_exist),
	    cmocka_unit_test(names_are_split_as_basename_does),
	    cmocka_unit_test(names_are_joined),
	    cmocka_unit_test(names_are_normalised_by_text),
	    cmocka_unit_test(names_are_resolved_as_far_as_they_exist),
	    cmocka_unit_test(a_cwd_that_is_gone_is_the_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
