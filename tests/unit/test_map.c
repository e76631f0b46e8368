/* SPDX-License-Identifier: MIT */
/* test_map.c - strings to values */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/map.h"
#include "base/mem.h"

static void
empty_has_nothing(void **state)
{
	struct map m = MAP_INIT;

	(void)state;
	assert_null(map_get(&m, ""));
	assert_null(map_get(&m, "x"));
	map_free(&m, NULL);
}

static void
finds_each_of_many(void **state)
{
	struct map m = MAP_INIT;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		cleanup_free char *key = mem_printf("/data/%d.csv", i);
		void **at = map_at(&m, key);

		assert_null(*at);
		*at = mem_dup(key);
	}
	assert_int_equal(m.n, 20000);
	for (int i = 0; i < 20000; i++) {
		cleanup_free char *key = mem_printf("/data/%d.csv", i);

		assert_string_equal(map_get(&m, key), key);
		assert_string_equal(m.v[i].key, key);
	}
	assert_null(map_get(&m, "/data/20000.csv"));
	assert_int_equal(m.n, 20000);
	map_free(&m, free);
	assert_int_equal(m.n, 0);
}

static void
a_key_has_one_place(void **state)
{
	struct map m = MAP_INIT;
	int x = 0;

	(void)state;
	*map_at(&m, "k") = &x;
	assert_ptr_equal(*map_at(&m, "k"), &x);
	*map_at(&m, "k") = NULL;
	assert_null(map_get(&m, "k"));
	*map_at(&m, "") = &x;
	assert_ptr_equal(map_get(&m, ""), &x);
	assert_int_equal(m.n, 2);
	map_free(&m, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(empty_has_nothing),
	    cmocka_unit_test(finds_each_of_many),
	    cmocka_unit_test(a_key_has_one_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
