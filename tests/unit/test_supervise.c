/* SPDX-License-Identifier: MIT */
/* test_supervise.c - CMD runs, signals pass once, the end is told as it was */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "stage/outcome.h"
#include "stage/supervise.h"
#include "temp.h"

/* What the supervising process, a child of the test, has to tell. */
struct told {
	struct outcome outcome;
	int failed;
	int sys;
};

static struct told *told;

static int
set_up(void **state)
{
	(void)state;
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
	            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return told == MAP_FAILED;
}

/* Supervising changes the process, so one of its own does it. */
static pid_t
begin(const char *const *cmd, bool own_group)
{
	char *const *argv;
	char name[] = "test";
	char *main_argv[] = {name, NULL};
	struct supervise s;
	struct err err = ERR_INIT;
	pid_t pid;

	memset(told, 0, sizeof(*told));
	pid = fork();
	if (pid)
		return pid;
	alarm(20);
	if (own_group)
		setpgid(0, 0);
	memcpy(&argv, &cmd, sizeof(argv));
	supervise_begin(&s, 1, main_argv);
	if (supervise_start(&s, argv, environ, &err)) {
		told->failed = 1;
		told->sys = err.sys;
		canary_stop(&s.canary);
		_exit(0);
	}
	supervise_wait(&s, &told->outcome);
	_exit(0);
}

static void
finish(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define RUN(...) finish(begin((const char *const[]){__VA_ARGS__, NULL}, false))

static void
the_exit_status_is_the_commands(void **state)
{
	(void)state;
	RUN("true");
	assert_int_equal(told->outcome.exit_code, 0);
	assert_int_equal(told->outcome.signal, 0);
	assert_int_equal(outcome_status(&told->outcome), RUN_FINISHED);
	RUN("sh", "-c", "exit 255");
	assert_int_equal(told->outcome.exit_code, 255);
	assert_int_equal(outcome_status(&told->outcome), RUN_FAILED);
}

static void
death_by_a_signal_is_told(void **state)
{
	(void)state;
	RUN("sh", "-c", "kill -TERM $$");
	assert_int_equal(told->outcome.signal, SIGTERM);
	assert_int_equal(told->outcome.exit_code, -1);
	assert_int_equal(outcome_status(&told->outcome), RUN_KILLED);
	RUN("sh", "-c", "kill -KILL $$");
	assert_int_equal(told->outcome.signal, SIGKILL);
}

static void
an_unknown_end_counts_as_killed(void **state)
{
	const struct outcome o = {.unknown = true};

	(void)state;
	assert_int_equal(outcome_status(&o), RUN_KILLED);
}

static void
what_cannot_be_executed_is_told(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *plain = temp_file(dir, "plain", "x");

	(void)state;
	RUN("/none/such");
	assert_int_equal(told->failed, 1);
	assert_int_equal(told->sys, ENOENT);
	RUN("no-such-command-anywhere");
	assert_int_equal(told->sys, ENOENT);
	RUN(plain);
	assert_int_equal(told->sys, EACCES);
}

static void
usage_and_times_are_measured(void **state)
{
	(void)state;
	RUN("sh", "-c",
	    "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done;"
	    " sleep 0.05");
	assert_true(told->outcome.wall_ns >= 50000000);
	assert_true(told->outcome.user_seconds > 0);
	assert_true(told->outcome.max_rss > 100000);
	assert_true(told->outcome.end_time >= told->outcome.start_time + 50);
}

static void
stragglers_of_the_session_are_waited_for(void **state)
{
	(void)state;
	RUN("sh", "-c", "sleep 0.3 & exit 0");
	assert_int_equal(told->outcome.survivors, 0);
	assert_true(told->outcome.wall_ns < 300000000);
	/* Those that left it are daemons: counted, not waited for. */
	RUN("sh", "-c", "setsid sleep 3 & sleep 0.1");
	assert_int_equal(told->outcome.survivors, 1);
}

static const char *
line_end(const char *text, const char *key)
{
	const char *line = strstr(text, key);

	if (!line)
		fail_msg("no %s", key);
	return line + strcspn(line, "\n");
}

static void
the_mask_and_ignored_signals_are_the_callers(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *command =
	    mem_printf("grep -E '^Sig(Blk|Ign)' /proc/self/status > %s/sig",
	               dir);
	cleanup_free char *ours = temp_read("/proc/self", "status");
	cleanup_free char *theirs = NULL;
	static const char *const keys[] = {"SigBlk:", "SigIgn:"};

	(void)state;
	RUN("sh", "-c", command);
	theirs = temp_read(dir, "sig");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *a = line_end(ours, keys[i]);
		const char *b = line_end(theirs, keys[i]);

		/* 28 signals in 7 digits; libc's own are behind them. */
		assert_memory_equal(a - 7, b - 7, 7);
	}
}

/* A command that notes each SIGUSR1 in 'log', ready when it is there. */
static char *
counting(const char *dir)
{
	return mem_printf("trap 'echo x >>%s/log' USR1; : >%s/ready; i=0;"
	                  " while [ $i -lt 40 ]; do sleep 0.01; i=$((i+1));"
	                  " done",
	                  dir, dir);
}

static size_t
signals_noted(bool whole_group)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *command = counting(dir);
	cleanup_free char *ready = fs_join(dir, "ready");
	cleanup_free char *log = temp_file(dir, "log", "");
	cleanup_free char *text = NULL;
	pid_t pid =
	    begin((const char *const[]){"sh", "-c", command, NULL}, true);

	for (int i = 0; i < 1000 && !fs_exists(ready); i++)
		usleep(5000);
	usleep(20000);
	kill(whole_group ? -pid : pid, SIGUSR1);
	finish(pid);
	text = temp_read(dir, "log");
	assert_non_null(log);
	return strlen(text) / 2;
}

static void
a_signal_for_us_reaches_the_command_once(void **state)
{
	(void)state;
	assert_int_equal(signals_noted(false), 1);
}

static void
a_signal_for_the_group_is_not_doubled(void **state)
{
	(void)state;
	assert_int_equal(signals_noted(true), 1);
}

static int
leave_with(const struct outcome *o)
{
	struct supervise s = {.pid = 0};
	int status;
	pid_t pid = fork();

	if (!pid)
		supervise_leave(&s, o);
	waitpid(pid, &status, 0);
	return status;
}

static void
we_leave_as_the_command_did(void **state)
{
	const struct outcome seven = {.exit_code = 7};
	const struct outcome term = {.signal = SIGTERM};
	const struct outcome segv = {.signal = SIGSEGV};
	int status;

	(void)state;
	assert_int_equal(WEXITSTATUS(leave_with(&seven)), 7);
	status = leave_with(&term);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	status = leave_with(&segv);
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_false(WCOREDUMP(status));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_exit_status_is_the_commands),
	    cmocka_unit_test(death_by_a_signal_is_told),
	    cmocka_unit_test(an_unknown_end_counts_as_killed),
	    cmocka_unit_test(what_cannot_be_executed_is_told),
	    cmocka_unit_test(usage_and_times_are_measured),
	    cmocka_unit_test(stragglers_of_the_session_are_waited_for),
	    cmocka_unit_test(the_mask_and_ignored_signals_are_the_callers),
	    cmocka_unit_test(a_signal_for_us_reaches_the_command_once),
	    cmocka_unit_test(a_signal_for_the_group_is_not_doubled),
	    cmocka_unit_test(we_leave_as_the_command_did),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
