/* SPDX-License-Identifier: MIT */
/* test_file_meta.c - meta.yaml as MLflow writes it, and as we do */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <pthread.h>

#include "store/file_meta.h"
#include "store/file_scalar.h"
#include "temp.h"

/* What stands behind "key:", and what it means; NULL: no string. */
static const struct {
	const char *raw, *value;
} scalars[] = {
    {" word", "word"},
    {" two words  # comment", "two words"},
    {" a#b 'c' \"d\"", "a#b 'c' \"d\""},
    {" file:///a/b", "file:///a/b"},
    {" -1", "-1"},
    {" -word", "-word"},
    {" folded over\n  three\n  lines", "folded over three lines"},
    {" first\n\n  second", "first\nsecond"},
    {" trailing\n\n# comment", "trailing"},
    {" ''", ""},
    {" 'it''s'", "it's"},
    {" 'null'", "null"},
    {" 'one\n  two\n\n\n  three '", "one two\n\nthree "},
    {" 'done'  # comment", "done"},
    {" 'a \xe2\x80\xa8  b'", "a\xe2\x80\xa8"
                             "b"},
    {" 'a\n\n\xe2\x80\xa9  b'", "a\n\xe2\x80\xa9"
                                "b"},
    {" 'a\xc2\x85  b'", "a b"},
    {" \"\"", ""},
    {" \"a\\tb\\nc\\\"d\\\\e\"", "a\tb\nc\"d\\e"},
    {" \"\\x41\\u00e4\\u6F22\\U0001F30D\"", "A\xc3\xa4\xe6\xbc\xa2"
                                            "\xf0\x9f\x8c\x8d"},
    {" \"cut \\\n  here\"", "cut here"},
    {" \"keeps\\ \n  this\"", "keeps  this"},
    {" \"next\\Nline\\_\\L\\P\\e\\a\"",
     "next\xc2\x85line\xc2\xa0\xe2\x80\xa8\xe2\x80\xa9\x1b\a"},
    {"", NULL},
    {" null", NULL},
    {" ~", NULL},
    {" # only a comment", NULL},
    {" {}", NULL},
    {" []", NULL},
    {" [a,\n  b]", NULL},
    {" |\n  block", NULL},
    {" >-\n  block", NULL},
    {" &anchor x", NULL},
    {" *alias", NULL},
    {" !!str x", NULL},
    {" 'open", NULL},
    {" \"open", NULL},
    {" 'closed' and more", NULL},
    {" \"closed\" and more", NULL},
    {" \"\\q\"", NULL},
    {" \"\\x4\"", NULL},
    {" \"\\x00\"", NULL},
    {" \"\\uD800\"", NULL},
    {" \"\\U00110000\"", NULL},
    {" \"\\", NULL},
    {" a: b", NULL},
    {"\n- item", NULL},
};

static void
scalars_are_read_in_every_flow_style(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scalars); i++) {
		cleanup_buf struct buf value = BUF_INIT;
		bool got = scalar_decode(scalars[i].raw, &value);

		if (got != !!scalars[i].value)
			fail_msg("<%s> gave <%s>", scalars[i].raw,
			         got ? value.s : "nothing");
		if (got)
			assert_string_equal(value.s, scalars[i].value);
	}
}

static const struct {
	const char *value, *raw;
} written[] = {
    {"", "''"},
    {"true", "'true'"},
    {"it's", "'it''s'"},
    {"a: b # c", "'a: b # c'"},
    {"\xe6\xbc\xa2\xf0\x9f\x8c\x8d", "'\xe6\xbc\xa2\xf0\x9f\x8c\x8d'"},
    {"two\nlines", "\"two\\x0Alines\""},
    {"tab\t\"q\" \\ '", "\"tab\\x09\\\"q\\\" \\\\ '\""},
    {"\x1b[0m\x7f", "\"\\x1B[0m\\x7F\""},
    {"\xe2\x80\xa8\xef\xbb\xbf", "\"\\u2028\\uFEFF\""},
};

static void
scalars_are_written_so_that_they_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(written); i++) {
		cleanup_buf struct buf raw = BUF_INIT;
		cleanup_buf struct buf back = BUF_INIT;

		scalar_encode(&raw, written[i].value);
		assert_string_equal(raw.s, written[i].raw);
		assert_true(scalar_decode(raw.s, &back));
		assert_string_equal(back.s, written[i].value);
	}
}

static void
what_is_not_utf8_is_replaced(void **state)
{
	cleanup_buf struct buf raw = BUF_INIT;

	(void)state;
	scalar_encode(&raw, "a\xff'\xc3");
	assert_string_equal(raw.s, "\"a\\uFFFD'\\uFFFD\"");
}

