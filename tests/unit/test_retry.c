/* SPDX-License-Identifier: MIT */
/* test_retry.c - how often and how late a request is sent again */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/mem.h"
#include "wire/retry.h"

/* Sunday, 6 November 1994, 08:49:37 UTC. */
#define THEN INT64_C(784111777000)

static void
waits_double_up_to_two_minutes(void **state)
{
	const struct retry_policy usual = {.factor = 2, .jitter = 1};
	static const int64_t want[] = {2000,  4000,  8000,   16000,
	                               32000, 64000, 120000, 120000};

	(void)state;
	for (int i = 0; i < (int)ARRAY_LEN(want); i++)
		assert_int_equal(retry_backoff_ms(&usual, i + 1, 0), want[i]);
	assert_int_equal(retry_backoff_ms(&usual, 1, 0.5), 2500);
	assert_int_equal(retry_backoff_ms(&usual, 1000000000, 0.9), 120000);
}

static void
no_factor_leaves_the_jitter(void **state)
{
	const struct retry_policy none = {.factor = 0, .jitter = 0.25};
	const struct retry_policy nothing = {.factor = 0};

	(void)state;
	assert_int_equal(retry_backoff_ms(&none, 5, 0.5), 125);
	assert_int_equal(retry_backoff_ms(&nothing, 5, 0.5), 0);
}

static void
a_server_says_when(void **state)
{
	static const struct {
		const char *value;
		int64_t ms;
	} rows[] = {
	    {NULL, -1},
	    {"", -1},
	    {"0", 0},
	    {"120", 120000},
	    {"3600", 3600000},
	    {"1.5", -1},
	    {"-1", -1},
	    {"soon", -1},
	    {"5 minutes", -1},
	    {"Sun, 06 Nov 1994 08:50:37 GMT", 60000},
	    {"Sun, 06 Nov 1994 08:48:37 GMT", 0},
	    {"Sun, 06 Nov 1994 08:50:37 GMT and more", -1},
	    {"06 Nov 1994", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(retry_after_ms(rows[i].value, THEN),
		                 rows[i].ms);
	/* Absurd, but no overflow. */
	assert_true(retry_after_ms("99999999999999999999999", THEN) >
	            INT64_C(1000000000000));
}

static void
some_statuses_pass(void **state)
{
	static const int passing[] = {408, 429, 500, 502, 503, 504};
	static const int lasting[] = {0,   200, 301, 400, 401, 403,
	                              404, 409, 413, 501, 505, 599};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(passing); i++)
		assert_true(retry_is_transient(passing[i]));
	for (size_t i = 0; i < ARRAY_LEN(lasting); i++)
		assert_false(retry_is_transient(lasting[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(waits_double_up_to_two_minutes),
	    cmocka_unit_test(no_factor_leaves_the_jitter),
	    cmocka_unit_test(a_server_says_when),
	    cmocka_unit_test(some_statuses_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
