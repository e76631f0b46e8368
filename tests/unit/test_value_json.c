/* SPDX-License-Identifier: MIT */
/* test_value_json.c - JSON as Python's json reads it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/pystr.h"
#include "model/value.h"
#include "model/value_json.h"
#include "wire/yaml.h"

static void
what_yaml_would_take_for_something_else(void **state)
{
	static const char *const rows[][2] = {
	    {"{\"a\": 1e3, \"b\": 1E-3, \"c\": -0, \"d\": -0.0}",
	     "{'a': 1000.0, 'b': 0.001, 'c': 0, 'd': -0.0}"},
	    {"[NaN, -Infinity, Infinity, true, false, null]",
	     "[nan, -inf, inf, True, False, None]"},
	    {"\"\\ud83d\\ude00\\u00e9\\/\\n\\\"\"", "'😀é/\\n\"'"},
	    {"{\"a\":1,\"b\":[],\"a\":{\"c\":2}}", "{'a': {'c': 2}, 'b': []}"},
	    {"\t[\"yes\",\r\n\"2020-01-02\"]\n", "['yes', '2020-01-02']"},
	    {"123456789012345678901234567890",
	     "123456789012345678901234567890"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_arena struct arena arena = {.chunk = NULL};
		cleanup_buf struct buf text = BUF_INIT;
		struct err err = ERR_INIT;
		struct value *v = NULL;

		if (value_from_json(rows[i][0], strlen(rows[i][0]), "f", &arena,
		                    &v, &err))
			fail_msg("%s", err.msg);
		pyrepr(v, &text);
		assert_string_equal(text.s, rows[i][1]);
	}
}

static void
refused(const char *text, size_t len, const char *message)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	struct err err = ERR_INIT;
	struct value *v = NULL;

	assert_int_equal(value_from_json(text, len, "f", &arena, &v, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_string_equal(err.msg, message);
}

static void
what_is_no_json_is_refused_with_its_place(void **state)
{
	static const char *const rows[][2] = {
	    {"", "f:1:1: broken JSON: a value is expected; texts are in double "
	         "quotes"},
	    {"{\n \"a\": yes}",
	     "f:2:7: broken JSON: a value is expected; texts are in double "
	     "quotes"},
	    {"{a: 1}",
	     "f:1:2: broken JSON: a key in double quotes is expected"},
	    {"[1,]", "f:1:4: broken JSON: a value is expected; texts are in "
	             "double quotes"},
	    {"[01]", "f:1:3: broken JSON: ',' or ']' is expected"},
	    {"{\"a\" 1}", "f:1:6: broken JSON: a key needs ':' and a value"},
	    {"{} # x", "f:1:4: broken JSON: something follows the value"},
	    {"\"a\tb\"",
	     "f:1:3: broken JSON: a text that does not end on its line"},
	    {"\"\\x41\"",
	     "f:1:2: broken JSON: no such escape; a backslash is doubled"},
	    {"\"\\u12\"", "f:1:2: broken JSON: four hexadecimal digits follow "
	                  "'\\u'"},
	    {"\"\\ud83d\"",
	     "f:1:2: broken JSON: one half of a pair of surrogates"},
	    {"\"\\", "f:1:2: broken JSON: no such escape; a backslash is "
	             "doubled"},
	    {"\"\xff\"", "f:1:2: broken JSON: not UTF-8"},
	    {"\"a", "f:1:3: broken JSON: a text that does not end on its line"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refused(rows[i][0], strlen(rows[i][0]), rows[i][1]);
	refused("1\0", 2, "f:1:2: broken JSON: something follows the value");
}

static void
caps_hold(void **state)
{
	cleanup_buf struct buf text = BUF_INIT;

	(void)state;
	for (int i = 0; i <= YAML_MAX_DEPTH; i++)
		buf_addc(&text, '[');
	refused(text.s, text.len, "f:1:101: broken JSON: more than 100 levels");
	buf_reset(&text);
	for (int i = 0; i < 5000; i++)
		buf_addc(&text, '1');
	refused(text.s, text.len,
	        "f:1:1: broken JSON: a number of more than 4300 digits");
	buf_reset(&text);
	buf_addc(&text, '[');
	for (int i = 0; i < YAML_MAX_NODES; i++)
		buf_adds(&text, "0,");
	buf_adds(&text, "0]");
	refused(text.s, text.len,
	        "f:1:2000000: broken JSON: more than 1000000 values");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_yaml_would_take_for_something_else),
	    cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
	    cmocka_unit_test(caps_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
