/* SPDX-License-Identifier: MIT */
/* test_clock.c - times, and ids made of chance */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"

static void
stamps_are_utc_with_milliseconds(void **state)
{
	cleanup_buf struct buf kedro = BUF_INIT;
	cleanup_buf struct buf rfc = BUF_INIT;

	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	clock_kedro_stamp(INT64_C(1700000000007), &kedro);
	clock_rfc3339(INT64_C(1700000000007), &rfc);
	unsetenv("TZ");
	assert_string_equal(kedro.s, "2023-11-14T22.13.20.007Z");
	assert_string_equal(rfc.s, "2023-11-14T22:13:20.007Z");
}

static void
stamps_reach_the_ends_of_the_range(void **state)
{
	static const struct {
		int64_t ms;
		const char *want;
	} rows[] = {
	    {0, "1970-01-01T00:00:00.000Z"},
	    {951782400999, "2000-02-29T00:00:00.999Z"},
	    {INT64_C(4102444800000), "2100-01-01T00:00:00.000Z"},
	    {-1, "1969-12-31T23:59:59.999Z"},
	    {-1000, "1969-12-31T23:59:59.000Z"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		clock_rfc3339(rows[i].ms, &b);
		assert_string_equal(b.s, rows[i].want);
	}
}

static void
uuids_are_of_version_four(void **state)
{
	char before[33] = "";

	(void)state;
	for (int i = 0; i < 100; i++) {
		char id[33];

		clock_uuid_hex(id);
		assert_int_equal(strlen(id), 32);
		assert_int_equal(strspn(id, "0123456789abcdef"), 32);
		assert_int_equal(id[12], '4');
		assert_non_null(strchr("89ab", id[16]));
		assert_string_not_equal(id, before);
		memcpy(before, id, sizeof(id));
	}
}

static void
random_numbers_stay_below_their_limit(void **state)
{
	int seen = 0;

	(void)state;
	assert_int_equal(clock_random(0), 0);
	assert_int_equal(clock_random(1), 0);
	for (int i = 0; i < 1000; i++) {
		uint64_t n = clock_random(3);

		assert_true(n < 3);
		seen |= 1 << n;
	}
	assert_int_equal(seen, 7);
}

static void
clocks_run(void **state)
{
	int64_t mono = clock_mono_ns();
	int64_t wall = clock_now_ms();
	struct timespec pause = {.tv_nsec = 2000000};

	(void)state;
	nanosleep(&pause, NULL);
	assert_true(clock_mono_ns() - mono >= 2000000);
	assert_true(clock_now_ms() > wall);
	assert_true(wall / 1000 >= time(NULL) - 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stamps_are_utc_with_milliseconds),
	    cmocka_unit_test(stamps_reach_the_ends_of_the_range),
	    cmocka_unit_test(uuids_are_of_version_four),
	    cmocka_unit_test(random_numbers_stay_below_their_limit),
	    cmocka_unit_test(clocks_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
