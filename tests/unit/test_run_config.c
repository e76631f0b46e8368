/* SPDX-License-Identifier: MIT */
/* test_run_config.c - the file that `kedro run --config` names */
#include "load.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/journal.h"
#include "model/run_config.h"

static void
read_words(const char *const *words, struct kedro_run *ret)
{
	char *const *argv;

	memcpy(&argv, &words, sizeof(argv));
	kedro_run_read(argv, ret);
}

#define READ(k, ...) read_words((const char *const[]){__VA_ARGS__, NULL}, k)

static void
apply(const char *dir, struct kedro_run *k)
{
	struct err err = ERR_INIT;

	if (run_config_apply(k, dir, &err))
		fail_msg("%s", err.msg);
}

static void
it_fills_what_the_command_line_leaves_open(void **state)
{
	cleanup_tree char *dir = tree_new();
	struct kedro_run k;

	(void)state;
	tree_write(dir, "run.yml",
	           "run:\n  env: prod\n  pipelines: a, b\n  node_names: n\n"
	           "  tags: t1,t2\n  from_nodes: f\n  to_nodes: g\n"
	           "  from_inputs: i\n  to_outputs: o\n  runner: ThreadRunner\n"
	           "  load_versions: d:v\n  namespaces: s\n  conf_source: c\n"
	           "  params: a=1,b.c=2\n  is_async: true\n");
	READ(&k, "kedro", "run", "--config", "run.yml", "--tags", "mine");
	apply(dir, &k);
	assert_string_equal(k.env, "prod");
	assert_string_equal(k.pipeline, "a, b");
	assert_string_equal(k.nodes, "n");
	assert_string_equal(k.tags, "mine");
	assert_string_equal(k.from_nodes, "f");
	assert_string_equal(k.to_nodes, "g");
	assert_string_equal(k.from_inputs, "i");
	assert_string_equal(k.to_outputs, "o");
	assert_string_equal(k.runner, "ThreadRunner");
	assert_string_equal(k.load_versions, "d:v");
	assert_string_equal(k.namespaces, "s");
	assert_string_equal(k.conf_source, "c");
	assert_string_equal(k.params, "a=1,b.c=2");
	kedro_run_free(&k);
}

static void
older_names_and_lists(void **state)
{
	cleanup_tree char *dir = tree_new();
	struct kedro_run k;

	(void)state;
	tree_write(
	    dir, "run.json",
	    "{\"run\": {\"tag\": [\"a\", \"b\"], \"node_names\": [\"n\"],"
	    " \"load_version\": [\"d:1\", \"e:2\"], \"pipeline\": 5,"
	    " \"env\": null, \"nonsense\": {}}}");
	READ(&k, "kedro", "run", "-crun.json");
	apply(dir, &k);
	assert_string_equal(k.tags, "a,b");
	assert_string_equal(k.nodes, "n");
	assert_string_equal(k.load_versions, "d:1,e:2");
	assert_string_equal(k.pipeline, "5");
	assert_null(k.env);
	kedro_run_free(&k);
}

static void
the_environment_comes_after_the_file(void **state)
{
	cleanup_tree char *dir = tree_new();
	struct kedro_run k;

	(void)state;
	tree_write(dir, "a.yml", "run: {env: prod}\n");
	tree_write(dir, "b.yml", "run: {tags: x}\n");
	READ(&k, "env", "KEDRO_ENV=test", "kedro", "run", "-c", "a.yml");
	apply(dir, &k);
	assert_string_equal(k.env, "prod");
	kedro_run_free(&k);
	READ(&k, "env", "KEDRO_ENV=test", "kedro", "run", "-c", "b.yml");
	apply(dir, &k);
	assert_string_equal(k.env, "test");
	kedro_run_free(&k);
	READ(&k, "kedro", "run", "--env=mine", "-c", "a.yml");
	apply(dir, &k);
	assert_string_equal(k.env, "mine");
	kedro_run_free(&k);
}

static void
params_that_are_a_mapping_are_parameters(void **state)
{
	const struct run_config c = {.path = "run.yml", .section = "run"};
	const struct settings_request request = {.run_config = &c};
	const struct settings_request both = {.run_config = &c,
	                                      .runtime_params = "z=1"};
	cleanup_tree char *dir = tree_new();
	struct settings s;

	(void)state;
	tree_write(dir, "conf/base/parameters.yml",
	           "a: 1\nb: {c: 2, d: 3}\ne: ${a}\n");
	tree_write(dir, "run.yml",
	           "run:\n  params: {a: 1e3, b: {c: [x, null]}, f: 'a,b'}\n");
	load(dir, &request, &s);
	assert_string_equal(kvs_get(&s.params, "a"), "1000.0");
	assert_string_equal(kvs_get(&s.params, "b"),
	                    "{'c': ['x', None], 'd': 3}");
	assert_string_equal(kvs_get(&s.params, "e"), "1000.0");
	assert_string_equal(kvs_get(&s.params, "f"), "a,b");
	assert_string_equal(s.runtime_params,
	                    "{'a': 1000.0, 'b': {'c': ['x', None]}, "
	                    "'f': 'a,b'}");
	settings_free(&s);
	/* The command line's come instead of the file's, not beside them. */
	load(dir, &both, &s);
	assert_string_equal(kvs_get(&s.params, "a"), "1");
	assert_string_equal(kvs_get(&s.params, "z"), "1");
	settings_free(&s);
}

static void
what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {NULL, "run.yml: cannot be read: No such file or directory; "
	           "--config names it"},
	    {"", "run.yml: has no mapping 'run', which holds the options of "
	         "--config"},
	    {"\nruns: {}\n",
	     "run.yml:2:1: has no mapping 'run', which holds the "
	     "options of --config"},
	    {"run: kedro\n", "run.yml:1:6: 'run' must be a mapping of options, "
	                     "not a string"},
	    {"run:\n  env: {a: b}\n",
	     "run.yml:2:8: 'env' must be a string, not a mapping"},
	};
	cleanup_tree char *dir = tree_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		struct kedro_run k;

		if (cases[i].text)
			tree_write(dir, "run.yml", cases[i].text);
		READ(&k, "kedro", "run", "--config=run.yml");
		assert_int_equal(run_config_apply(&k, dir, &err), -1);
		assert_string_equal(err.msg, cases[i].message);
		kedro_run_free(&k);
	}
}

static void
a_key_that_kedro_does_not_know(void **state)
{
	const struct run_config c = {.path = "run.yml", .section = "run"};
	const struct settings_request request = {.run_config = &c};
	cleanup_tree char *dir = tree_new();
	struct settings s;

	(void)state;
	tree_mkdir(dir, "conf/base");
	tree_write(dir, "run.yml", "run:\n  from_node: x\n");
	load_refused(dir, &request,
	             "run.yml:2:3: run: unknown key 'from_node'; did you mean "
	             "'from_nodes'?");
	/* Before 0.19 Kedro did not look. */
	tree_write(dir, "pyproject.toml",
	           "[tool.kedro]\nkedro_init_version = \"0.18.14\"\n");
	tree_mkdir(dir, "conf/local");
	load(dir, &request, &s);
	settings_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_fills_what_the_command_line_leaves_open),
	    cmocka_unit_test(older_names_and_lists),
	    cmocka_unit_test(the_environment_comes_after_the_file),
	    cmocka_unit_test(params_that_are_a_mapping_are_parameters),
	    cmocka_unit_test(what_is_wrong_is_told),
	    cmocka_unit_test(a_key_that_kedro_does_not_know),
	};

	load_clean_environment();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
