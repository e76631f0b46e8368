/* SPDX-License-Identifier: MIT */
/* test_artifact_local.c - artifacts in a local directory */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <dirent.h>

#include "store/artifact.h"
#include "temp.h"

/* A run's directory, and an artifact store in it that is still to be made. */
struct fixture {
	char *run;
	char *dir;
	struct artifact *a;
};

static void
fixture_free(struct fixture *f)
{
	artifact_close(f->a);
	free(f->dir);
	temp_free(&f->run);
}
#define cleanup_fixture __attribute__((cleanup(fixture_free)))

static struct fixture
begin(const char *name)
{
	struct fixture f = {.run = temp_dir()};
	struct err err = ERR_INIT;

	f.dir = fs_join(f.run, name);
	assert_ok(artifact_open(f.dir, NULL, &f.a, &err));
	return f;
}

static int
put_file(struct fixture *f, const char *key, const char *path, off_t size,
         struct err *err)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	assert_true(fd >= 0 && !fstat(fd, &st));
	return artifact_put(f->a, key, fd, size < 0 ? st.st_size : size, err);
}

static int
put_text(struct fixture *f, const char *key, const char *text, struct err *err)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *path = temp_file(dir, "source", text);

	return put_file(f, key, path, -1, err);
}

static int
same_text(struct fixture *f, const char *key, const char *text)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *path = temp_file(dir, "source", text);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct err err = ERR_INIT;

	return artifact_same(f->a, key, fd, (off_t)strlen(text), &err);
}

static void
assert_holds(const struct fixture *f, const char *key, const char *text)
{
	cleanup_free char *got = temp_read(f->dir, key);

	assert_string_equal(got, text);
}

/* Nothing but 'n' entries: no temporary file was left. */
static void
assert_entries(const char *path, int n)
{
	DIR *dir = opendir(path);
	int found = -2; /* "." and ".." */

	assert_non_null(dir);
	while (readdir(dir))
		found++;
	closedir(dir);
	assert_int_equal(found, n);
}

static void
files_are_stored_and_replaced(void **state)
{
	cleanup_fixture struct fixture f = begin("artifacts");
	struct err err = ERR_INIT;

	(void)state;
	assert_false(fs_exists(f.dir));
	assert_ok(put_text(&f, "top", "1", &err));
	assert_ok(put_text(&f, "a/b/c", "2", &err));
	assert_ok(put_text(&f, "a/b/d", "3", &err));
	assert_ok(put_text(&f, "a/bb", "4", &err));
	assert_ok(put_text(&f, "top", "longer than before", &err));
	assert_ok(put_text(&f, "a/b/c", "", &err));
	assert_holds(&f, "top", "longer than before");
	assert_holds(&f, "a/b/c", "");
	assert_holds(&f, "a/b/d", "3");
	assert_holds(&f, "a/bb", "4");
	assert_entries(f.dir, 2);
	assert_entries(f.run, 1);
}

static void
other_directories_than_a_run_s(void **state)
{
	cleanup_fixture struct fixture f = begin("made/of any/name");
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(put_text(&f, "d/f", "1", &err));
	assert_holds(&f, "d/f", "1");
	assert_entries(f.dir, 1);
	assert_entries(f.run, 1);
}

static void
a_uri_is_decoded(void **state)
{
	cleanup_fixture struct fixture f = begin("artifacts");
	cleanup_free char *uri = mem_printf("file://%s/a%%20b%%25", f.run);
	cleanup_free char *dir = fs_join(f.run, "a b%");
	struct err err = ERR_INIT;

	(void)state;
	artifact_close(f.a);
	mem_replace(&f.dir, mem_steal(&dir));
	assert_ok(artifact_open(uri, NULL, &f.a, &err));
	assert_ok(put_text(&f, "f", "1", &err));
	assert_holds(&f, "f", "1");
}

static void
keys_cannot_lead_out(void **state)
{
	static const char *const bad[] = {"../f", "/f",   "a/../../f", "",
	                                  ".",    "a//f", "a\nb"};
	cleanup_fixture struct fixture f = begin("artifacts");
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(put_text(&f, bad[i], "x", &err), -1);
		assert_int_equal(err.kind, ERR_FORMAT);
		assert_int_equal(same_text(&f, bad[i], "x"), -1);
	}
	assert_false(fs_exists(f.dir));
}

