/* SPDX-License-Identifier: MIT */
/* test_toml.c - one table's strings out of any pyproject.toml */
#include "tree.h"

#include "base/strv.h"
#include "wire/toml.h"

static int
read_table(const char *text, struct kvs *to, bool *found, struct err *err)
{
	*found = false;
	return toml_table("p.toml", text, "tool.kedro", to, found, err);
}

static void
strings_of_the_table_alone(void **state)
{
	cleanup_kvs struct kvs kvs = KVS_INIT;
	struct err err = ERR_INIT;
	bool found;

	(void)state;
	assert_int_equal(
	    read_table("[project]\nname = \"no\"\n"
	               "description = \"\"\"\n[tool.kedro]\nname = \"x\"\n"
	               "\"\"\" # [tool.kedro]\n"
	               "deps = [ # [\n  \"a]\", 'b',\n]\n"
	               "[[tool.kedro]]\nname = \"list\"\n"
	               "  [ tool . \"kedro\" ] # here\r\n"
	               "package_name = 'iris' # tail\n"
	               "project_name=\"A \\\"B\\\"\"\n"
	               "tools = [\"Linting\",\n\"x\"]\n"
	               "n = 3\n"
	               "inline = { a = \"}\" }\n"
	               "[tool.kedro.sub]\npackage_name = \"other\"\n",
	               &kvs, &found, &err),
	    0);
	assert_true(found);
	assert_int_equal(kvs.n, 2);
	assert_string_equal(kvs_get(&kvs, "package_name"), "iris");
	assert_string_equal(kvs_get(&kvs, "project_name"), "A \"B\"");
}

static void
absent_and_empty(void **state)
{
	cleanup_kvs struct kvs kvs = KVS_INIT;
	struct err err = ERR_INIT;
	bool found;

	(void)state;
	assert_int_equal(read_table("", &kvs, &found, &err), 0);
	assert_false(found);
	assert_int_equal(read_table("# [tool.kedro]\n", &kvs, &found, &err), 0);
	assert_false(found);
	assert_int_equal(read_table("[tool.kedro]", &kvs, &found, &err), 0);
	assert_true(found);
	assert_int_equal(kvs.n, 0);
}

static void
broken_text_is_refused_with_its_line(void **state)
{
	static const char *const bad[] = {"\n\n[tool.kedro\n", "\n\na = \"x\n",
	                                  "\n\na = [1, 2\n",   "\n\na = '''x\n",
	                                  "\n\nb\n",           "\n\n= 3\n",
	                                  "\n\na = \"\\q\"\n", "\n\na = ]\n",
	                                  "\n\na = \"x\" y\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup_kvs struct kvs kvs = KVS_INIT;
		struct err err = ERR_INIT;
		bool found;

		if (!read_table(bad[i], &kvs, &found, &err))
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(err.kind, ERR_CONFIG);
		if (strncmp(err.msg, "p.toml:", 7) ||
		    strtol(err.msg + 7, NULL, 10) < 3)
			fail_msg("%s", err.msg);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(strings_of_the_table_alone),
	    cmocka_unit_test(absent_and_empty),
	    cmocka_unit_test(broken_text_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
