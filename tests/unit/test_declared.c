/* SPDX-License-Identifier: MIT */
/* test_declared.c - which paths a declaration means */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/mem.h"
#include "model/declared.h"

struct row {
	const char *pattern;
	const char *path;
	int want;
};

static void
check(enum declared_kind kind, const char *suffix, const struct row *rows,
      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct declared_list list = {.v = NULL};
		struct declared *d = declared_add(&list);

		d->kind = kind;
		d->path = mem_dup(rows[i].pattern);
		d->suffix = mem_dup(suffix);
		if (!declared_match(d, rows[i].path) != !rows[i].want)
			fail_msg("%s and %s: not %d", rows[i].pattern,
			         rows[i].path, rows[i].want);
		declared_free(&list);
	}
}

#define CHECK(kind, suffix, rows) check(kind, suffix, rows, ARRAY_LEN(rows))

static void
a_file_is_itself(void **state)
{
	static const struct row rows[] = {
	    {"/p/a.csv", "/p/a.csv", 1},   {"/p/a.csv", "/p/a.csv/x", 0},
	    {"/p/a.csv", "/p/a.cs", 0},    {"/p/a.csv", "/p/a.csv2", 0},
	    {"/p/[a].csv", "/p/a.csv", 0}, {"/p/[a].csv", "/p/[a].csv", 1},
	};

	(void)state;
	CHECK(DECLARED_FILE, NULL, rows);
}

static void
a_version_lies_between_name_and_name(void **state)
{
	static const struct row rows[] = {
	    {"/p/m.pkl", "/p/m.pkl/2024-01-01T00.00.00.000Z/m.pkl", 1},
	    {"/p/m.pkl", "/p/m.pkl/v1/m.pkl", 1},
	    {"/p/m.pkl", "/p/m.pkl", 0},
	    {"/p/m.pkl", "/p/m.pkl/m.pkl", 0},
	    {"/p/m.pkl", "/p/m.pkl/v1/other.pkl", 0},
	    {"/p/m.pkl", "/p/m.pkl/v1/sub/m.pkl", 0},
	    {"/p/m.pkl", "/p/m.pkl/v1/m.pkl/m.pkl", 0},
	    {"/p/m.pkl", "/q/m.pkl/v1/m.pkl", 0},
	};

	(void)state;
	CHECK(DECLARED_VERSIONED, NULL, rows);
}

static void
a_directory_is_all_below(void **state)
{
	static const struct row rows[] = {
	    {"/p/parts", "/p/parts/a", 1}, {"/p/parts", "/p/parts/x/y/z", 1},
	    {"/p/parts", "/p/parts", 0},   {"/p/parts", "/p/parts2/a", 0},
	    {"/p/parts", "/p/part", 0},    {"/", "/a", 1},
	};

	(void)state;
	CHECK(DECLARED_DIR, NULL, rows);
}

static void
a_suffix_narrows_a_directory(void **state)
{
	static const struct row rows[] = {
	    {"/p/parts", "/p/parts/a.csv", 1},
	    {"/p/parts", "/p/parts/x/y.csv", 1},
	    {"/p/parts", "/p/parts/.csv", 1},
	    {"/p/parts", "/p/parts/a.txt", 0},
	    {"/p/parts", "/p/parts/a.csv/b", 0},
	    {"/p/parts", "/p/parts/csv", 0},
	};

	(void)state;
	CHECK(DECLARED_DIR, ".csv", rows);
}

static void
patterns_stay_within_a_component(void **state)
{
	static const struct row rows[] = {
	    {"/p/*.csv", "/p/a.csv", 1},   {"/p/*.csv", "/p/x/a.csv", 0},
	    {"/p/*/a", "/p/x/a", 1},       {"/p/*/a", "/p/x/y/a", 0},
	    {"/p/*/a", "/p/a", 0},         {"/p/?.txt", "/p/a.txt", 1},
	    {"/p/?.txt", "/p/ab.txt", 0},  {"/p/[a-c]*", "/p/b1", 1},
	    {"/p/[!a-c]*", "/p/b1", 0},    {"/p/a\\*b", "/p/a*b", 1},
	    {"/p/a\\*b", "/p/axb", 0},     {"/p/*", "/p", 0},
	    {"/p/*", "/p/x/y", 0},         {"/p/a*z/f", "/p/a/z/f", 0},
	    {"/p/*", "/p/line\nbreak", 1}, {"/*/x", "/p/x", 1},
	};

	(void)state;
	CHECK(DECLARED_GLOB, NULL, rows);
}

