/* SPDX-License-Identifier: MIT */
/* test_buf.c - bytes that grow, and memory that is never NULL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"

static void
is_a_string_from_the_start(void **state)
{
	cleanup_buf struct buf b = BUF_INIT;

	(void)state;
	assert_string_equal(b.s, "");
	buf_reset(&b);
	buf_cut(&b, 7);
	buf_add(&b, "x", 0);
	assert_string_equal(b.s, "");
	assert_int_equal(b.cap, 0);
}

static void
grows_and_keeps_what_is_there(void **state)
{
	cleanup_buf struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_addf(&b, "%04d", i);
	assert_int_equal(b.len, 40000);
	assert_int_equal(strlen(b.s), 40000);
	assert_memory_equal(b.s + 4 * 1234, "1234", 4);
	buf_cut(&b, 4);
	assert_string_equal(b.s, "0000");
	buf_cut(&b, 9);
	assert_int_equal(b.len, 4);
}

static void
holds_any_byte(void **state)
{
	cleanup_buf struct buf b = BUF_INIT;

	(void)state;
	buf_addc(&b, '\0');
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.s, "\0a\0b", 5);
}

static void
detach_hands_over(void **state)
{
	struct buf b = BUF_INIT;
	cleanup_free char *empty = buf_detach(&b);
	cleanup_free char *full = NULL;

	(void)state;
	assert_string_equal(empty, "");
	assert_ptr_not_equal(empty, buf_empty);
	buf_adds(&b, "text");
	full = buf_detach(&b);
	assert_string_equal(full, "text");
	assert_string_equal(b.s, "");
	assert_int_equal(b.len, 0);
	buf_free(&b);
	buf_free(&b);
}

static void
reserve_leaves_room(void **state)
{
	cleanup_buf struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "ab");
	buf_reserve(&b, 100000);
	assert_true(b.cap > 100002);
	assert_string_equal(b.s, "ab");
}

static void
stealing_leaves_nothing_behind(void **state)
{
	char *p = mem_dup("x");
	char *q = mem_steal(&p);
	int fd = 5;

	(void)state;
	assert_null(p);
	assert_string_equal(q, "x");
	assert_int_equal(fd_steal(&fd), 5);
	assert_int_equal(fd, -1);
	mem_replace(&q, mem_ndup("yz", 1));
	assert_string_equal(q, "y");
	mem_free_ptr(&q);
	assert_null(q);
	mem_free_ptr(&q);
	assert_null(mem_dup(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_a_string_from_the_start),
	    cmocka_unit_test(grows_and_keeps_what_is_there),
	    cmocka_unit_test(holds_any_byte),
	    cmocka_unit_test(detach_hands_over),
	    cmocka_unit_test(reserve_leaves_room),
	    cmocka_unit_test(stealing_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
