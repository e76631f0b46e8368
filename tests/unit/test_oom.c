/* SPDX-License-Identifier: MIT */
/* test_oom.c - where the kills of our control group are counted */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage/oom.h"

static void
each_layout_has_its_file(void **state)
{
	static const struct {
		const char *cgroups;
		const char *want;
	} cases[] = {
	    {"0::/user.slice/a\n", "/sys/fs/cgroup/user.slice/a/memory.events"},
	    {"0::/\n", "/sys/fs/cgroup//memory.events"},
	    {"4:memory:/job/1\n0::/\n",
	     "/sys/fs/cgroup/memory/job/1/memory.oom_control"},
	    {"0::/x\n3:cpu,memory:/job\n",
	     "/sys/fs/cgroup/memory/job/memory.oom_control"},
	    {"3:memoryless:/job\n", NULL},
	    {"nonsense", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_free char *got = oom_counter_path(cases[i].cgroups);

		if (cases[i].want)
			assert_string_equal(got, cases[i].want);
		else
			assert_null(got);
	}
}

static void
the_counter_is_a_line(void **state)
{
	(void)state;
	assert_int_equal(oom_counter_read("low 0\noom 3\noom_kill 2\n"), 2);
	assert_int_equal(oom_counter_read("oom_kill 7"), 7);
	assert_int_equal(oom_counter_read("oom_kill_disable 0\n"), -1);
	assert_int_equal(oom_counter_read("under_oom_kill 1\n"), -1);
	assert_int_equal(oom_counter_read(""), -1);
	assert_true(oom_kills() >= -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_layout_has_its_file),
	    cmocka_unit_test(the_counter_is_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
