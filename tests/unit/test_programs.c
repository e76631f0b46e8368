/* SPDX-License-Identifier: MIT */
/* test_programs.c - who starts a program says so, and so does the library */
#include "image.h"

static void
assert_counted(const struct fixture *f, const char *name, uint32_t launches,
               uint32_t arrivals)
{
	struct capture_program p;

	capture_get_program(f->capture, name, &p);
	if (p.launches != launches || p.arrivals != arrivals)
		fail_msg("%s: %u launches, %u arrivals", name, p.launches,
		         p.arrivals);
}

static void
test_programs(void **state)
{
	struct fixture *f = *state;

	declare(f, DECLARED_FILE, "a");
	create(f);
	assert_int_equal(
	    run(f, "printf '#!/bin/sh\\nexit 0\\n' > s; chmod +x s; ./s; ./s; "
	           "env -i PATH=$PATH env true; KMLFLOW_CAPTURE=0 env false; "
	           "env none-such-program; echo 'exit 0' > t; chmod +x t; "
	           "env ./t; ./gone; env true"),
	    0);
	read_all(f);
	assert_counted(f, "s", 2, 2);
	assert_counted(f, "env", 6, 5);
	assert_counted(f, "true", 2, 2);
	assert_counted(f, "none-such-program", 0, 0);
	assert_counted(f, "gone", 0, 0);
	/* execvp(3) hands it to a shell, which arrives in its place. */
	assert_counted(f, "t", 1, 0);
	assert_counted(f, "sh", 0, 2);
	/* Below what is switched off nothing is counted. */
	assert_counted(f, "false", 0, 0);
	assert_true(strv_has(&f->launched, "/usr/bin/env"));
	assert_true(strv_has(&f->launched, "/usr/bin/env off"));
	assert_true(strv_has(&f->launched, "true"));
	assert_int_equal(f->health.surplus, 2);
	assert_int_equal(f->health.crowded, 0);
}

static void
test_many_programs(void **state)
{
	struct fixture *f = *state;

	declare(f, DECLARED_FILE, "a");
	create(f);
	run(f, "i=0; while [ $i -lt 300 ]; do ln -s /bin/true p$i; ./p$i; "
	       "i=$((i+1)); done");
	read_all(f);
	for (int i = 0; i < 300; i++) {
		cleanup_free char *name = mem_printf("p%d", i);

		assert_counted(f, name, 1, 1);
	}
	assert_int_equal(f->health.crowded, 0);
}

static void
test_announced(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	declare(f, DECLARED_FILE, "a");
	create(f);
	if (capture_announce(f->value, "sh", false, &err))
		fail_msg("%s", err.msg);
	run(f, "echo > a");
	read_all(f);
	assert_counted(f, "sh", 1, 1);
	assert_true(strv_has(&f->seen, "write 0 a"));
	assert_int_equal(f->health.dropped, 0);
	assert_int_equal(f->launched.n, 1);
	assert_non_null(strstr(f->launched.v[0], "/bin/sh"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_programs),
	    T(test_many_programs),
	    T(test_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
