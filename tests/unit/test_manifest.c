/* SPDX-License-Identifier: MIT */
/* test_manifest.c - what was captured, one line a file */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "model/manifest.h"
#include "temp.h"

static const char name[] = "/p/a\"b\n\x01 caf\xe9.csv";

static void
write_two(const char *path)
{
	struct manifest_writer w;
	struct err err = ERR_INIT;
	char *copy = mem_dup(name);
	char *key = mem_dup("out/a.csv");
	char *why = mem_dup("a FIFO, not a file");
	const struct manifest_entry first = {
	    .fate = FATE_ARTIFACT,
	    .seen = SEEN_EVENT,
	    .path = copy,
	    .source = copy,
	    .key = key,
	    .run_id = key,
	    .dataset = key,
	    .program = copy,
	    .pid = 4242,
	    .size = INT64_C(5000000000),
	};
	const struct manifest_entry second = {
	    .fate = FATE_SKIPPED,
	    .seen = SEEN_STAT,
	    .path = key,
	    .reason = why,
	};
	const struct manifest_entry third = {
	    .fate = FATE_MISSING,
	    .path = key,
	};

	assert_ok(manifest_create(path, &w, &err));
	assert_ok(manifest_add(&w, &first, &err));
	assert_ok(manifest_add(&w, &second, &err));
	assert_ok(manifest_add(&w, &third, &err));
	assert_false(fs_exists(path)); /* not before it is whole */
	assert_ok(manifest_commit(&w, &err));
	assert_true(fs_exists(path));
	manifest_abandon(&w);
	free(copy);
	free(key);
	free(why);
}

static void
there_and_back(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *path = fs_join(dir, "manifest");
	cleanup_manifest struct manifest_reader r = {.file = NULL};
	cleanup_entry struct manifest_entry e = {.path = NULL};
	struct err err = ERR_INIT;

	(void)state;
	write_two(path);
	assert_true(fs_exists(path));
	assert_ok(manifest_open(path, &r, &err));
	assert_int_equal(manifest_next(&r, &e, &err), 1);
	assert_int_equal(r.number, 1);
	assert_int_equal(e.fate, FATE_ARTIFACT);
	assert_int_equal(e.seen, SEEN_EVENT);
	assert_string_equal(e.path, name);
	assert_string_equal(e.source, name);
	assert_string_equal(e.key, "out/a.csv");
	assert_string_equal(e.program, name);
	assert_int_equal(e.pid, 4242);
	assert_true(e.size == INT64_C(5000000000));
	manifest_entry_free(&e);
	assert_int_equal(manifest_next(&r, &e, &err), 1);
	assert_int_equal(e.fate, FATE_SKIPPED);
	assert_int_equal(e.seen, SEEN_STAT);
	assert_string_equal(e.reason, "a FIFO, not a file");
	assert_null(e.key);
	assert_null(e.source);
	manifest_entry_free(&e);
	assert_int_equal(manifest_next(&r, &e, &err), 1);
	assert_int_equal(e.fate, FATE_MISSING);
	manifest_entry_free(&e);
	assert_int_equal(manifest_next(&r, &e, &err), 0);
	assert_int_equal(manifest_next(&r, &e, &err), 0);
}

static void
nothing_is_left_of_an_abandoned_one(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *path = fs_join(dir, "manifest");
	struct manifest_writer w;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(manifest_create(path, &w, &err));
	manifest_abandon(&w);
	assert_false(fs_exists(path));
	assert_int_equal(rmdir(dir), 0); /* it is empty */
}

static void
places_that_cannot_be_written_are_told(void **state)
{
	struct manifest_writer w;
	struct manifest_reader r;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(manifest_create("/none/such/m", &w, &err), -1);
	assert_int_equal(err.sys, ENOENT);
	assert_int_equal(manifest_open("/none/such/m", &r, &err), -1);
	assert_int_equal(err.sys, ENOENT);
}

static void
broken_lines_are_told(void **state)
{
	static const char good[] = "{\"fate\":\"missing\",\"path\":\"/p\"}\n";
	static const char *const bad[] = {
	    "{\"fate\":\"artifact\",\"path\":\"/p\",\"art", /* torn */
	    "\n",
	    "x\n",
	    "{}\n",
	    "{\"fate\":\"odd\",\"path\":\"/p\"}\n",
	    "{\"fate\":\"artifact\",\"path\":\"/p\"}\n",
	    "{\"fate\":\"missing\"}\n",
	    "[\"fate\"]\n",
	};
	cleanup_temp char *dir = temp_dir();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup_free char *text = mem_printf("%s%s", good, bad[i]);
		cleanup_free char *path = temp_file(dir, "manifest", text);
		cleanup_manifest struct manifest_reader r = {.file = NULL};
		cleanup_entry struct manifest_entry e = {.path = NULL};
		struct err err = ERR_INIT;

		assert_ok(manifest_open(path, &r, &err));
		assert_int_equal(manifest_next(&r, &e, &err), 1);
		manifest_entry_free(&e);
		if (manifest_next(&r, &e, &err) != -1)
			fail_msg("row %zu was taken", i);
		assert_int_equal(err.kind, ERR_FORMAT);
		assert_non_null(strstr(err.msg, "line 2"));
		assert_null(e.path);
	}
}

static void
a_line_without_end_has_a_limit(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_free char *path = NULL;
	cleanup_manifest struct manifest_reader r = {.file = NULL};
	cleanup_entry struct manifest_entry e = {.path = NULL};
	struct err err = ERR_INIT;

	(void)state;
	buf_adds(&text, "{\"fate\":\"missing\",\"path\":\"/");
	while (text.len < 2 << 20)
		buf_adds(&text, "0123456789abcdef");
	buf_adds(&text, "\"}\n");
	path = temp_file(dir, "manifest", text.s);
	assert_ok(manifest_open(path, &r, &err));
	assert_int_equal(manifest_next(&r, &e, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(nothing_is_left_of_an_abandoned_one),
	    cmocka_unit_test(places_that_cannot_be_written_are_told),
	    cmocka_unit_test(broken_lines_are_told),
	    cmocka_unit_test(a_line_without_end_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
