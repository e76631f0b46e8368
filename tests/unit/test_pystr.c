/* SPDX-License-Identifier: MIT */
/* test_pystr.c - scalars, values and their text against Python's own */
#include "tree.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/pystr.h"
#include "model/value.h"
#include "model/value_yaml.h"
#include "wire/yaml.h"

/* "=TEXT", or "!" where it is refused. */
static void
read_as(const char *text, size_t len, enum dialect dialect, struct buf *to)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	struct err err = ERR_INIT;
	struct ynode *node = NULL;
	struct value *v = NULL;

	if (yaml_parse("f", text, len, &arena, &node, &err) ||
	    (node && value_from_yaml(node, dialect, "f", &arena, &v, &err))) {
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_int_equal(strncmp(err.msg, "f:", 2), 0);
		buf_addc(to, '!');
		return;
	}
	buf_addc(to, '=');
	if (v)
		pystr(v, to);
	else
		buf_adds(to, "None");
}

static void
unescape(const char *s, size_t len, struct buf *to)
{
	for (size_t i = 0; i < len; i++) {
		static const char names[] = "ntr0\\";
		static const char bytes[] = "\n\t\r\0\\";

		if (s[i] != '\\') {
			buf_addc(to, s[i]);
			continue;
		}
		i++;
		buf_addc(to, bytes[strchr(names, s[i]) - names]);
	}
}

static void
compare(const char *line, int number, enum dialect dialect)
{
	const char *text = strchr(line, '\t') + 1;
	const char *expected = strchr(text, '\t') + 1;
	cleanup_buf struct buf yaml = BUF_INIT;
	cleanup_buf struct buf want = BUF_INIT;
	cleanup_buf struct buf got = BUF_INIT;

	unescape(text, (size_t)(expected - 1 - text), &yaml);
	unescape(expected, strlen(expected), &want);
	read_as(yaml.s, yaml.len, dialect, &got);
	if (got.len != want.len || memcmp(got.s, want.s, got.len))
		fail_msg("line %d: %s: want %s, got %s", number, yaml.s, want.s,
		         got.s);
}

static void
the_table_of_python_agrees(void **state)
{
	const char *data = getenv("KMLFLOW_TEST_DATA");
	cleanup_free char *path =
	    mem_printf("%s/pystr.tsv", data ? data : "tests/data");
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	int number = 0;
	int compared = 0;
	char *save = NULL;

	(void)state;
	assert_int_equal(fs_read(path, 1 << 20, &text, &err), 0);
	for (char *line = strtok_r(text.s, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		number++;
		if (*line == '#')
			continue;
		compared++;
		if (*line != 'y')
			compare(line, number, DIALECT_OMEGACONF);
		if (*line != 'o')
			compare(line, number, DIALECT_YAML11);
	}
	assert_true(compared > 400);
}

static void
refused(const char *text, enum dialect dialect, const char *message)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	struct err err = ERR_INIT;
	struct ynode *node = NULL;
	struct value *v = NULL;

	assert_int_equal(yaml_parse("f", text, strlen(text), &arena, &node,
	                            &err),
	                 0);
	assert_int_equal(value_from_yaml(node, dialect, "f", &arena, &v, &err),
	                 -1);
	assert_null(v);
	if (!strstr(err.msg, message))
		fail_msg("'%s' lacks '%s'", err.msg, message);
}

static void
refusals_say_where_and_what_to_do(void **state)
{
	cleanup_buf struct buf many = BUF_INIT;

	(void)state;
	refused("a: 1\nb: 2\na: 3\n", DIALECT_OMEGACONF,
	        "f:3:1: 'a' is there already on line 1");
	refused("{a: 1, a: 2}", DIALECT_OMEGACONF,
	        "f:1:8: 'a' is there already on line 1");
	refused("? [a]\n: 1\n", DIALECT_OMEGACONF, "a key must be");
	refused("x: 2001-02-30\n", DIALECT_YAML11, "no valid date");
	refused("x: !!python/tuple [1]\n", DIALECT_OMEGACONF, "leave it out");
	refused("~: 1\n", DIALECT_OMEGACONF, "quotes");
	refused("x: {<<: 3}\n", DIALECT_OMEGACONF,
	        "'<<', which needs a mapping");
	buf_addc(&many, '1');
	for (int i = 0; i < 5000; i++)
		buf_addc(&many, '0');
	refused(many.s, DIALECT_OMEGACONF, "more than 4300");
}

static void
large_dicts_keep_order_and_find_all(void **state)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	struct value *dict = value_new(&arena, VALUE_DICT, NULL, 0);
	const int n = 5000;

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < n; i++) {
			char *key = arena_printf(&arena, "key %d", i);

			value_put(dict, value_str(&arena, key),
			          value_str(&arena, key + round), &arena);
		}
	assert_int_equal(dict->dict.n, n);
	for (int i = 0; i < n; i += 7) {
		char key[32];

		snprintf(key, sizeof(key), "key %d", i);
		assert_string_equal(dict->dict.v[i].key->text.s, key);
		assert_string_equal(value_text(value_get(dict, key)), key + 1);
	}
	assert_null(value_get(dict, "key"));
	assert_null(value_get(NULL, "key"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_table_of_python_agrees),
	    cmocka_unit_test(refusals_say_where_and_what_to_do),
	    cmocka_unit_test(large_dicts_keep_order_and_find_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
