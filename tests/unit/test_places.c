/* SPDX-License-Identifier: MIT */
/* test_places.c - where a user has spools is remembered while there are some */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/strv.h"
#include "stage/places.h"
#include "stage/spool.h"
#include "temp.h"

#define ID "0123456789abcdef0123456789abcdef"

/* A home of its own, and a spool in place 'name' there. */
static char *
make(const char *dir, const char *name)
{
	cleanup_free char *state = fs_join(dir, "state");
	char *place = fs_join(dir, name);
	struct spool s = SPOOL_INIT;
	struct err err = ERR_INIT;

	setenv("XDG_STATE_HOME", state, 1);
	setenv("KMLFLOW_SPOOL_DIR", place, 1);
	assert_ok(spool_create("/", ID, &s, &err));
	spool_close(&s);
	return place;
}

static void
each_place_is_known_once(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *a = make(dir, "a");
	cleanup_free char *b = make(dir, "b");
	cleanup_strv struct strv known = STRV_INIT;

	(void)state;
	places_note(a);
	strv_add(&known, b);
	places_known(&known);
	assert_int_equal(known.n, 2);
	assert_string_equal(known.v[0], b);
	assert_string_equal(known.v[1], a);
}

static void
a_place_without_spools_is_forgotten(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *place = make(dir, "a");
	cleanup_free char *spool = fs_join(place, ID);
	cleanup_free char *links = fs_join(dir, "state/kmlflow/places");
	cleanup_strv struct strv before = STRV_INIT;
	cleanup_strv struct strv after = STRV_INIT;
	struct err err = ERR_INIT;

	(void)state;
	places_known(&before);
	assert_int_equal(before.n, 1);
	assert_ok(fs_remove_tree(spool, &err));
	places_known(&after);
	assert_int_equal(after.n, 0);
	/* Empty: it can be removed as a directory. */
	assert_int_equal(rmdir(links), 0);
}

/* The last one takes along what was made for it, and no more. */
static void
nothing_of_ours_stays(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *a = make(dir, "a");
	cleanup_free char *b = make(dir, "b");
	cleanup_free char *spool_a = fs_join(a, ID);
	cleanup_free char *spool_b = fs_join(b, ID);
	cleanup_free char *chosen = fs_join(dir, "state");
	cleanup_free char *links = fs_join(chosen, "kmlflow/places");
	cleanup_free char *ours = fs_join(chosen, "kmlflow");
	struct err err = ERR_INIT;

	(void)state;
	places_note(b);
	places_forget(a);
	assert_true(fs_is_dir(links));
	assert_ok(fs_remove_tree(spool_a, &err));
	places_forget(a);
	assert_true(fs_is_dir(links));
	assert_ok(fs_remove_tree(spool_b, &err));
	places_forget(b);
	assert_true(fs_is_absent(ours));
	assert_true(fs_is_dir(chosen));
}

static void
without_a_home_nothing_is_known(void **state)
{
	cleanup_strv struct strv known = STRV_INIT;

	(void)state;
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	places_note("/tmp/nowhere");
	places_known(&known);
	assert_int_equal(known.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_place_is_known_once),
	    cmocka_unit_test(a_place_without_spools_is_forgotten),
	    cmocka_unit_test(nothing_of_ours_stays),
	    cmocka_unit_test(without_a_home_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
