/* SPDX-License-Identifier: MIT */
/* test_key.c - which names MLflow takes, and values that are made to fit */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/ucs.h"
#include "store/artifact.h"
#include "store/key.h"
#include "store/tracking.h"

static void
names_that_mlflow_takes(void **state)
{
	static const char *const good[] = {
	    "a",
	    "A_b-c.d e/f",
	    "a:b",
	    ".hidden",
	    "a/.b",
	    "0",
	    "-",
	    " ",
	    "a..b",
	    "a/b/c/d",
	    ("stra\xc3\x9f"
	     "e"),
	    "\xe6\xbc\xa2\xe5\xad\x97",
	    "\xd9\xa3", /* an Arabic digit */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct err err = ERR_INIT;

		if (tracking_check_key(good[i], &err))
			fail_msg("%s", err.msg);
	}
}

static void
names_that_mlflow_refuses(void **state)
{
	static const char *const bad[] = {
	    "",
	    "/a",
	    "a/",
	    "a//b",
	    ".",
	    "..",
	    "...a/b",
	    "..a",
	    "../a",
	    "a/..",
	    "a/./b",
	    "./a",
	    "a\nb",
	    "a\tb",
	    "a,b",
	    "a(b)",
	    "a%b",
	    "a\\b",
	    "a\x7f",
	    "a\xff",
	    ("a\xc2\xa0"
	     "b"),          /* a no-break space */
	    "\xe0\xa4\xbf", /* a vowel sign alone */
	    "\xf0\x9f\x8c\x8d",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(tracking_check_key(bad[i], &err), -1);
		assert_int_equal(err.kind, ERR_FORMAT);
	}
}

static void
length_counts_in_characters(void **state)
{
	cleanup_buf struct buf name = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < KEY_MAX; i++)
		buf_adds(&name, "\xc3\xa4");
	assert_int_equal(tracking_check_key(name.s, &err), 0);
	buf_addc(&name, 'x');
	assert_int_equal(tracking_check_key(name.s, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
}

static void
values_are_cut_between_characters(void **state)
{
	cleanup_buf struct buf to = BUF_INIT;

	(void)state;
	assert_int_equal(key_clean_value(&to, "\xc3\xa4\xc3\xb6\xc3\xbc", 2),
	                 1);
	assert_string_equal(to.s, "\xc3\xa4\xc3\xb6");
	buf_reset(&to);
	assert_int_equal(key_clean_value(&to, "a\xff\n", 3), 0);
	assert_string_equal(to.s, "a\xef\xbf\xbd\n");
	buf_reset(&to);
	assert_int_equal(key_clean_value(&to, "", 3), 0);
	assert_string_equal(to.s, "");
}

static void
artifact_paths(void **state)
{
	static const char *const good[] = {
	    "a",   "..a/b", "#?%:\\ x", "a b/c", "\xf0\x9f\x8c\x8d",
	    "...", ".kml"};
	static const char *const bad[] = {"",     "/a",   "a/../b",  "..",
	                                  "a/",   "a//b", "a\nb",    "a\x1b",
	                                  "\xff", ".",    "\xc2\x85"};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(artifact_check_key(good[i], &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(artifact_check_key(bad[i], &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
}

static void
word_characters_at_the_edges_of_the_table(void **state)
{
	(void)state;
	assert_false(ucs_is_word(0x80));
	assert_true(ucs_is_word(0xaa));
	assert_false(ucs_is_word(0xd7)); /* multiplication sign */
	assert_true(ucs_is_word(0xd6));
	assert_true(ucs_is_word(0x3134a)); /* the last letter */
	assert_false(ucs_is_word(0x10ffff));
	assert_false(ucs_is_word(UCS_BAD));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_that_mlflow_takes),
	    cmocka_unit_test(names_that_mlflow_refuses),
	    cmocka_unit_test(length_counts_in_characters),
	    cmocka_unit_test(values_are_cut_between_characters),
	    cmocka_unit_test(artifact_paths),
	    cmocka_unit_test(word_characters_at_the_edges_of_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
