/* SPDX-License-Identifier: MIT */
/* test_journal.c - what a kedro run command line says of the run */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/mem.h"
#include "model/journal.h"

static void
read_words(const char *const *words, struct kedro_run *ret)
{
	char *const *argv;

	memcpy(&argv, &words, sizeof(argv));
	kedro_run_read(argv, ret);
}

#define READ(k, ...) read_words((const char *const[]){__VA_ARGS__, NULL}, k)

static void
knows_kedro_run_in_all_spellings(void **state)
{
	static const char *const yes[][8] = {
	    {"kedro", "run"},
	    {"/venv/bin/kedro", "run"},
	    {"python", "-m", "kedro", "run"},
	    {"python3", "-m", "kedro", "run"},
	    {"/usr/bin/python3.11", "-m", "kedro", "run"},
	    {"python", "-u", "-W", "ignore", "-m", "kedro", "run"},
	    {"kedro", "--verbose", "run"},
	    {"python", "/venv/bin/kedro", "run"},
	    {"env", "-u", "X", "A=b", "C=", "kedro", "run"},
	    {"/usr/bin/nice", "-n", "5", "nohup", "kedro", "run"},
	    {"nice", "-5", "time", "-v", "kedro", "run"},
	    {"timeout", "-k", "9", "--signal=INT", "1h", "kedro", "run"},
	    {"taskset", "-c", "0-3", "kedro", "run"},
	    {"stdbuf", "-oL", "setsid", "-w", "kedro", "run"},
	    {"poetry", "run", "kedro", "run"},
	    {"poetry", "-C", "dir", "run", "python", "-m", "kedro", "run"},
	    {"python3", "-m", "poetry", "run", "kedro", "run"},
	    {"uv", "run", "--with", "x", "--no-sync", "kedro", "run"},
	    {"uv", "--directory", "d", "run", "-m", "kedro", "run"},
	    {"conda", "run", "-n", "env", "--live-stream", "kedro", "run"},
	    {"micromamba", "run", "-p", "/e", "kedro", "run"},
	    {"hatch", "-e", "dev", "run", "kedro", "run"},
	    {"dotenv", "-f", ".env", "run", "--", "kedro", "run"},
	    {"direnv", "exec", ".", "kedro", "run"},
	    {"sh", "-c", "kedro run"},
	    {"bash", "-lc", "exec kedro run --env 'a b'"},
	    {"env", "A=b", "sh", "-ec", "X=y poetry run kedro run"},
	};
	static const char *const no[][8] = {
	    {"kedro"},
	    {"kedro", "viz"},
	    {"kedro", "viz", "run"},
	    {"kedro-run", "run"},
	    {"python", "-m"},
	    {"python", "-m", "kedro"},
	    {"python", "-m", "kedro_viz", "run"},
	    {"python", "-W"},
	    {"python"},
	    {"pythonic/kedro.py", "run"},
	    {"bash", "-m", "kedro", "run"},
	    {"sh", "-c", "kedro run | tee log"},
	    {"sh", "-c", "kedro 'run"},
	    {"sh", "-c", "kedro"},
	    {"sh", "-c"},
	    {"sh", "kedro", "run"},
	    {"poetry", "install", "kedro", "run"},
	    {"poetry", "run"},
	    {"timeout", "5"},
	    {"env"},
	    {"env", "A=b"},
	    {"echo", "kedro", "run"},
	    {"python", "kedro.py", "run"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		struct kedro_run k;

		read_words(yes[i], &k);
		if (!k.is_kedro_run)
			fail_msg("row %zu is kedro run", i);
		kedro_run_free(&k);
	}
	for (size_t i = 0; i < ARRAY_LEN(no); i++) {
		struct kedro_run k;

		read_words(no[i], &k);
		if (k.is_kedro_run)
			fail_msg("row %zu is not kedro run", i);
		kedro_run_free(&k);
	}
}

static void
reads_values_after_equals_space_or_letter(void **state)
{
	struct kedro_run k;

	(void)state;
	READ(&k, "kedro", "run", "--pipeline=ds", "--env", "prod", "-rX",
	     "--from-nodes", "a,b", "--to-nodes=", "-lv", "m:1", "--async",
	     "--params=lr:0.1,b=c");
	assert_string_equal(k.pipeline, "ds");
	assert_string_equal(k.env, "prod");
	assert_string_equal(k.runner, "X");
	assert_string_equal(k.from_nodes, "a,b");
	assert_string_equal(k.to_nodes, "");
	assert_string_equal(k.load_versions, "m:1");
	assert_string_equal(k.params, "lr:0.1,b=c");
	assert_null(k.tags);
	assert_null(k.nodes);
	kedro_run_free(&k);
	assert_null(k.pipeline);
}

static void
repeats_add_to_lists_and_replace_others(void **state)
{
	struct kedro_run k;

	(void)state;
	READ(&k, "kedro", "run", "-t", "a", "--tag=b", "--tags", "c,d", "-n",
	     "n1", "--node", "n2", "--env=one", "-e", "two", "-p", "x",
	     "--pipelines", "y,z");
	assert_string_equal(k.tags, "a,b,c,d");
	assert_string_equal(k.nodes, "n1,n2");
	assert_string_equal(k.env, "two");
	assert_string_equal(k.pipeline, "y,z");
	kedro_run_free(&k);
}

static void
a_missing_value_is_none(void **state)
{
	struct kedro_run k;

	(void)state;
	READ(&k, "kedro", "run", "--env");
	assert_true(k.is_kedro_run);
	assert_null(k.env);
	kedro_run_free(&k);
}

static void
tags_are_those_that_were_given(void **state)
{
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct kedro_run k;

	(void)state;
	READ(&k, "kedro", "run", "--to-nodes=z", "--tag", "t", "--pipeline",
	     "ds", "--from-inputs=i", "--from-nodes=", "--params",
	     "lr:1,api_key:abc", "--runner=ThreadRunner", "-n", "a",
	     "--load-version=m:2", "--env=e", "--to-outputs=o");
	kedro_run_tags(&k, "0.18.1", "{'lr': 1}", &tags);
	kedro_run_free(&k);
	assert_string_equal(kvs_get(&tags, "kedro_command"),
	                    "kedro run --from-inputs=i --to-nodes=z --node=a "
	                    "--pipeline=ds --tag=t --load-version=m:2");
	assert_string_equal(kvs_get(&tags, "pipeline_name"), "ds");
	assert_string_equal(kvs_get(&tags, "node_names"), "('a',)");
	assert_string_equal(kvs_get(&tags, "from_inputs"), "['i']");
	assert_string_equal(kvs_get(&tags, "load_versions"), "{'m': '2'}");
	assert_string_equal(kvs_get(&tags, "env"), "e");
	assert_string_equal(kvs_get(&tags, "runner"), "ThreadRunner");
	assert_string_equal(kvs_get(&tags, "to_outputs"), "['o']");
	assert_string_equal(kvs_get(&tags, "extra_params"), "{'lr': 1}");
	assert_null(kvs_get(&tags, "from_nodes")); /* given as empty */
	assert_null(kvs_get(&tags, "namespaces"));
}

static void
names_and_forms_of_kedro_1(void **state)
{
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct kedro_run k;

	(void)state;
	READ(&k, "env", "KEDRO_ENV=prod", "kedro", "run", "--pipelines", "a, b",
	     "-n", "f([x,y]) -> [z],g", "--namespaces=n", "--conf-source=c");
	kedro_run_tags(&k, "1.0.0", "{'a': 1}", &tags);
	assert_string_equal(k.env, "prod");
	assert_string_equal(k.conf_source, "c");
	kedro_run_free(&k);
	assert_string_equal(kvs_get(&tags, "pipeline_names"), "['a', 'b']");
	assert_string_equal(kvs_get(&tags, "node_names"),
	                    "('f([x,y]) -> [z]', 'g')");
	assert_string_equal(kvs_get(&tags, "namespaces"), "['n']");
	assert_string_equal(kvs_get(&tags, "runtime_params"), "{'a': 1}");
	assert_null(kvs_get(&tags, "extra_params"));
	assert_null(kvs_get(&tags, "pipeline_name"));
}

static void
kedro_1_names_the_default_pipeline(void **state)
{
	cleanup_kvs struct kvs tags = KVS_INIT;
	cleanup_kvs struct kvs none = KVS_INIT;
	struct kedro_run k;

	(void)state;
	READ(&k, "kedro", "run");
	kedro_run_tags(&k, NULL, NULL, &tags);
	assert_int_equal(tags.n, 1);
	assert_string_equal(kvs_get(&tags, "kedro_command"),
	                    "kedro run --pipeline=__default__");
	kedro_run_tags(&k, "0.19.15", NULL, &tags);
	assert_string_equal(kvs_get(&tags, "kedro_command"), "kedro run");
	READ(&k, "make");
	kedro_run_tags(&k, NULL, "{}", &none);
	assert_int_equal(none.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_kedro_run_in_all_spellings),
	    cmocka_unit_test(reads_values_after_equals_space_or_letter),
	    cmocka_unit_test(repeats_add_to_lists_and_replace_others),
	    cmocka_unit_test(a_missing_value_is_none),
	    cmocka_unit_test(tags_are_those_that_were_given),
	    cmocka_unit_test(names_and_forms_of_kedro_1),
	    cmocka_unit_test(kedro_1_names_the_default_pipeline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
