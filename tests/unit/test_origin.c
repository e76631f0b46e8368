/* SPDX-License-Identifier: MIT */
/* test_origin.c - whether the process that began a run is still there */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "stage/origin.h"
#include "temp.h"

/* Our own tag with its word 'n' replaced. */
static char *
tag_with(int n, const char *word)
{
	cleanup_buf struct buf tag = BUF_INIT;
	cleanup_buf struct buf ret = BUF_INIT;
	const char *at;

	origin_tell(&tag);
	at = tag.s;
	for (int i = 0; *at; i++) {
		int len = (int)strcspn(at, " ");

		buf_addf(&ret, "%s%.*s", i ? " " : "",
		         i == n ? (int)strlen(word) : len, i == n ? word : at);
		at += len;
		at += *at == ' ';
	}
	return buf_detach(&ret);
}

static void
we_are_alive(void **state)
{
	cleanup_buf struct buf tag = BUF_INIT;

	(void)state;
	origin_tell(&tag);
	assert_int_equal(origin_state(tag.s), ORIGIN_ALIVE);
}

static void
a_child_that_has_ended_is_gone(void **state)
{
	cleanup_buf struct buf tag = BUF_INIT;
	char text[256] = "";
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		origin_tell(&tag);
		_exit(write(ends[1], tag.s, tag.len) < 0);
	}
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(origin_state(text), ORIGIN_GONE);
}

static void
each_word_counts(void **state)
{
	static const struct {
		int word;
		const char *text;
		enum origin_state want;
	} cases[] = {
	    {0, "1", ORIGIN_GONE},       /* another process */
	    {1, "1", ORIGIN_GONE},       /* its number was given again */
	    {2, "another", ORIGIN_GONE}, /* a boot that is over */
	    {3, "1", ORIGIN_UNKNOWN},    /* a container */
	    {4, "1", ORIGIN_UNKNOWN},    /* another machine of this name */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_free char *tag = tag_with(cases[i].word, cases[i].text);

		assert_int_equal(origin_state(tag), cases[i].want);
	}
	assert_int_equal(origin_state(""), ORIGIN_UNKNOWN);
	assert_int_equal(origin_state("1 2 3"), ORIGIN_UNKNOWN);
	assert_int_equal(origin_state("1 2 3 4 5 6"), ORIGIN_UNKNOWN);
}

static void
an_earlier_boot_was_over_when_this_one_began(void **state)
{
	cleanup_free char *then = tag_with(2, "another");
	cleanup_free char *now = tag_with(0, "1");

	(void)state;
	assert_true(origin_end_ms(then) < clock_now_ms());
	assert_true(origin_end_ms(now) >= clock_now_ms() - 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(we_are_alive),
	    cmocka_unit_test(a_child_that_has_ended_is_gone),
	    cmocka_unit_test(each_word_counts),
	    cmocka_unit_test(an_earlier_boot_was_over_when_this_one_began),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
