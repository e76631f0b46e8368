/* SPDX-License-Identifier: MIT */
/* test_strv.c - lists of strings, and pairs of them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/mem.h"
#include "base/strv.h"

static void
list_ends_in_null(void **state)
{
	cleanup_strv struct strv sv = STRV_INIT;

	(void)state;
	assert_null(sv.v);
	for (int i = 0; i < 100; i++) {
		strv_take(&sv, mem_printf("%d", i));
		assert_int_equal(sv.n, i + 1);
		assert_null(sv.v[sv.n]);
	}
	assert_string_equal(sv.v[99], "99");
	assert_true(strv_has(&sv, "42"));
	assert_false(strv_has(&sv, "100"));
}

static void
list_sorts_by_bytes(void **state)
{
	cleanup_strv struct strv sv = STRV_INIT;

	(void)state;
	strv_sort(&sv);
	strv_add(&sv, "b");
	strv_add(&sv, "\xc3\xa9");
	strv_add(&sv, "B");
	strv_add(&sv, "");
	strv_add(&sv, "a");
	strv_sort(&sv);
	assert_string_equal(sv.v[0], "");
	assert_string_equal(sv.v[1], "B");
	assert_string_equal(sv.v[2], "a");
	assert_string_equal(sv.v[3], "b");
	assert_string_equal(sv.v[4], "\xc3\xa9");
	assert_null(sv.v[5]);
}

static void
list_copies_what_is_added(void **state)
{
	cleanup_strv struct strv sv = STRV_INIT;
	char word[] = "before";

	(void)state;
	strv_add(&sv, word);
	word[0] = 'X';
	assert_string_equal(sv.v[0], "before");
}

static void
pairs_replace_in_place(void **state)
{
	cleanup_kvs struct kvs k = KVS_INIT;

	(void)state;
	assert_null(kvs_get(&k, "a"));
	kvs_set(&k, "a", "1");
	kvs_set(&k, "b", "2");
	kvs_setf(&k, "c", "%d%s", 3, "!");
	kvs_set(&k, "a", "one");
	assert_int_equal(k.n, 3);
	assert_string_equal(k.v[0].key, "a");
	assert_string_equal(kvs_get(&k, "a"), "one");
	assert_string_equal(kvs_get(&k, "c"), "3!");
	kvs_set(&k, "", "empty key");
	assert_string_equal(kvs_get(&k, ""), "empty key");
}

static void
pairs_are_removed_by_null(void **state)
{
	cleanup_kvs struct kvs k = KVS_INIT;

	(void)state;
	kvs_set(&k, "none", NULL);
	assert_int_equal(k.n, 0);
	for (int i = 0; i < 20; i++) {
		cleanup_free char *key = mem_printf("k%d", i);

		kvs_set(&k, key, key);
	}
	kvs_set(&k, "k0", NULL);
	kvs_set(&k, "k10", NULL);
	kvs_set(&k, "k19", NULL);
	assert_int_equal(k.n, 17);
	assert_null(kvs_get(&k, "k10"));
	assert_string_equal(k.v[0].key, "k1");
	assert_string_equal(k.v[16].key, "k18");
	for (size_t i = 0; i < k.n; i++)
		assert_string_equal(k.v[i].key, k.v[i].value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(list_ends_in_null),
	    cmocka_unit_test(list_sorts_by_bytes),
	    cmocka_unit_test(list_copies_what_is_added),
	    cmocka_unit_test(pairs_replace_in_place),
	    cmocka_unit_test(pairs_are_removed_by_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
