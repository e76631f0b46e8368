/* SPDX-License-Identifier: MIT */
/* test_stow.c - what is sent later is what was there when CMD ended */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/strv.h"
#include "model/manifest.h"
#include "stage/spool.h"
#include "stage/spool_notes.h"
#include "stage/stow.h"
#include "temp.h"

struct around {
	char *dir;
	struct spool spool;
	struct strv problems;
};

static void
set_up(struct around *a)
{
	struct err err = ERR_INIT;

	*a = (struct around){.dir = temp_dir()};
	setenv("KMLFLOW_SPOOL_DIR", a->dir, 1);
	assert_int_equal(spool_create("/", "0123456789abcdef0123456789abcdef",
	                              &a->spool, &err),
	                 0);
}

static void
tear_down(struct around *a)
{
	spool_close(&a->spool);
	strv_free(&a->problems);
	temp_free(&a->dir);
}

#define cleanup_around __attribute__((cleanup(tear_down)))

static void
write_manifest(struct around *a, const char *const *names, size_t n)
{
	cleanup_free char *path = spool_path(&a->spool, "manifest");
	struct manifest_writer w;
	struct err err = ERR_INIT;

	assert_int_equal(manifest_create(path, &w, &err), 0);
	for (size_t i = 0; i < n; i++) {
		cleanup_entry struct manifest_entry e = {
		    .path = fs_join(a->dir, names[i]),
		    .key = mem_dup(names[i]),
		};

		assert_int_equal(manifest_add(&w, &e, &err), 0);
	}
	assert_int_equal(manifest_commit(&w, &err), 0);
	manifest_abandon(&w);
}

/* What would be sent for a line of the manifest; NULL: the file itself. */
static char *
source_of(struct around *a, int number)
{
	struct manifest_entry e = {.source = NULL};

	stow_source(&a->spool, number, &e);
	return e.source;
}

static void
assert_holds(const char *path, const char *want)
{
	cleanup_free char *text = temp_read("/", path);

	assert_string_equal(text, want);
}

static void
a_later_write_is_not_what_is_sent(void **state)
{
	static const char *const names[] = {"a", "b"};
	cleanup_around struct around a;
	cleanup_free char *source = NULL;
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	set_up(&a);
	temp_put(a.dir, "a", "first");
	temp_put(a.dir, "b", "");
	write_manifest(&a, names, 2);
	stow(&a.spool, &a.problems);
	temp_put(a.dir, "a", "second");
	/* Called again it keeps what it has. */
	stow(&a.spool, &a.problems);
	assert_int_equal(a.problems.n, 0);
	source = source_of(&a, 1);
	assert_non_null(source);
	assert_int_equal(fs_read(source, 100, &text, &err), 0);
	assert_string_equal(text.s, "first");
}

/* A copy that may be no more than a name is made again, once. */
static void
copies_that_did_not_reach_the_disk(void **state)
{
	static const char *const names[] = {"a", "b"};
	cleanup_around struct around a;
	cleanup_free char *done = NULL;
	cleanup_free char *first = NULL;
	cleanup_free char *second = NULL;

	(void)state;
	set_up(&a);
	temp_put(a.dir, "a", "1");
	temp_put(a.dir, "b", "2");
	write_manifest(&a, names, 2);
	stow(&a.spool, &a.problems);
	first = source_of(&a, 1);
	second = source_of(&a, 2);
	done = spool_path(&a.spool, "done");
	temp_put("/", done, "boot:x\nstowed:1\nsynced\nstowed:2\nartifact:9\n");
	temp_put("/", first, "of old");
	temp_put("/", second, "");
	stow(&a.spool, &a.problems);
	assert_holds(first, "of old");
	assert_holds(second, "2");
}

static void
what_is_published_is_not_kept(void **state)
{
	static const char *const names[] = {"a", "b"};
	cleanup_around struct around a;
	cleanup_free char *source = NULL;
	struct err err = ERR_INIT;

	(void)state;
	set_up(&a);
	temp_put(a.dir, "a", "x");
	temp_put(a.dir, "b", "x");
	write_manifest(&a, names, 2);
	assert_int_equal(spool_mark_done(&a.spool, "artifact:1", &err), 0);
	stow(&a.spool, &a.problems);
	assert_null(source_of(&a, 1));
	source = source_of(&a, 2);
	assert_non_null(source);
}

static void
what_cannot_be_kept_is_said_and_the_rest_is_kept(void **state)
{
	static const char *const names[] = {"missing", "b"};
	cleanup_around struct around a;
	cleanup_free char *source = NULL;

	(void)state;
	set_up(&a);
	temp_put(a.dir, "b", "x");
	write_manifest(&a, names, 2);
	stow(&a.spool, &a.problems);
	assert_int_equal(a.problems.n, 1);
	assert_non_null(strstr(a.problems.v[0], "missing"));
	source = source_of(&a, 2);
	assert_non_null(source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_later_write_is_not_what_is_sent),
	    cmocka_unit_test(copies_that_did_not_reach_the_disk),
	    cmocka_unit_test(what_is_published_is_not_kept),
	    cmocka_unit_test(what_cannot_be_kept_is_said_and_the_rest_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
