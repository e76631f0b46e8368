/* SPDX-License-Identifier: MIT */
/* test_collect.c - from what was seen and what is there to artifacts */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "around.h"

static void
new_and_changed_files_alone(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	temp_put(r.dir, "same", "x");
	temp_put(r.dir, "longer", "x");
	temp_put(r.dir, "as long", "x");
	temp_put(r.dir, "gone", "x");
	declare(&r, DECLARED_FILE, "same");
	declare(&r, DECLARED_FILE, "longer")->artifact_path = mem_dup("a/b");
	declare(&r, DECLARED_FILE, "as long");
	declare(&r, DECLARED_FILE, "new");
	declare(&r, DECLARED_FILE, "gone");
	declare(&r, DECLARED_FILE, "never");
	before(&r);
	usleep(30000);
	temp_put(r.dir, "longer", "xx");
	temp_put(r.dir, "as long", "y");
	temp_put(r.dir, "new", "");
	temp_put(r.dir, "undeclared", "");
	temp_free(&(char *){fs_join(r.dir, "gone")});
	after(&r);
	assert_artifact(&r, "longer", "a/b/longer");
	assert_artifact(&r, "as long", "as long");
	assert_artifact(&r, "new", "new");
	assert_int_equal(of(&r, "new")->seen, SEEN_STAT);
	assert_int_equal(of(&r, "never")->fate, FATE_MISSING);
	assert_string_equal(of(&r, "never")->dataset, "never");
	assert_int_equal(of(&r, "same")->fate, FATE_MISSING);
	assert_int_equal(r.found.n, 6);
	assert_int_equal(r.result.artifacts, 3);
	assert_int_equal(r.result.missing, 3);
	assert_int_equal(strncmp(r.result.note.s, "partial", 7), 0);
}

static void
a_file_replaced_by_rename_is_changed(void **state)
{
	cleanup_around struct run_around r;
	cleanup_free char *from = NULL;
	cleanup_free char *to = NULL;

	(void)state;
	set_up(&r);
	temp_put(r.dir, "f", "x");
	declare(&r, DECLARED_FILE, "f");
	before(&r);
	from = temp_file(r.dir, "f.tmp", "y");
	to = fs_join(r.dir, "f");
	assert_int_equal(rename(from, to), 0);
	after(&r);
	assert_artifact(&r, "f", "f");
}

static void
of_versions_the_newest_that_is_new(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_VERSIONED, "m.pkl");
	temp_put(r.dir, "m.pkl/2099-01-01T00.00.00.000Z/m.pkl", "old");
	before(&r);
	temp_put(r.dir, "m.pkl/2024-01-01T00.00.00.000Z/m.pkl", "1");
	temp_put(r.dir, "m.pkl/2024-01-02T00.00.00.000Z/m.pkl", "2");
	temp_put(r.dir, "m.pkl/2024-01-03T00.00.00.000Z/other", "3");
	after(&r);
	assert_int_equal(r.found.n, 1);
	assert_artifact(&r, "m.pkl/2024-01-02T00.00.00.000Z/m.pkl", "m.pkl");
}

static void
directories_with_what_is_below(void **state)
{
	cleanup_around struct run_around r;
	cleanup_temp char *elsewhere = temp_dir();
	cleanup_free char *loop = NULL;
	cleanup_free char *link = NULL;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_DIR, "parts")->suffix = mem_dup(".csv");
	declare(&r, DECLARED_FILE, "model"); /* which is a directory */
	before(&r);
	temp_put(elsewhere, "far.csv", "x");
	temp_put(r.dir, "parts/a.csv", "x");
	temp_put(r.dir, "parts/sub/b.csv", "x");
	temp_put(r.dir, "parts/sub/b.txt", "x");
	temp_put(r.dir, "parts/.h.csv", "x");
	temp_put(r.dir, "parts/.ipynb_checkpoints/c.csv", "x");
	temp_put(r.dir, "model/MLmodel", "x");
	temp_put(r.dir, "model/data/w", "x");
	loop = fs_join(r.dir, "parts/sub/loop");
	assert_int_equal(symlink("..", loop), 0);
	link = fs_join(r.dir, "parts/away");
	assert_int_equal(symlink(elsewhere, link), 0);
	after(&r);
	assert_artifact(&r, "parts/a.csv", "parts/a.csv");
	assert_artifact(&r, "parts/sub/b.csv", "parts/sub/b.csv");
	assert_artifact(&r, "model/MLmodel", "model/MLmodel");
	assert_artifact(&r, "model/data/w", "model/data/w");
	assert_int_equal(r.found.n, 4);
}

static void
a_declared_link_to_a_directory_is_followed(void **state)
{
	cleanup_around struct run_around r;
	cleanup_temp char *scratch = temp_dir();
	cleanup_free char *link = NULL;
	cleanup_free char *path = NULL;

	(void)state;
	set_up(&r);
	link = fs_join(r.dir, "out");
	assert_int_equal(symlink(scratch, link), 0);
	declare(&r, DECLARED_DIR, "out");
	declared_exclude(&r.record.declared, "/none");
	path = fs_join(r.dir, "out/tmp/**");
	declared_exclude(&r.record.declared, path);
	before(&r);
	temp_put(scratch, "a.csv", "x");
	temp_put(scratch, "tmp/b.csv", "x"); /* excluded by the link's name */
	after(&r);
	assert_int_equal(r.found.n, 1);
	assert_string_equal(r.found.v[0].key, "out/a.csv");
}

