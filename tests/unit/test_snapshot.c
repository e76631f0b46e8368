/* SPDX-License-Identifier: MIT */
/* test_snapshot.c - what declared files were like before */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "model/declared.h"
#include "stage/snapshot.h"
#include "temp.h"

static void
add(struct declared_list *list, enum declared_kind kind, char *path)
{
	struct declared *d = declared_add(list);

	d->kind = kind;
	d->path = path;
}

static void
verdicts(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *path = temp_file(dir, "f", "text");
	struct declared_list list = {.v = NULL};
	struct timespec settle = {.tv_nsec = 40000000};
	struct snapshot s;
	struct stat st;
	struct stat other;

	(void)state;
	add(&list, DECLARED_FILE, mem_dup(path));
	nanosleep(&settle, NULL);
	snapshot_take(&list, &s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(snapshot_compare(&s, path, &st), SNAPSHOT_SAME);
	assert_int_equal(snapshot_compare(&s, "/other", &st), SNAPSHOT_NEW);
	other = st;
	other.st_size++;
	assert_int_equal(snapshot_compare(&s, path, &other), SNAPSHOT_CHANGED);
	other = st;
	other.st_ino++;
	assert_int_equal(snapshot_compare(&s, path, &other), SNAPSHOT_CHANGED);
	other = st;
	other.st_mtim.tv_nsec ^= 1;
	assert_int_equal(snapshot_compare(&s, path, &other), SNAPSHOT_CHANGED);
	other = st;
	other.st_ctim.tv_sec++; /* chmod, ln; touch -r cannot hide it */
	assert_int_equal(snapshot_compare(&s, path, &other), SNAPSHOT_TOUCHED);
	s.time_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 +
	            st.st_ctim.tv_nsec + 1000000;
	assert_int_equal(snapshot_compare(&s, path, &st), SNAPSHOT_RACY);
	snapshot_free(&s);
	declared_free(&list);
}

static void
there_and_back(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *odd = temp_file(dir, "d/a b\n%41\xff", "1");
	cleanup_free char *plain = temp_file(dir, "d/sub/plain", "22");
	cleanup_free char *path = fs_join(dir, "before");
	struct declared_list list = {.v = NULL};
	struct snapshot s;
	struct snapshot back;
	struct err err = ERR_INIT;

	(void)state;
	add(&list, DECLARED_DIR, fs_join(dir, "d"));
	snapshot_take(&list, &s);
	assert_int_equal(s.files.n, 2);
	assert_ok(snapshot_save(&s, path, &err));
	assert_ok(snapshot_load(path, &back, &err));
	assert_int_equal(back.files.n, 2);
	assert_true(back.time_ns == s.time_ns);
	assert_memory_equal(map_get(&back.files, odd), map_get(&s.files, odd),
	                    sizeof(struct stamp));
	assert_memory_equal(map_get(&back.files, plain),
	                    map_get(&s.files, plain), sizeof(struct stamp));
	snapshot_free(&s);
	snapshot_free(&back);
	declared_free(&list);
}

static void
broken_files(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *none = fs_join(dir, "none");
	cleanup_free char *text = temp_file(dir, "a", "hello\n");
	cleanup_free char *empty = temp_file(dir, "b", "");
	cleanup_free char *lines =
	    temp_file(dir, "c",
	              "5\n1 2 3 4 5 /good\n1 2 x 4 5 /bad\n1 2 3 4 5 /torn");
	struct snapshot s;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(snapshot_load(none, &s, &err), -1);
	assert_int_equal(err.sys, ENOENT);
	assert_int_equal(snapshot_load(text, &s, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_int_equal(snapshot_load(empty, &s, &err), -1);
	assert_ok(snapshot_load(lines, &s, &err));
	assert_int_equal(s.files.n, 1);
	assert_non_null(map_get(&s.files, "/good"));
	snapshot_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verdicts),
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(broken_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
