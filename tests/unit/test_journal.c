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
	};
	static const char *const no[][8] = {
	    {"kedro"},
	    {"kedro", "viz"},
	    {"kedro", "viz", "run"},
	    {"kedro-run", "run"},
	    {"python", "kedro", "run"},
	    {"python", "-m"},
	    {"python", "-m", "kedro"},
	    {"python", "-m", "kedro_viz", "run"},
	    {"python", "-W"},
	    {"python"},
	    {"pythonic/kedro.py", "run"},
	    {"sh", "-c", "kedro run"},
	    {"bash", "-m", "kedro", "run"},
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
	kedro_run_tags(&k, &tags);
	kedro_run_free(&k);
	assert_string_equal(kvs_get(&tags, "kedro_command"),
	                    "kedro run --from-inputs=i --to-nodes=z --node=a "
	                    "--pipeline=ds --tag=t --load-version=m:2");
	assert_string_equal(kvs_get(&tags, "pipeline_name"), "ds");
	assert_string_equal(kvs_get(&tags, "node_names"), "a");
	assert_string_equal(kvs_get(&tags, "env"), "e");
	assert_string_equal(kvs_get(&tags, "runner"), "ThreadRunner");
	assert_string_equal(kvs_get(&tags, "to_outputs"), "o");
	assert_string_equal(kvs_get(&tags, "extra_params"), "lr:1,api_key:***");
	assert_null(kvs_get(&tags, "from_nodes")); /* given as empty */
	assert_null(kvs_get(&tags, "namespaces"));
}

static void
the_default_pipeline_has_its_name(void **state)
{
	cleanup_kvs struct kvs tags = KVS_INIT;
	cleanup_kvs struct kvs none = KVS_INIT;
	struct kedro_run k;

	(void)state;
	READ(&k, "kedro", "run");
	kedro_run_tags(&k, &tags);
	assert_int_equal(tags.n, 1);
	assert_string_equal(kvs_get(&tags, "kedro_command"),
	                    "kedro run --pipeline=__default__");
	READ(&k, "make");
	kedro_run_tags(&k, &none);
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
	    cmocka_unit_test(the_default_pipeline_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
