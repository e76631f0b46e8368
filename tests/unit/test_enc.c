/* SPDX-License-Identifier: MIT */
/* test_enc.c - bytes as text, hostile ones above all */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/enc.h"

static void
utf8_follows_the_standard(void **state)
{
	/* A sequence and its length in bytes, 0: not UTF-8. */
	static const struct {
		const char *s;
		size_t len, want;
	} rows[] = {
	    {"a", 1, 1},
	    {"", 1, 1}, /* NUL is a code point */
	    {"\xc3\xa9", 2, 2},
	    {"\xe2\x82\xac", 3, 3},
	    {"\xf0\x9f\x98\x80", 4, 4},
	    {"\xf4\x8f\xbf\xbf", 4, 4}, /* U+10FFFF, the last one */
	    {"\xef\xbf\xbf", 3, 3},
	    {"\xc3\xa9", 1, 0}, /* cut */
	    {"\xe2\x82\xac", 2, 0},
	    {"\xf0\x9f\x98\x80", 3, 0},
	    {"\x80", 1, 0}, /* continuation alone */
	    {"\xbf\x80", 2, 0},
	    {"\xc0\xaf", 2, 0}, /* overlong '/' */
	    {"\xc1\xbf", 2, 0},
	    {"\xe0\x80\xaf", 3, 0},
	    {"\xe0\x9f\xbf", 3, 0},
	    {"\xf0\x80\x80\xaf", 4, 0},
	    {"\xf0\x8f\xbf\xbf", 4, 0},
	    {"\xed\xa0\x80", 3, 0}, /* surrogates */
	    {"\xed\xbf\xbf", 3, 0},
	    {"\xf4\x90\x80\x80", 4, 0}, /* above U+10FFFF */
	    {"\xf5\x80\x80\x80", 4, 0},
	    {"\xfe", 1, 0},
	    {"\xff", 1, 0},
	    {"\xc3\x28", 2, 0},
	    {"\xe2\x28\xa1", 3, 0},
	    {"\xe2\x82\x28", 3, 0},
	    {"\xf0\x9f\x98\x28", 4, 0},
	    {"", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (enc_utf8_len(rows[i].s, rows[i].len) != rows[i].want)
			fail_msg("row %zu", i);
}

static void
printable_cannot_drive_a_terminal(void **state)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
	    {"plain text", "plain text"},
	    {"caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac"},
	    {"a\nb\tc\r", "a\\x0ab\\x09c\\x0d"},
	    {"\x1b[31mred", "\\x1b[31mred"},
	    {"\x7f", "\\x7f"},
	    {"\xc2\x9b"
	     "31m",
	     "\\xc2\\x9b31m"},        /* CSI as one code point */
	    {"\xc2\xa0", "\xc2\xa0"}, /* the first that is no control */
	    {"caf\xe9.csv", "caf\\xe9.csv"},
	    {"\xe2\x82", "\\xe2\\x82"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		enc_printable(&b, rows[i].in, strlen(rows[i].in));
		assert_string_equal(b.s, rows[i].want);
	}
}

static void
hex_is_lower_case(void **state)
{
	cleanup_buf struct buf b = BUF_INIT;

	(void)state;
	enc_hex(&b, "\x00\x1f\xff", 3);
	assert_string_equal(b.s, "001fff");
}

static void
shell_quotes_what_a_shell_would_read(void **state)
{
	static const char *const rows[][2] = {
	    {"plain-1.0_x/y", "plain-1.0_x/y"},
	    {"a=b,c:d+e@f%g", "a=b,c:d+e@f%g"},
	    {"", "''"},
	    {"two words", "'two words'"},
	    {"it's", "'it'\\''s'"},
	    {"$HOME", "'$HOME'"},
	    {"a;b", "'a;b'"},
	    {"~", "'~'"},
	    {"*", "'*'"},
	    {"caf\xc3\xa9", "'caf\xc3\xa9'"},
	    {"a\nb", "'a\nb'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		enc_shell(&b, rows[i][0]);
		assert_string_equal(b.s, rows[i][1]);
	}
}

static void
percent_there_and_back(void **state)
{
	cleanup_buf struct buf there = BUF_INIT;
	cleanup_buf struct buf back = BUF_INIT;
	char all[256];

	(void)state;
	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	enc_percent(&there, all, "/");
	for (size_t i = 0; i < there.len; i++)
		assert_true(there.s[i] > ' ' && there.s[i] < 0x7f);
	enc_unpercent(&back, there.s);
	assert_string_equal(back.s, all);
}

static void
unpercent_leaves_what_is_no_escape(void **state)
{
	static const char *const rows[][2] = {
	    {"%41%4a%4A", "AJJ"},
	    {"100%", "100%"},
	    {"%4", "%4"},
	    {"%zz", "%zz"},
	    {"%4g", "%4g"},
	    {"%%41", "%A"},
	    {"%\x10\x11", "%\x10\x11"}, /* no digits, if 0x20 is or'ed */
	    {"%@A", "%@A"},
	    {"%\xb1"
	     "1",
	     "%\xb1"
	     "1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		enc_unpercent(&b, rows[i][0]);
		assert_string_equal(b.s, rows[i][1]);
	}
}

/* The vectors of RFC 4648, and the two digits that are no letters. */
static void
base64_pads(void **state)
{
	static const char *const rows[][2] = {
	    {"", ""},
	    {"f", "Zg=="},
	    {"fo", "Zm8="},
	    {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="},
	    {"fooba", "Zm9vYmE="},
	    {"foobar", "Zm9vYmFy"},
	    {"\xff\xfe\xfd", "//79"},
	    {"\xfb\xff", "+/8="},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		enc_base64(&b, rows[i][0], strlen(rows[i][0]));
		assert_string_equal(b.s, rows[i][1]);
		buf_reset(&b);
		assert_int_equal(enc_unbase64(&b, rows[i][1]), 0);
		assert_string_equal(b.s, rows[i][0]);
	}
}

static void
what_is_no_base64_gives_nothing(void **state)
{
	static const char *const rows[] = {
	    "Z",    "Zg",   "Zg=",   "Zg==Zg==", "Z===",     "Zm9\n",
	    "====", "Zm-v", "Zm9v=", " Zm9",     "Zm9v Zm9",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		buf_adds(&b, "x");
		if (!enc_unbase64(&b, rows[i]))
			fail_msg("row %zu", i);
		assert_string_equal(b.s, "x");
	}
}

static void
base64url_has_neither_pads_nor_slashes(void **state)
{
	cleanup_buf struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "=/");
	enc_base64url(&b, "\xfb\xff", 2);
	assert_string_equal(b.s, "=/-_8");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base64_pads),
	    cmocka_unit_test(what_is_no_base64_gives_nothing),
	    cmocka_unit_test(base64url_has_neither_pads_nor_slashes),
	    cmocka_unit_test(utf8_follows_the_standard),
	    cmocka_unit_test(printable_cannot_drive_a_terminal),
	    cmocka_unit_test(hex_is_lower_case),
	    cmocka_unit_test(shell_quotes_what_a_shell_would_read),
	    cmocka_unit_test(percent_there_and_back),
	    cmocka_unit_test(unpercent_leaves_what_is_no_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
