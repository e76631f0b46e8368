/* SPDX-License-Identifier: MIT */
/* test_hurry.c - the first signal asks, the second leaves, the time ends */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "stage/hurry.h"
#include "stage/outcome.h"

enum { LONG_MS = 60000 };

/* The wait status of a child that does 'fn' and then exits with 99. */
static int
in_child(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		/* Who runs the tests may ignore some, as nohup does. */
		signal(SIGHUP, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		log_set_level(LOG_ERROR);
		fn();
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
leave_by(const struct outcome *o)
{
	hurry_begin(o, LONG_MS);
	if (hurry_now() != HURRY_NONE)
		_exit(90);
	raise(SIGTERM);
	if (hurry_now() != HURRY_SIGNAL)
		_exit(91);
	raise(SIGINT);
}

static void
twice_after_exit_7(void)
{
	leave_by(&(struct outcome){.exit_code = 7});
}

static void
twice_after_a_death(void)
{
	leave_by(&(struct outcome){.exit_code = -1, .signal = SIGUSR2});
}

static void
the_second_leaves_as_the_command_did(void **state)
{
	int status;

	(void)state;
	status = in_child(twice_after_exit_7);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	status = in_child(twice_after_a_death);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGUSR2);
}

static void
one_that_waits(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGHUP);
	hurry_begin(&(struct outcome){.exit_code = 7}, LONG_MS);
	_exit(hurry_now() == HURRY_SIGNAL ? 0 : 1);
}

static void
a_signal_that_waits_is_the_first(void **state)
{
	(void)state;
	assert_int_equal(in_child(one_that_waits), 0);
}

static void
ignored_ones(void)
{
	signal(SIGHUP, SIG_IGN);
	hurry_begin(&(struct outcome){.exit_code = 7}, LONG_MS);
	raise(SIGHUP);
	raise(SIGHUP);
	_exit(hurry_now() == HURRY_NONE ? 0 : 1);
}

static void
what_our_caller_ignores_is_ignored(void **state)
{
	(void)state;
	assert_int_equal(in_child(ignored_ones), 0);
}

static void
no_time(void)
{
	if (hurry_now() != HURRY_NONE)
		_exit(1);
	hurry_begin(&(struct outcome){.exit_code = 7}, 20);
	if (hurry_now() != HURRY_NONE)
		_exit(2);
	usleep(30000);
	if (hurry_now() != HURRY_TIME)
		_exit(3);
	hurry_end();
	_exit(hurry_now() == HURRY_NONE ? 0 : 4);
}

static void
the_time_ends_and_then_there_is_no_hurry(void **state)
{
	(void)state;
	assert_int_equal(in_child(no_time), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_second_leaves_as_the_command_did),
	    cmocka_unit_test(a_signal_that_waits_is_the_first),
	    cmocka_unit_test(what_our_caller_ignores_is_ignored),
	    cmocka_unit_test(the_time_ends_and_then_there_is_no_hurry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