static const char of_mlflow[] = "---\n"
				"# by hand\n"
				"artifact_uri: file:///a/b\n"
				"end_time: null\n"
				"new_in_4: {a: [1, 2]}\n"
				"run_name: a name that is long and so was\n"
				"  folded\n"
				"start_time: 1700000000123\n"
				"tags:\n"
				"- one\n"
				"- two: 3\n"
				"\n"
				"status: 1\n";

static void
other_keys_survive_a_rewrite(void **state)
{
	cleanup_meta struct meta m = META_INIT;
	cleanup_buf struct buf out = BUF_INIT;
	cleanup_free char *name = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(meta_parse(of_mlflow, &m, &err));
	name = meta_str(&m, "run_name");
	assert_string_equal(name, "a name that is long and so was folded");
	assert_null(meta_str(&m, "end_time"));
	assert_null(meta_str(&m, "absent"));
	assert_true(meta_int(&m, "start_time", 0) == 1700000000123);
	assert_int_equal(meta_int(&m, "run_name", 7), 7);
	assert_true(meta_is(&m, "status", "1"));

	meta_set_int(&m, "status", 3);
	meta_set_str(&m, "run_name", "x");
	meta_set_str(&m, "added", "y");
	meta_emit(&m, &out);
	assert_string_equal(out.s, "artifact_uri: file:///a/b\n"
	                           "end_time: null\n"
	                           "new_in_4: {a: [1, 2]}\n"
	                           "run_name: 'x'\n"
	                           "start_time: 1700000000123\n"
	                           "tags:\n"
	                           "- one\n"
	                           "- two: 3\n"
	                           "\n"
	                           "status: 3\n"
	                           "added: 'y'\n");
}

static void
what_is_no_mapping_is_refused(void **state)
{
	static const char *const broken[] = {"word\n",   "- item\n",
	                                     "a:b\n",    "a: 1\n: 2\n",
	                                     "{a: 1}\n", "a: 1\nb\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		cleanup_meta struct meta m = META_INIT;
		struct err err = ERR_INIT;

		assert_int_equal(meta_parse(broken[i], &m, &err), -1);
		assert_int_equal(err.kind, ERR_FORMAT);
		assert_int_equal(m.raw.n, 0);
	}
}

static void
carriage_returns_at_line_ends_are_no_part_of_it(void **state)
{
	cleanup_meta struct meta m = META_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(meta_parse("a: x\r\nb: 'y'\r\n", &m, &err));
	assert_true(meta_is(&m, "a", "x"));
	assert_true(meta_is(&m, "b", "y"));
}

static void
files_that_cannot_be_it_are_told(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_meta struct meta m = META_INIT;
	struct err err = ERR_INIT;
	cleanup_free char *path = fs_join(dir, "meta.yaml");

	(void)state;
	assert_int_equal(meta_load(dir, &m, &err), -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
	/* A FIFO without a writer must not hold us up. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(meta_load(dir, &m, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_int_equal(unlink(path), 0);
	temp_put(dir, "meta.yaml", "a\n");
	assert_int_equal(meta_load(dir, &m, &err), -1);
	assert_non_null(strstr(err.msg, path));
}

/* As MLflow rewrites: truncated first, filled a little later. */
static void *
fill_later(void *dir)
{
	struct timespec wait = {.tv_nsec = 60000000};

	nanosleep(&wait, NULL);
	temp_put(dir, "meta.yaml", "name: x\n");
	return NULL;
}

static void
an_empty_file_is_waited_for(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_meta struct meta m = META_INIT;
	struct err err = ERR_INIT;
	pthread_t other;

	(void)state;
	temp_put(dir, "meta.yaml", "");
	assert_int_equal(pthread_create(&other, NULL, fill_later, dir), 0);
	assert_ok(meta_load(dir, &m, &err));
	assert_true(meta_is(&m, "name", "x"));
	pthread_join(other, NULL);
	temp_put(dir, "meta.yaml", "");
	assert_int_equal(meta_load(dir, &m, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scalars_are_read_in_every_flow_style),
	    cmocka_unit_test(scalars_are_written_so_that_they_read_back),
	    cmocka_unit_test(what_is_not_utf8_is_replaced),
	    cmocka_unit_test(other_keys_survive_a_rewrite),
	    cmocka_unit_test(what_is_no_mapping_is_refused),
	    cmocka_unit_test(carriage_returns_at_line_ends_are_no_part_of_it),
	    cmocka_unit_test(files_that_cannot_be_it_are_told),
	    cmocka_unit_test(an_empty_file_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
