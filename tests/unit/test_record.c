/* SPDX-License-Identifier: MIT */
/* test_record.c - a spool's record there and back, and broken ones */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "model/record.h"
#include "temp.h"

/* Bytes that need care: quotes, controls, no UTF-8 at all. */
static const char odd[] =
    "a\"b\\c\n\t\x01\x7f caf\xe9 \xe2\x82\xac \xed\xa0\x80";

static void
fill(struct record *r)
{
	struct declared *d;

	*r = (struct record){
	    .invocation_id = mem_dup("0123456789abcdef0123456789abcdef"),
	    .tracking_uri = mem_dup("/p/mlruns"),
	    .experiment_id = mem_dup("123"),
	    .experiment_name = mem_dup(odd),
	    .run_name = mem_dup("calm-otter-1"),
	    .user = mem_dup("u"),
	    .cwd = mem_dup("/p/with \"quotes\"/caf\xe9"),
	    .joined = true,
	    .start_time = INT64_C(1700000000123),
	};
	kvs_set(&r->tags, "mlflow.user", "u");
	kvs_set(&r->tags, "odd", odd);
	kvs_set(&r->tags, "empty", "");
	kvs_set(&r->params, "with.dots/and slash", "1e-05");
	d = declared_add(&r->declared);
	d->name = mem_dup("model");
	d->path = mem_dup("/p/m\nodel.pkl");
	d->kind = DECLARED_VERSIONED;
	d->artifact_path = mem_dup("models");
	d->origin.file = mem_dup("conf/base/catalog.yml");
	d->origin.line = 7;
	d = declared_add(&r->declared);
	d->name = mem_dup("parts");
	d->path = mem_dup("/p/parts");
	d->kind = DECLARED_DIR;
	d->suffix = mem_dup(".csv");
	d->run_id = mem_dup("abc");
	d = declared_add(&r->declared);
	d->path = mem_dup("/p/*.txt");
	d->kind = DECLARED_GLOB;
	declared_exclude(&r->declared, "*.bak");
	strv_add(&r->warnings, "careful: \"x\"");
	strv_add(&r->given, "fe00:1a");
}

static void
there_and_back(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *path = fs_join(dir, "run.json");
	cleanup_record struct record r;
	cleanup_record struct record back = {.run_id = NULL};
	struct err err = ERR_INIT;
	struct stat st;

	(void)state;
	fill(&r);
	assert_ok(record_save(&r, path, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(record_load(path, &back, &err));
	assert_string_equal(back.invocation_id, r.invocation_id);
	assert_string_equal(back.experiment_name, odd);
	assert_string_equal(back.cwd, r.cwd);
	assert_null(back.run_id);
	assert_null(back.image);
	assert_true(back.joined);
	assert_true(back.start_time == r.start_time);
	assert_int_equal(back.tags.n, 3);
	assert_string_equal(kvs_get(&back.tags, "odd"), odd);
	assert_string_equal(kvs_get(&back.tags, "empty"), "");
	assert_string_equal(kvs_get(&back.params, "with.dots/and slash"),
	                    "1e-05");
	assert_int_equal(back.warnings.n, 1);
	assert_string_equal(back.warnings.v[0], "careful: \"x\"");
	assert_int_equal(back.given.n, 1);
	assert_string_equal(back.given.v[0], "fe00:1a");
}

static void
declarations_there_and_back(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *path = fs_join(dir, "run.json");
	cleanup_record struct record r;
	cleanup_record struct record back = {.run_id = NULL};
	const struct declared *d;
	struct err err = ERR_INIT;

	(void)state;
	fill(&r);
	assert_ok(record_save(&r, path, &err));
	assert_ok(record_load(path, &back, &err));
	assert_int_equal(back.declared.n, 3);
	d = back.declared.v;
	assert_int_equal(d[0].kind, DECLARED_VERSIONED);
	assert_string_equal(d[0].path, "/p/m\nodel.pkl");
	assert_string_equal(d[0].artifact_path, "models");
	assert_string_equal(d[0].origin.file, "conf/base/catalog.yml");
	assert_int_equal(d[0].origin.line, 7);
	assert_int_equal(d[1].kind, DECLARED_DIR);
	assert_string_equal(d[1].suffix, ".csv");
	assert_string_equal(d[1].run_id, "abc");
	assert_null(d[1].origin.file);
	assert_int_equal(d[2].kind, DECLARED_GLOB);
	assert_null(d[2].name);
	assert_null(d[2].suffix);
	assert_int_equal(back.declared.n_exclude, 1);
	assert_string_equal(back.declared.exclude[0], "*.bak");
}

static void
broken_files_are_told(void **state)
{
	/* Every one must be refused and leave *ret as it was. */
	static const char *const rows[] = {
	    "",
	    "{",
	    "[]",
	    "{}",
	    "null",
	    "{\"format\":2}",
	    "{\"format\":\"1\"}",
	    "{\"format\":1}",
	    "{\"format\":1,\"invocation_id\":\"a\",\"cwd\":\"/\"}",
	    "{\"format\":1,\"invocation_id\":7,\"cwd\":\"/\","
	    "\"tracking_uri\":\"/x\"}",
	    "{\"format\":1,\"invocation_id\":\"a\",\"cwd\":\"/\","
	    "\"tracking_uri\":\"/x\",\"declared\":[{\"kind\":\"odd\","
	    "\"path\":\"/a\"}]}",
	    "{\"format\":1,\"invocation_id\":\"a\",\"cwd\":\"/\","
	    "\"tracking_uri\":\"/x\",\"declared\":[{\"kind\":\"file\","
	    "\"path\":\"relative\"}]}",
	    "{\"format\":1,\"invocation_id\":\"a\",\"cwd\":\"/\","
	    "\"tracking_uri\":\"/x\",\"declared\":[{\"path\":\"/a\"}]}",
	    "{\"format\":1,\"invocation_id\":\"a\",\"cwd\":\"/\","
	    "\"tracking_uri\":\"/x\"} and more",
	};
	cleanup_temp char *dir = temp_dir();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_free char *path = temp_file(dir, "run.json", rows[i]);
		struct record r = {.start_time = 42};
		struct err err = ERR_INIT;

		if (!record_load(path, &r, &err))
			fail_msg("row %zu was taken", i);
		assert_int_equal(err.kind, ERR_FORMAT);
		assert_non_null(strstr(err.msg, "run.json"));
		assert_int_equal(r.start_time, 42);
		assert_null(r.cwd);
	}
}

static void
unknown_members_are_passed_over(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_record struct record r = {.run_id = NULL};
	cleanup_free char *path = temp_file(
	    dir, "run.json",
	    "{\"format\":1,\"invocation_id\":\"a\",\"cwd\":\"/\","
	    "\"tracking_uri\":\"/x\",\"tags\":{\"a\":1,\"b\":\"2\"},"
	    "\"params\":[1],\"later\":{\"x\":[]},\"warnings\":[1,\"w\"]}");
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(record_load(path, &r, &err));
	assert_int_equal(r.tags.n, 1);
	assert_int_equal(r.params.n, 0);
	assert_int_equal(r.warnings.n, 1);
	assert_false(r.joined);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(declarations_there_and_back),
	    cmocka_unit_test(broken_files_are_told),
	    cmocka_unit_test(unknown_members_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
