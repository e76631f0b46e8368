/* SPDX-License-Identifier: MIT */
/* test_spool.c - a run's directory: made, locked, opened again, removed */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "stage/outcome.h"
#include "stage/spool.h"
#include "stage/spool_list.h"
#include "temp.h"

static const char id[] = "0123456789abcdef0123456789abcdef";

/* A spool below 'dir', as an exec makes it. */
static struct spool
make(const char *dir)
{
	struct spool s;
	struct err err = ERR_INIT;

	setenv("KMLFLOW_SPOOL_DIR", dir, 1);
	assert_ok(spool_create("/", id, &s, &err));
	temp_put(s.dir, "run.json", "{}");
	return s;
}

static void
places_are_the_projects_and_the_users(void **state)
{
	cleanup_strv struct strv own = STRV_INIT;
	cleanup_strv struct strv all = STRV_INIT;
	cleanup_strv struct strv bare = STRV_INIT;
	cleanup_free char *last =
	    mem_printf("/t/kmlflow-%u", (unsigned)geteuid());

	(void)state;
	setenv("KMLFLOW_SPOOL_DIR", "rel", 1);
	spool_places("/p", &own);
	assert_int_equal(own.n, 1);
	assert_string_equal(own.v[0], "/p/rel");
	unsetenv("KMLFLOW_SPOOL_DIR");
	setenv("XDG_STATE_HOME", "/s", 1);
	setenv("TMPDIR", "/t", 1);
	spool_places("/p", &all);
	assert_int_equal(all.n, 3);
	assert_string_equal(all.v[0], "/p/.kmlflow");
	assert_string_equal(all.v[1], "/s/kmlflow");
	assert_string_equal(all.v[2], last);
	unsetenv("XDG_STATE_HOME");
	setenv("HOME", "/h", 1);
	unsetenv("TMPDIR");
	spool_places("/p", &bare);
	assert_string_equal(bare.v[1], "/h/.local/state/kmlflow");
	assert_int_equal(strncmp(bare.v[2], "/tmp/kmlflow-", 13), 0);
}

