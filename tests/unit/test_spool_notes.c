/* SPDX-License-Identifier: MIT */
/* test_spool_notes.c - what is done, also after the machine went down */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/strv.h"
#include "stage/process.h"
#include "stage/spool.h"
#include "stage/spool_notes.h"
#include "temp.h"

#define ID "0123456789abcdef0123456789abcdef"

struct around {
	char *dir;
	struct spool spool;
};

static void
set_up(struct around *a)
{
	struct err err = ERR_INIT;

	*a = (struct around){.dir = temp_dir()};
	setenv("KMLFLOW_SPOOL_DIR", a->dir, 1);
	assert_ok(spool_create("/", ID, &a->spool, &err));
}

static void
tear_down(struct around *a)
{
	spool_close(&a->spool);
	temp_free(&a->dir);
}

#define cleanup_around __attribute__((cleanup(tear_down)))

/* Written by others: "B" stands for a line that says this boot. */
static void
write_notes(struct around *a, const char *text)
{
	cleanup_free char *path = spool_path(&a->spool, "done");
	cleanup_buf struct buf to = BUF_INIT;

	for (; *text; text++) {
		if (*text == 'B') {
			buf_adds(&to, "boot:");
			process_boot(&to);
		} else {
			buf_add(&to, text, 1);
		}
	}
	temp_put("/", path, to.s);
}

/* All notes that hold, with a space after each. */
static void
assert_notes(struct around *a, const char *want)
{
	cleanup_strv struct strv done = STRV_INIT;
	cleanup_buf struct buf got = BUF_INIT;
	struct err err = ERR_INIT;

	assert_ok(spool_done(&a->spool, &done, &err));
	for (size_t i = 0; i < done.n; i++)
		buf_addf(&got, "%s ", done.v[i]);
	assert_string_equal(got.len ? got.s : "", want);
}

static void
notes_are_read_back(void **state)
{
	cleanup_around struct around a;
	struct err err = ERR_INIT;

	(void)state;
	set_up(&a);
	assert_notes(&a, "");
	assert_ok(spool_mark_done(&a.spool, "artifact:1", &err));
	assert_ok(spool_mark_lines(&a.spool, "artifact:2\ndata\n", &err));
	assert_notes(&a, "artifact:1 artifact:2 data ");
}

static void
a_torn_last_line_is_not_done(void **state)
{
	cleanup_around struct around a;
	struct err err = ERR_INIT;

	(void)state;
	set_up(&a);
	write_notes(&a, "B\nartifact:1\nartifact:1");
	assert_notes(&a, "artifact:1 ");
	/* Nor does it become another one. */
	assert_ok(spool_mark_done(&a.spool, "data", &err));
	assert_notes(&a, "artifact:1 artifact:1? data ");
}

static void
notes_of_another_boot_hold_if_synchronised(void **state)
{
	static const char *const cases[][2] = {
	    {"B\na\nB\nb\n", "a b "},
	    {"boot:x\na\nsteps:r:1\n", "steps:r:1 lapsed "},
	    {"boot:x\na\nsynced\nb\n", "a lapsed "},
	    {"boot:x\na\nboot:x\nb\nsynced\n", "a b "},
	    {"boot:x\na\nB\nb\n", "b lapsed "},
	    /* What was lost is not found again by what comes later. */
	    {"boot:x\na\nB\nb\nsynced\n", "b lapsed "},
	    {"boot:x\na\nsynced\nB\nb\n", "a b "},
	    {"boot:x\nsynced\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_around struct around a;

		set_up(&a);
		write_notes(&a, cases[i][0]);
		assert_notes(&a, cases[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(notes_are_read_back),
	    cmocka_unit_test(a_torn_last_line_is_not_done),
	    cmocka_unit_test(notes_of_another_boot_hold_if_synchronised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
