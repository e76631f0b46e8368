/* SPDX-License-Identifier: MIT */
/* test_barrier.c - waiting for the disk, and not for ever */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <errno.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strv.h"
#include "stage/barrier.h"
#include "temp.h"

/* On a disk, if there is one: where this program was built. */
static void
add_disk(struct strv *dirs)
{
	cleanup_free char *here = getcwd(NULL, 0);

	strv_add(dirs, here);
}

static void
it_waits_and_leaves_nobody(void **state)
{
	cleanup_strv struct strv dirs = STRV_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(barrier(&dirs, &err));
	add_disk(&dirs);
	strv_add(&dirs, "/no/such/directory");
	strv_add(&dirs, "/dev/shm");
	add_disk(&dirs);
	assert_ok(barrier(&dirs, &err));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
memory_and_absence_take_no_process(void **state)
{
	cleanup_strv struct strv dirs = STRV_INIT;
	struct rlimit limit, none = {0, 0};
	struct err err = ERR_INIT;

	(void)state;
	strv_add(&dirs, "/no/such/directory");
	strv_add(&dirs, "/dev/shm");
	/* A pipe could not be had. */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none.rlim_max = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(barrier(&dirs, &err), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void
no_process_to_be_had_is_told(void **state)
{
	cleanup_strv struct strv dirs = STRV_INIT;
	struct rlimit limit, none = {0, 0};
	struct statfs fs;
	struct err err = ERR_INIT;

	(void)state;
	add_disk(&dirs);
	if (statfs(dirs.v[0], &fs) || fs.f_type == TMPFS_MAGIC)
		skip(); /* there is no disk to wait for */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none.rlim_max = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(barrier(&dirs, &err), -1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(err.kind, ERR_SYS);
	assert_int_equal(err.sys, EMFILE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_waits_and_leaves_nobody),
	    cmocka_unit_test(memory_and_absence_take_no_process),
	    cmocka_unit_test(no_process_to_be_had_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
