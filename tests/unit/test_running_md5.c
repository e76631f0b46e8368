/* SPDX-License-Identifier: MIT */
/* test_running_md5.c - a sum over pieces that come twice, or not at all */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/enc.h"
#include "store/running_md5.h"

static const char text[] = "message digest"; /* of RFC 1321 */

struct piece {
	off_t at;
	size_t len;
};

/* The sum in hex of these pieces of the text; "": unknown. */
static void
sum_of(const struct piece *pieces, size_t n, struct buf *to)
{
	struct running_md5 r;
	unsigned char hash[32];

	running_md5_init(&r);
	for (size_t i = 0; i < n; i++)
		running_md5_add(&r, pieces[i].at, text + pieces[i].at,
		                pieces[i].len);
	if (running_md5_end(&r, (off_t)strlen(text), hash))
		enc_hex(to, hash, 16);
	running_md5_free(&r);
}

static void
pieces_count_once(void **state)
{
	static const char want[] = "f96b697d7cb7938d525a2f31aaf161d0";
	static const struct {
		struct piece pieces[4];
		size_t n;
		const char *want;
	} rows[] = {
	    {{{0, 14}}, 1, want},
	    {{{0, 5}, {5, 9}}, 2, want},
	    {{{0, 5}, {0, 14}}, 2, want},        /* all again */
	    {{{0, 9}, {5, 4}, {5, 9}}, 3, want}, /* from the middle on */
	    {{{0, 14}, {3, 2}}, 2, want},        /* a late one */
	    {{{0, 5}, {6, 8}}, 2, ""},           /* a hole */
	    {{{0, 5}, {6, 8}, {0, 14}}, 3, ""},  /* and it stays one */
	    {{{0, 5}}, 1, ""},                   /* not all of it */
	    {{{0, 0}}, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf got = BUF_INIT;

		sum_of(rows[i].pieces, rows[i].n, &got);
		if (strcmp(got.s, rows[i].want) != 0)
			fail_msg("row %zu: '%s'", i, got.s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_count_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
