/* SPDX-License-Identifier: MIT */
/* test_err.c - errors as values */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <errno.h>

#include "base/buf.h"
#include "base/err.h"

static void
set_says_what_and_gives_minus_one(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = EACCES;
	assert_int_equal(err_set(&err, ERR_USAGE, "no '%s'", "x"), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(err.sys, 0);
	assert_string_equal(err.msg, "no 'x'");
}

static void
sys_adds_the_reason_and_keeps_it(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_sys(&err, "open '%s'", "f"), -1);
	assert_int_equal(err.kind, ERR_SYS);
	assert_int_equal(err.sys, ENOENT);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(err.msg, "open 'f': No such file or directory");
}

static void
wrap_keeps_the_kind(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = ENOSPC;
	err_sys(&err, "write");
	assert_int_equal(err_wrap(&err, "'%s'", "out"), -1);
	assert_int_equal(err.kind, ERR_SYS);
	assert_int_equal(err.sys, ENOSPC);
	assert_string_equal(err.msg, "'out': write: No space left on device");
}

static void
places_have_a_line_or_none(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_at(&err, "conf/base/mlflow.yml", 7, 3, "unknown key '%s'", "k");
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_string_equal(err.msg,
	                    "conf/base/mlflow.yml:7:3: unknown key 'k'");
	err_at(&err, "f", 7, 0, "missing");
	assert_string_equal(err.msg, "f:7: missing");
	err_at(&err, "f", 0, 0, "missing");
	assert_string_equal(err.msg, "f: missing");
}

static void
long_messages_are_cut(void **state)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_addc(&text, 'x');
	err_set(&err, ERR_FORMAT, "%s", text.s);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	errno = EIO;
	err_sys(&err, "%s", text.s);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	err_wrap(&err, "%s", text.s);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	err_at(&err, text.s, 1, 1, "y");
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	err_set(&err, ERR_FORMAT, "short");
	err_wrap(&err, "%s", text.s);
	assert_true(strlen(err.msg) < sizeof(err.msg));
	text.s[sizeof(err.msg) - 2] = '\0';
	err_set(&err, ERR_FORMAT, "tail");
	err_wrap(&err, "%s", text.s);
	assert_int_equal(err.msg[sizeof(err.msg) - 2], ':');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(set_says_what_and_gives_minus_one),
	    cmocka_unit_test(sys_adds_the_reason_and_keeps_it),
	    cmocka_unit_test(wrap_keeps_the_kind),
	    cmocka_unit_test(places_have_a_line_or_none),
	    cmocka_unit_test(long_messages_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