static void
planted_links_are_not_followed(void **state)
{
	cleanup_fixture struct fixture f = begin("artifacts");
	cleanup_temp char *outside = temp_dir();
	cleanup_free char *dir_link = fs_join(f.dir, "d");
	cleanup_free char *file_link = fs_join(f.dir, "f");
	cleanup_free char *target = temp_file(outside, "precious", "keep me");
	cleanup_free char *kept = NULL;
	struct stat st;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(fs_mkdirs(f.dir, 0777, &err));
	assert_int_equal(symlink(outside, dir_link), 0);
	assert_int_equal(symlink(target, file_link), 0);
	assert_int_equal(put_text(&f, "d/x", "1", &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_int_equal(put_text(&f, "d/x/y", "1", &err), -1);
	assert_int_equal(same_text(&f, "d/precious", "keep me"), 0);
	assert_int_equal(same_text(&f, "f", "keep me"), 0);
	/* The link itself gives way to the file. */
	assert_ok(put_text(&f, "f", "2", &err));
	assert_int_equal(lstat(file_link, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	kept = temp_read(outside, "precious");
	assert_string_equal(kept, "keep me");
	assert_entries(outside, 1);
	assert_entries(f.run, 1);
}

static void
what_is_in_the_way_is_told(void **state)
{
	cleanup_fixture struct fixture f = begin("artifacts");
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(put_text(&f, "file", "1", &err));
	assert_ok(put_text(&f, "dir/f", "1", &err));
	assert_int_equal(put_text(&f, "file/f", "2", &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_int_equal(put_text(&f, "dir", "2", &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_non_null(strstr(err.msg, "artifact 'dir'"));
	assert_holds(&f, "file", "1");
	assert_holds(&f, "dir/f", "1");
	assert_entries(f.run, 1);
}

static void
a_directory_that_was_removed_is_made_again(void **state)
{
	cleanup_fixture struct fixture f = begin("artifacts");
	cleanup_free char *dir = fs_join(f.dir, "a");
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(put_text(&f, "a/b/f", "1", &err));
	assert_ok(fs_remove_tree(dir, &err));
	assert_ok(put_text(&f, "a/b/g", "2", &err));
	assert_holds(&f, "a/b/g", "2");
}

static void
the_umask_is_kept(void **state)
{
	cleanup_fixture struct fixture f = begin("artifacts");
	cleanup_free char *file = fs_join(f.dir, "d/f");
	cleanup_free char *dir = fs_join(f.dir, "d");
	mode_t old = umask(027);
	struct stat st;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(put_text(&f, "d/f", "1", &err));
	umask(old);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0750);
}

static void
sameness_is_by_content(void **state)
{
	cleanup_fixture struct fixture f = begin("artifacts");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(same_text(&f, "f", "abc"), 0);
	assert_false(fs_exists(f.dir));
	assert_ok(put_text(&f, "d/f", "abc", &err));
	/* What this one has made itself it need not look into. */
	assert_int_equal(same_text(&f, "d/f", "abc"), 0);
	artifact_close(f.a);
	assert_ok(artifact_open(f.dir, NULL, &f.a, &err));
	assert_int_equal(same_text(&f, "d/f", "abc"), 1);
	assert_int_equal(same_text(&f, "d/f", "abd"), 0);
	assert_int_equal(same_text(&f, "d/f", "ab"), 0);
	assert_int_equal(same_text(&f, "d", "abc"), 0);
	assert_int_equal(same_text(&f, "d/f/g", "abc"), 0);
	assert_int_equal(same_text(&f, "x/y", "abc"), 0);
}

/* A file of 'size' bytes, each unlike its neighbours. */
static char *
big_file(const char *dir, const char *name, size_t size)
{
	cleanup_free char *data = mem_alloc(size + 1);

	for (size_t i = 0; i < size; i++)
		data[i] = (char)(1 + i * 31 % 250);
	return temp_file(dir, name, data);
}

static int
stored_as(struct fixture *f, const char *key, const char *path)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct err err = ERR_INIT;
	struct stat st;

	assert_true(fd >= 0 && !fstat(fd, &st));
	return artifact_same(f->a, key, fd, st.st_size, &err);
}

static void
every_size_arrives_whole(void **state)
{
	static const size_t sizes[] = {1,      65535,  65536,  65537,
	                               262144, 262145, 3000000};
	cleanup_fixture struct fixture f = begin("artifacts");
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		cleanup_free char *path = big_file(f.run, "source", sizes[i]);
		cleanup_fd int fd = open(path, O_RDWR | O_CLOEXEC);

		assert_ok(put_file(&f, "big", path, -1, &err));
		assert_int_equal(stored_as(&f, "big", path), 1);
		/* One byte at the end makes it another. */
		assert_int_equal(pwrite(fd, "\xff", 1, (off_t)sizes[i] - 1), 1);
		assert_int_equal(stored_as(&f, "big", path), 0);
	}
}

static void
holes_stay_holes_and_read_as_zeros(void **state)
{
	cleanup_fixture struct fixture f = begin("artifacts");
	cleanup_free char *path = fs_join(f.run, "sparse");
	cleanup_free char *stored = fs_join(f.dir, "sparse");
	cleanup_fd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct err err = ERR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(pwrite(fd, "middle", 6, 20 << 20), 6);
	assert_int_equal(ftruncate(fd, 50 << 20), 0);
	assert_ok(put_file(&f, "sparse", path, -1, &err));
	assert_int_equal(stored_as(&f, "sparse", path), 1);
	assert_int_equal(stat(stored, &st), 0);
	assert_int_equal(st.st_size, 50 << 20);
	assert_true(st.st_blocks * 512 < 2 << 20);
}

static void
a_file_that_changes_its_size(void **state)
{
	cleanup_fixture struct fixture f = begin("artifacts");
	cleanup_free char *path = temp_file(f.run, "source", "0123456789");
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(put_file(&f, "grown", path, 4, &err));
	assert_holds(&f, "grown", "0123");
	assert_ok(put_file(&f, "shrunk", path, 4000000, &err));
	assert_holds(&f, "shrunk", "0123456789");
	/* Claims to be empty, and is not. */
	assert_ok(put_file(&f, "proc", "/proc/self/status", 0, &err));
	assert_int_equal(same_text(&f, "proc", ""), 0);
}

static void
a_source_that_cannot_be_read_leaves_nothing(void **state)
{
	cleanup_fixture struct fixture f = begin("artifacts");
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(put_text(&f, "f", "old", &err));
	assert_int_equal(put_file(&f, "f", f.run, -1, &err), -1);
	assert_int_equal(err.kind, ERR_SYS);
	assert_int_equal(err.sys, EISDIR);
	assert_holds(&f, "f", "old");
	assert_entries(f.dir, 1);
	assert_entries(f.run, 1);
}

static void
deep_keys_are_refused_not_followed_forever(void **state)
{
	cleanup_fixture struct fixture f = begin("artifacts");
	cleanup_buf struct buf key = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < 32; i++)
		buf_adds(&key, "d/");
	buf_adds(&key, "f");
	assert_ok(put_text(&f, key.s, "1", &err));
	assert_holds(&f, key.s, "1");
	buf_cut(&key, key.len - 1);
	buf_adds(&key, "d/f");
	assert_int_equal(put_text(&f, key.s, "1", &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_are_stored_and_replaced),
	    cmocka_unit_test(other_directories_than_a_run_s),
	    cmocka_unit_test(a_uri_is_decoded),
	    cmocka_unit_test(keys_cannot_lead_out),
	    cmocka_unit_test(planted_links_are_not_followed),
	    cmocka_unit_test(what_is_in_the_way_is_told),
	    cmocka_unit_test(a_directory_that_was_removed_is_made_again),
	    cmocka_unit_test(the_umask_is_kept),
	    cmocka_unit_test(sameness_is_by_content),
	    cmocka_unit_test(every_size_arrives_whole),
	    cmocka_unit_test(holes_stay_holes_and_read_as_zeros),
	    cmocka_unit_test(a_file_that_changes_its_size),
	    cmocka_unit_test(a_source_that_cannot_be_read_leaves_nothing),
	    cmocka_unit_test(deep_keys_are_refused_not_followed_forever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
