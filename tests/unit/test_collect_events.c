/* SPDX-License-Identifier: MIT */
/* test_collect_events.c - what the events add to the comparison */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "around.h"

static void
a_write_within_the_tick_of_the_clock_is_seen(void **state)
{
	cleanup_around struct run_around r;
	const struct manifest_entry *e;

	(void)state;
	set_up(&r);
	temp_put(r.dir, "f", "x");
	temp_put(r.dir, "g", "x");
	declare(&r, DECLARED_FILE, "f");
	declare(&r, DECLARED_FILE, "g");
	before(&r);
	add_event(&r, EVENT_EXEC, "bin/prog", NULL);
	add_event(&r, EVENT_WRITE, "f", NULL);
	after(&r);
	assert_artifact(&r, "f", "f");
	e = of(&r, "f");
	assert_int_equal(e->seen, SEEN_EVENT);
	assert_int_equal(e->pid, 4242);
	assert_non_null(strstr(e->program ? e->program : "", "bin/prog"));
	assert_int_equal(of(&r, "g")->fate, FATE_MISSING);
	assert_string_equal(r.result.note.s, "complete");
}

static void
an_open_that_wrote_nothing_is_no_artifact(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	temp_put(r.dir, "f", "x");
	declare(&r, DECLARED_FILE, "f");
	usleep(40000);
	before(&r);
	add_event(&r, EVENT_WRITE, "f", NULL);
	after(&r);
	assert_int_equal(of(&r, "f")->fate, FATE_MISSING);
}

static void
what_vanished_is_taken_from_where_it_was_kept(void **state)
{
	cleanup_around struct run_around r;
	cleanup_free char *kept = NULL;
	cleanup_free char *glob_kept = NULL;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_FILE, "f");
	declare(&r, DECLARED_GLOB, "out/*.csv");
	before(&r);
	kept = temp_file(r.dir, "../kept1", "content");
	glob_kept = temp_file(r.dir, "../kept2", "content");
	add_event(&r, EVENT_WRITE, "f", NULL);
	add_event(&r, EVENT_KEPT, "f", kept);
	add_event(&r, EVENT_UNLINK, "f", NULL);
	add_event(&r, EVENT_KEPT, "out/a.csv", glob_kept);
	after(&r);
	assert_artifact(&r, "f", "f");
	assert_string_equal(of(&r, "f")->source, kept);
	assert_int_equal(of(&r, "f")->size, 7);
	assert_artifact(&r, "out/a.csv", "a.csv");
	assert_int_equal(r.found.n, 2);
}

static void
what_moved_to_a_declared_name_is_taken_there(void **state)
{
	cleanup_around struct run_around r;
	cleanup_free char *kept = NULL;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_FILE, "old");
	declare(&r, DECLARED_FILE, "new");
	before(&r);
	kept = temp_file(r.dir, "../kept", "content");
	temp_put(r.dir, "new", "content");
	add_event(&r, EVENT_WRITE, "old", NULL);
	add_event(&r, EVENT_KEPT, "old", kept);
	add_event(&r, EVENT_RENAME, "old", "new");
	after(&r);
	assert_artifact(&r, "new", "new");
	assert_null(of(&r, "new")->source);
	assert_int_equal(of(&r, "old")->fate, FATE_MISSING);
}

static void
a_kept_file_that_came_back_is_itself(void **state)
{
	cleanup_around struct run_around r;
	cleanup_free char *kept = NULL;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_FILE, "f");
	before(&r);
	kept = temp_file(r.dir, "../kept", "first");
	temp_put(r.dir, "f", "second");
	add_event(&r, EVENT_WRITE, "f", NULL);
	add_event(&r, EVENT_KEPT, "f", kept);
	add_event(&r, EVENT_UNLINK, "f", NULL);
	add_event(&r, EVENT_WRITE, "f", NULL);
	after(&r);
	assert_int_equal(r.found.n, 1);
	assert_artifact(&r, "f", "f");
	assert_null(of(&r, "f")->source);
	assert_int_equal(of(&r, "f")->size, 6);
}

static void
what_came_with_its_directory_has_a_writer(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_DIR, "d");
	before(&r);
	temp_put(r.dir, "d/moved/f", "x");
	temp_put(r.dir, "d/moved-too/f", "x");
	add_event(&r, EVENT_RESCAN, "from", "d/moved");
	after(&r);
	assert_artifact(&r, "d/moved/f", "d/moved/f");
	assert_int_equal(of(&r, "d/moved/f")->seen, SEEN_EVENT);
	assert_int_equal(of(&r, "d/moved/f")->pid, 4242);
	assert_int_equal(of(&r, "d/moved-too/f")->seen, SEEN_STAT);
}

static void
overflow_is_told_and_loses_no_file(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	temp_put(r.dir, "f", "x");
	declare(&r, DECLARED_FILE, "f"); /* its mark is set, see above */
	declare(&r, DECLARED_FILE, "g");
	before(&r);
	temp_put(r.dir, "g", "x");
	overflowed = true;
	add_event(&r, EVENT_WRITE, "h", NULL);
	after(&r);
	assert_artifact(&r, "f", "f");
	assert_artifact(&r, "g", "g");
	assert_non_null(strstr(r.result.note.s, "buffer"));
}

static void
an_image_that_is_gone_leaves_the_comparison(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_FILE, "f");
	before(&r);
	r.record.image = mem_dup("/none/such");
	temp_put(r.dir, "f", "x");
	after(&r);
	assert_artifact(&r, "f", "f");
	assert_non_null(strstr(r.result.note.s, "not there"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_write_within_the_tick_of_the_clock_is_seen),
	    cmocka_unit_test(an_open_that_wrote_nothing_is_no_artifact),
	    cmocka_unit_test(what_vanished_is_taken_from_where_it_was_kept),
	    cmocka_unit_test(what_moved_to_a_declared_name_is_taken_there),
	    cmocka_unit_test(a_kept_file_that_came_back_is_itself),
	    cmocka_unit_test(what_came_with_its_directory_has_a_writer),
	    cmocka_unit_test(overflow_is_told_and_loses_no_file),
	    cmocka_unit_test(an_image_that_is_gone_leaves_the_comparison),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