static void
two_stars_cross_components(void **state)
{
	static const struct row rows[] = {
	    {"/p/**", "/p/a", 1},
	    {"/p/**", "/p/a/b/c", 1},
	    {"/p/**", "/q/a", 0},
	    {"/p/**/f", "/p/f", 1},
	    {"/p/**/f", "/p/a/f", 1},
	    {"/p/**/f", "/p/a/b/f", 1},
	    {"/p/**/f", "/p/a/b/g", 0},
	    {"/p/**/f", "/p/xf", 0},
	    {"/p/**/a/**/b", "/p/a/b", 1},
	    {"/p/**/a/**/b", "/p/a/x/a/b", 1},
	    {"/p/**/a/**/b", "/p/x/a/y/z/b", 1},
	    {"/p/**/a/**/b", "/p/b/a", 0},
	    {"/p/**/x/*.csv", "/p/x/x/a.csv", 1},
	    {"/p/**/x/*.csv", "/p/x/y/a.csv", 0},
	    {"/p/**/**/f", "/p/f", 1},
	    {"/p/a**/f", "/p/abc/f", 1}, /* no component of its own: one star */
	    {"/p/a**/f", "/p/a/b/f", 0},
	    {"/**", "/etc/x", 1},
	};

	(void)state;
	CHECK(DECLARED_GLOB, NULL, rows);
}

static void
hidden_names_are_named_or_left_out(void **state)
{
	static const struct row rows[] = {
	    {"/p/*", "/p/.h", 0},
	    {"/p/.*", "/p/.h", 1},
	    {"/p/?h", "/p/.h", 0},
	    {"/p/[.]h", "/p/.h", 0},
	    {"/p/**", "/p/.h", 0},
	    {"/p/**", "/p/.git/config", 0},
	    {"/p/**", "/p/a/.h", 0},
	    {"/p/**/f", "/p/.cache/f", 0},
	    {"/p/**/f", "/p/a/.cache/b/f", 0},
	    {"/p/**/.cache/f", "/p/a/.cache/f", 1},
	    {"/p/.cache/**", "/p/.cache/a/b", 1},
	    {"/p/.cache/**", "/p/.cache/.x/b", 0},
	    {"/p/**/.*", "/p/a/.h", 1},
	};

	(void)state;
	CHECK(DECLARED_GLOB, NULL, rows);
}

/* Time is at most the product of the lengths, whatever the pattern. */
static void
hostile_patterns_end(void **state)
{
	struct declared d = {.kind = DECLARED_GLOB};
	cleanup_free char *pattern = mem_dup("/p");
	cleanup_free char *path = mem_dup("/p");

	(void)state;
	for (int i = 0; i < 40; i++)
		mem_replace(&pattern, mem_printf("%s/**/a", pattern));
	for (int i = 0; i < 60; i++)
		mem_replace(&path, mem_printf("%s/a", path));
	mem_replace(&path, mem_printf("%s/b", path));
	d.path = pattern;
	assert_false(declared_match(&d, path));
}

static void
exclusions_are_paths_or_names(void **state)
{
	struct declared_list list = {.v = NULL};

	(void)state;
	assert_false(declared_excluded(&list, "/p/a"));
	declared_exclude(&list, "/p/tmp/**");
	declared_exclude(&list, "*.bak");
	assert_true(declared_excluded(&list, "/p/tmp/a/b"));
	assert_true(declared_excluded(&list, "/p/x/a.bak"));
	assert_true(declared_excluded(&list, "/a.bak"));
	assert_false(declared_excluded(&list, "/p/a.bak/x"));
	assert_false(declared_excluded(&list, "/p/x/.bak"));
	assert_false(declared_excluded(&list, "/p/tmpx/a"));
	declared_free(&list);
	assert_int_equal(list.n_exclude, 0);
}

static void
a_list_grows(void **state)
{
	struct declared_list list = {.v = NULL};

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct declared *d = declared_add(&list);

		assert_null(d->path);
		assert_int_equal(d->kind, DECLARED_FILE);
		d->path = mem_printf("/p/%d", i);
		d->name = mem_dup("n");
		d->suffix = mem_dup(".x");
		d->artifact_path = mem_dup("a");
		d->run_id = mem_dup("r");
		d->origin.file = mem_dup("f");
	}
	assert_int_equal(list.n, 100);
	assert_string_equal(list.v[77].path, "/p/77");
	declared_free(&list);
	assert_null(list.v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_is_itself),
	    cmocka_unit_test(a_version_lies_between_name_and_name),
	    cmocka_unit_test(a_directory_is_all_below),
	    cmocka_unit_test(a_suffix_narrows_a_directory),
	    cmocka_unit_test(patterns_stay_within_a_component),
	    cmocka_unit_test(two_stars_cross_components),
	    cmocka_unit_test(hidden_names_are_named_or_left_out),
	    cmocka_unit_test(hostile_patterns_end),
	    cmocka_unit_test(exclusions_are_paths_or_names),
	    cmocka_unit_test(a_list_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