static void
a_new_one_is_private_and_ignored_by_git(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *place = fs_join(dir, "place");
	cleanup_free char *ignore = NULL;
	cleanup_free char *kept = NULL;
	struct spool s = make(place);
	struct stat st;

	(void)state;
	ignore = temp_read(place, ".gitignore");
	assert_string_equal(ignore, "*\n");
	assert_int_equal(stat(place, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(s.dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	kept = spool_path(&s, "kept");
	assert_true(fs_is_dir(kept));
	spool_close(&s);
	assert_null(s.dir);
}

static void
the_next_place_is_taken_where_one_refuses(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *file = temp_file(dir, "file", "x");
	cleanup_free char *state_home = fs_join(dir, "state");
	cleanup_free char *want = mem_printf("%s/state/kmlflow/%s", dir, id);
	struct spool s;
	struct err err = ERR_INIT;

	(void)state;
	unsetenv("KMLFLOW_SPOOL_DIR");
	setenv("XDG_STATE_HOME", state_home, 1);
	assert_ok(spool_create(file, id, &s, &err));
	assert_string_equal(s.dir, want);
	spool_close(&s);
	setenv("KMLFLOW_SPOOL_DIR", file, 1); /* that one or none */
	assert_int_equal(spool_create(dir, id, &s, &err), -1);
	assert_non_null(strstr(err.msg, "KMLFLOW_SPOOL_DIR"));
}

static void
one_is_worked_on_by_one(void **state)
{
	cleanup_temp char *dir = temp_dir();
	struct spool s = make(dir);
	struct spool other = SPOOL_INIT;
	struct err err = ERR_INIT;
	cleanup_free char *path = mem_dup(s.dir);

	(void)state;
	assert_int_equal(spool_open(path, &other, &err), -1);
	assert_int_equal(err.kind, ERR_RETRY);
	spool_close(&s);
	assert_ok(spool_open(path, &other, &err));
	assert_string_equal(other.dir, path);
	assert_int_equal(spool_open(path, &s, &err), -1);
	assert_int_equal(err.kind, ERR_RETRY);
	spool_close(&other);
}

static void
what_is_no_spool_is_told(void **state)
{
	cleanup_temp char *dir = temp_dir();
	struct spool s = make(dir);
	struct spool other = SPOOL_INIT;
	struct err err = ERR_INIT;
	cleanup_free char *path = mem_dup(s.dir);
	cleanup_free char *record = spool_path(&s, "run.json");
	cleanup_free char *none = fs_join(dir, "none");

	(void)state;
	spool_close(&s);
	assert_int_equal(unlink(record), 0);
	assert_int_equal(spool_open(path, &other, &err), -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
	assert_int_equal(spool_open(none, &other, &err), -1);
	assert_int_equal(err.sys, ENOENT);
	temp_put(dir, "empty/x", "");
	mem_replace(&none, fs_join(dir, "empty"));
	assert_int_equal(spool_open(none, &other, &err), -1);
	assert_int_equal(other.lock, -1);
}

static void
a_running_command_keeps_it_closed(void **state)
{
	cleanup_temp char *dir = temp_dir();
	struct spool s = make(dir);
	struct spool other = SPOOL_INIT;
	struct err err = ERR_INIT;
	cleanup_free char *path = mem_dup(s.dir);
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		execlp("sleep", "sleep", "20", (char *)NULL);
		_exit(1);
	}
	spool_note_child(&s, pid);
	spool_close(&s);
	/* Until the child has let go of the lock by its exec. */
	for (int i = 0; i < 500; i++) {
		assert_int_equal(spool_open(path, &other, &err), -1);
		if (!strstr(err.msg, "worked on"))
			break;
		usleep(10000);
	}
	assert_int_equal(err.kind, ERR_RETRY);
	assert_non_null(strstr(err.msg, "still running"));
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	/* A zombie has ended, even where nobody ever reaps it. */
	assert_ok(spool_open(path, &other, &err));
	spool_close(&other);
	waitpid(pid, NULL, 0);
	assert_ok(spool_open(path, &other, &err));
	spool_close(&other);
}

static void
a_number_that_was_used_again_is_another_process(void **state)
{
	cleanup_temp char *dir = temp_dir();
	struct spool s = make(dir);
	struct spool other = SPOOL_INIT;
	struct err err = ERR_INIT;
	cleanup_free char *path = mem_dup(s.dir);
	cleanup_free char *text = mem_printf("%d 1 boot", (int)getpid());

	(void)state;
	temp_put(s.dir, "child", text);
	spool_close(&s);
	assert_ok(spool_open(path, &other, &err));
	spool_close(&other);
}

static void
somebody_elses_is_left_alone(void **state)
{
	cleanup_temp char *dir = temp_dir();
	struct spool s = make(dir);
	struct spool other = SPOOL_INIT;
	struct err err = ERR_INIT;
	cleanup_free char *path = mem_dup(s.dir);

	(void)state;
	spool_close(&s);
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(spool_open(path, &other, &err), -1);
	assert_int_equal(err.sys, EACCES);
	assert_int_equal(chown(dir, 65534, 65534), 0);
	assert_int_equal(spool_create("/", id, &other, &err), -1);
}

static void
a_place_may_be_a_link_of_ours(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *real = fs_join(dir, "real");
	cleanup_free char *link = fs_join(dir, "link");
	struct spool s;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(mkdir(real, 0700), 0);
	assert_int_equal(symlink(real, link), 0);
	s = make(link);
	spool_close(&s);
	if (geteuid() != 0)
		return;
	assert_int_equal(lchown(link, 65534, 65534), 0);
	assert_int_equal(spool_create("/", "00000000000000000000000000000000",
	                              &s, &err),
	                 -1);
}

static void
outcomes_there_and_back(void **state)
{
	cleanup_temp char *dir = temp_dir();
	struct spool s = make(dir);
	struct err err = ERR_INIT;
	struct outcome back;
	const struct outcome o = {
	    .exit_code = -1,
	    .signal = 15,
	    .start_time = INT64_C(1700000000123),
	    .end_time = INT64_C(1700000009999),
	    .wall_ns = INT64_C(9876000001),
	    .user_seconds = 1.25,
	    .system_seconds = 0.0625,
	    .max_rss = INT64_C(6000000000),
	    .block_reads = 17,
	    .block_writes = 18,
	    .survivors = 2,
	};

	(void)state;
	assert_int_equal(spool_load_outcome(&s, &back, &err), -1);
	assert_int_equal(err.sys, ENOENT);
	assert_ok(spool_save_outcome(&s, &o, &err));
	assert_ok(spool_load_outcome(&s, &back, &err));
	assert_int_equal(back.exit_code, -1);
	assert_int_equal(back.signal, 15);
	assert_true(back.start_time == o.start_time);
	assert_true(back.end_time == o.end_time);
	assert_true(back.wall_ns == o.wall_ns);
	assert_true(back.user_seconds == 1.25);
	assert_true(back.system_seconds == 0.0625);
	assert_true(back.max_rss == o.max_rss);
	assert_int_equal(back.block_writes, 18);
	assert_int_equal(back.survivors, 2);
	assert_false(back.unknown);
	spool_close(&s);
}

static void
lists_hold_spools_alone(void **state)
{
	cleanup_temp char *dir = temp_dir();
	struct spool s = make(dir);
	cleanup_strv struct strv list = STRV_INIT;
	cleanup_strv struct strv none = STRV_INIT;
	struct err err = ERR_INIT;

	(void)state;
	temp_put(dir, "reports/x.json", "");
	temp_put(dir, "0123456789abcdef0123456789abcde/x", "");
	temp_put(dir, "0123456789abcdef0123456789abcdef0/x", "");
	temp_put(dir, "0123456789ABCDEF0123456789abcdef/x", "");
	spool_list(dir, &list);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.v[0], s.dir);
	spool_list("/none/such", &none);
	assert_int_equal(none.n, 0);
	temp_put(s.dir, "kept/a", "x");
	assert_ok(spool_remove(&s, &err));
	assert_false(fs_exists(list.v[0]));
	spool_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(places_are_the_projects_and_the_users),
	    cmocka_unit_test(a_new_one_is_private_and_ignored_by_git),
	    cmocka_unit_test(the_next_place_is_taken_where_one_refuses),
	    cmocka_unit_test(one_is_worked_on_by_one),
	    cmocka_unit_test(what_is_no_spool_is_told),
	    cmocka_unit_test(a_running_command_keeps_it_closed),
	    cmocka_unit_test(a_number_that_was_used_again_is_another_process),
	    cmocka_unit_test(somebody_elses_is_left_alone),
	    cmocka_unit_test(a_place_may_be_a_link_of_ours),
	    cmocka_unit_test(outcomes_there_and_back),
	    cmocka_unit_test(lists_hold_spools_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