static void
patterns_keep_what_is_below_their_literal_part(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_GLOB, "out/*/*.csv")->artifact_path =
	    mem_dup("all");
	declare(&r, DECLARED_GLOB, "logs/**");
	declared_exclude(&r.record.declared, "*.bak");
	before(&r);
	temp_put(r.dir, "out/x/a.csv", "x");
	temp_put(r.dir, "out/b.csv", "x");
	temp_put(r.dir, "out/x/y/c.csv", "x");
	temp_put(r.dir, "logs/d", "x");
	temp_put(r.dir, "logs/e/f", "x");
	temp_put(r.dir, "logs/.g/h", "x");
	temp_put(r.dir, "logs/e/f.bak", "x");
	after(&r);
	assert_artifact(&r, "out/x/a.csv", "all/x/a.csv");
	assert_artifact(&r, "logs/d", "d");
	assert_artifact(&r, "logs/e/f", "e/f");
	assert_int_equal(r.found.n, 3);
}

static void
what_cannot_be_read_is_told(void **state)
{
	cleanup_around struct run_around r;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	cleanup_free char *fifo = NULL;
	cleanup_free char *secret = NULL;
	cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_DIR, "d");
	before(&r);
	temp_put(r.dir, "d/good", "x");
	temp_put(r.dir, "d/line\nbreak", "x");
	temp_put(r.dir, "d/latin\xe9", "x");
	fifo = fs_join(r.dir, "d/fifo");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/d/sock",
	         r.dir);
	assert_int_equal(bind(fd, (struct sockaddr *)(void *)&address,
	                      sizeof(address)),
	                 0);
	secret = temp_file(r.dir, "d/secret", "x");
	chmod(secret, 0);
	after(&r);
	assert_artifact(&r, "d/good", "d/good");
	assert_skipped(&r, "d/fifo", "FIFO");
	assert_skipped(&r, "d/sock", "socket");
	assert_skipped(&r, "d/line\nbreak", "control character");
	assert_skipped(&r, "d/latin\xe9", "UTF-8");
	if (geteuid() != 0)
		assert_skipped(&r, "d/secret", "permission");
}

/* Which is not the same as not being there. */
static void
what_cannot_be_looked_at_is_told(void **state)
{
	cleanup_around struct run_around r;
	cleanup_free char *loop = NULL;
	cleanup_free char *dangling = NULL;
	cleanup_free char *single = NULL;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_DIR, "d");
	declare(&r, DECLARED_FILE, "self/f");
	before(&r);
	temp_put(r.dir, "d/good", "x");
	loop = fs_join(r.dir, "d/loop");
	assert_int_equal(symlink("loop", loop), 0);
	dangling = fs_join(r.dir, "d/dangling");
	assert_int_equal(symlink("none", dangling), 0);
	single = fs_join(r.dir, "self");
	assert_int_equal(symlink("self", single), 0);
	after(&r);
	assert_artifact(&r, "d/good", "d/good");
	assert_skipped(&r, "d/loop", "symbolic links");
	assert_skipped(&r, "self/f", "symbolic links");
	assert_int_equal(r.found.n, 3);
}

static void
one_place_in_the_run_is_for_one_file(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_FILE, "a/x.csv");
	declare(&r, DECLARED_FILE, "b/x.csv");
	declare(&r, DECLARED_FILE, "a/x.csv"); /* two entries, one file */
	declare(&r, DECLARED_FILE, "c/x.csv")->run_id = mem_dup("other");
	declare(&r, DECLARED_FILE, "up")->artifact_path = mem_dup("../..");
	before(&r);
	temp_put(r.dir, "a/x.csv", "1");
	temp_put(r.dir, "b/x.csv", "2");
	temp_put(r.dir, "c/x.csv", "3");
	temp_put(r.dir, "up", "4");
	after(&r);
	assert_artifact(&r, "a/x.csv", "x.csv");
	assert_skipped(&r, "b/x.csv", "has its place");
	assert_artifact(&r, "c/x.csv", "x.csv");
	assert_string_equal(of(&r, "c/x.csv")->run_id, "other");
	assert_int_equal(of(&r, "up")->fate, FATE_SKIPPED);
	assert_int_equal(r.found.n, 4);
}

static void
a_command_that_never_started_wrote_nothing(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_FILE, "f");
	temp_put(r.dir, "f", "x");
	after(&r); /* killed before it could look: no "before" */
	assert_int_equal(r.result.artifacts, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(new_and_changed_files_alone),
	    cmocka_unit_test(a_file_replaced_by_rename_is_changed),
	    cmocka_unit_test(of_versions_the_newest_that_is_new),
	    cmocka_unit_test(directories_with_what_is_below),
	    cmocka_unit_test(a_declared_link_to_a_directory_is_followed),
	    cmocka_unit_test(patterns_keep_what_is_below_their_literal_part),
	    cmocka_unit_test(what_cannot_be_read_is_told),
	    cmocka_unit_test(what_cannot_be_looked_at_is_told),
	    cmocka_unit_test(one_place_in_the_run_is_for_one_file),
	    cmocka_unit_test(a_command_that_never_started_wrote_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
