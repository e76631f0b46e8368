/* SPDX-License-Identifier: MIT */
/* test_git.c - the state of the code, asked of a real git */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <sys/wait.h>

#include "stage/git.h"
#include "temp.h"

/* A repository with one commit of one file; NULL: no git here. */
static char *
repository(void)
{
	static const char script[] =
	    "git init -q -b trunk . && git config user.name n && "
	    "git config user.email e && git config commit.gpgsign false && "
	    "git add f && git commit -q -m m && git remote add origin "
	    "https://user:secret@host.example/r.git";
	char *dir = temp_dir();
	int status;
	pid_t pid;

	temp_put(dir, "f", "1");
	pid = fork();
	if (!pid) {
		if (!chdir(dir))
			execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	if (status)
		temp_free(&dir);
	return dir;
}

static void
ask(const char *dir, int ms, struct git_state *ret)
{
	struct git_probe g;

	git_begin(&g, dir);
	git_wait(&g, ms);
	git_finish(&g, ret);
}

static void
commit_branch_and_remote_are_told(void **state)
{
	cleanup_temp char *dir = repository();
	struct git_state s;

	(void)state;
	if (!dir)
		skip();
	ask(dir, 5000, &s);
	assert_true(s.known);
	assert_false(s.dirty);
	assert_int_equal(strspn(s.commit, "0123456789abcdef"), 40);
	assert_string_equal(s.branch, "trunk");
	assert_string_equal(s.repo_url, "https://host.example/r.git");
	git_state_free(&s);
}

static void
what_comes_late_is_still_read(void **state)
{
	cleanup_temp char *dir = repository();
	struct git_state s;

	(void)state;
	if (!dir)
		skip();
	ask(dir, 0, &s);
	assert_true(s.known);
	git_state_free(&s);
}

static void
changes_make_it_dirty_and_new_files_do_not(void **state)
{
	cleanup_temp char *dir = repository();
	cleanup_free char *sub = fs_join(dir, "sub");
	struct git_state s;

	(void)state;
	if (!dir)
		skip();
	temp_put(dir, "sub/new", "x");
	ask(sub, 5000, &s);
	assert_true(s.known);
	assert_false(s.dirty);
	git_state_free(&s);
	temp_put(dir, "f", "22");
	ask(sub, 5000, &s);
	assert_true(s.dirty);
	git_state_free(&s);
}

static void
without_a_repository_nothing_is_known(void **state)
{
	cleanup_temp char *dir = temp_dir();
	struct git_state s;

	(void)state;
	unsetenv("GIT_DIR");
	ask(dir, 1000, &s);
	assert_false(s.known);
	assert_null(s.commit);
	git_state_free(&s);
	temp_put(dir, ".git/HEAD", "broken");
	ask(dir, 5000, &s);
	assert_false(s.known);
	git_state_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commit_branch_and_remote_are_told),
	    cmocka_unit_test(what_comes_late_is_still_read),
	    cmocka_unit_test(changes_make_it_dirty_and_new_files_do_not),
	    cmocka_unit_test(without_a_repository_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
