/* SPDX-License-Identifier: MIT */
/* test_runtime_params.c - --params in the syntaxes of each Kedro */
#include "load.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/runtime_params.h"
#include "model/value.h"
#include "model/version.h"

static const struct {
	const char *version, *text, *expected;
} cases[] = {
    {"0.16.3", "a:1,b:1.5,c:x,d:1e3, e : y z ,",
     "{'a': 1, 'b': 1.5, 'c': 'x', 'd': 1000, 'e': 'y z'}"},
    {"0.16.3", "a.b:true,c:5.0", "{'a.b': 'true', 'c': 5}"},
    {"0.16.3", "a:1_0,b:1_,c:_1,d:1__0,e:1e1_0",
     "{'a': 10, 'b': '1_', 'c': '_1', 'd': '1__0', 'e': 10000000000}"},
    {"0.18.5", "a = 1,b.c :x", "{'a ': 1, 'b': {'c ': 'x'}}"},
    {"1.0.0", "a =x", "{'a ': 'x'}"},
    {"0.17.6", "a.b:1,a.c:x:y", "{'a': {'b': 1, 'c': 'x:y'}}"},
    {"0.18.4", "a:inf,b:0x10", "{'a': inf, 'b': '0x10'}"},
    {"0.18.5", "a.b:1,a.c=true,d:x=y,e=x:y",
     "{'a': {'b': 1, 'c': True}, 'd': 'x=y', 'e': 'x:y'}"},
    {"0.19.0", "a.b=1e3,c=null,d=,e=x:y=z,f='1',g=on",
     "{'a': {'b': 1000.0}, 'c': None, 'd': None, 'e': 'x:y=z', 'f': '1', "
     "'g': True}"},
    {NULL, "a=[1,b=2", "{'a': '[1', 'b': 2}"},
    {"1.0.0", "a.b=1,a.b.c=2", "{'a': {'b': {'c': 2}}}"},
    {"1.0.0", "a:1", "{'a': 1}"},
    {"1.0.0", "my_token=x,b.password=y",
     "{'my_token': '***', 'b': {'password': '***'}}"},
    {"1.0.0", "", "{}"},
    {"1.0.0", " , ,", "{}"},
};

static void
each_syntax_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_arena struct arena arena = {.chunk = NULL};
		cleanup_strv struct strv warnings = STRV_INIT;
		cleanup_buf struct buf got = BUF_INIT;

		runtime_params_show(runtime_params_parse(cases[i].text,
		                                         cases[i].version,
		                                         &arena, &warnings),
		                    &got);
		assert_string_equal(got.s, cases[i].expected);
		assert_int_equal(warnings.n, 0);
	}
}

static void
what_kedro_refuses_is_left_out(void **state)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	cleanup_strv struct strv warnings = STRV_INIT;
	const struct value *v =
	    runtime_params_parse("a=1,x,=2", NULL, &arena, &warnings);

	(void)state;
	assert_int_equal(v->dict.n, 1);
	assert_int_equal(warnings.n, 2);
	assert_string_equal(warnings.v[0],
	                    "--params: an item is not 'name=value', so it is "
	                    "left out");
}

static void
versions_have_an_order(void **state)
{
	(void)state;
	assert_true(version_before("0.18.14", 0, 19, 0));
	assert_true(version_before("0.18", 0, 18, 5));
	assert_false(version_before("0.19.0", 0, 19, 0));
	assert_false(version_before("0.19.0rc1", 0, 19, 0));
	assert_false(version_before("1.0.0", 0, 19, 0));
	assert_true(version_before("0.16.6", 0, 17, 0));
	assert_false(version_before(NULL, 0, 19, 0));
	assert_false(version_before("main", 0, 19, 0));
}

static void
they_change_the_parameters(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};
	cleanup_settings struct settings t = {.params = KVS_INIT};
	cleanup_settings struct settings u = {.params = KVS_INIT};
	const struct settings_request r = {.runtime_params =
	                                       "a.x=9,b=[7],n=new,run=r1"};
	const struct settings_request o = {.runtime_params = "a.x:9,o.x:1"};
	cleanup_kvs struct kvs flags = KVS_INIT;
	const struct settings_request f = {.params = &flags};

	(void)state;
	tree_write(dir, "conf/base/parameters.yml",
	           "a: {x: 1, y: 2}\nb: old\nc: ${a.x}\n"
	           "d: '${runtime_params:b, none}'\n");
	tree_write(dir, "conf/base/mlflow.yml",
	           "tracking:\n  run: {name: '${runtime_params:run, none}'}\n");
	load(dir, &r, &s);
	assert_string_equal(kvs_get(&s.params, "a"), "{'x': 9, 'y': 2}");
	assert_string_equal(kvs_get(&s.params, "b"), "[7]");
	assert_string_equal(kvs_get(&s.params, "c"), "9");
	assert_string_equal(kvs_get(&s.params, "d"), "[7]");
	assert_string_equal(kvs_get(&s.params, "n"), "new");
	assert_string_equal(s.tracking.run_name, "r1");
	assert_string_equal(s.runtime_params,
	                    "{'a': {'x': 9}, 'b': [7], 'n': 'new', 'run': "
	                    "'r1'}");
	/* Flags are of their own, but can be referred to. */
	kvs_set(&flags, "run", "r2");
	load(dir, &f, &t);
	assert_string_equal(t.tracking.run_name, "r2");
	assert_null(t.runtime_params);
	/* Before 0.17 a whole key was replaced, and dots meant nothing. */
	tree_write(dir, ".kedro.yml", "project_version: 0.16.3\n");
	load(dir, &o, &u);
	assert_string_equal(kvs_get(&u.params, "a"), "{'x': 1, 'y': 2}");
	assert_string_equal(kvs_get(&u.params, "a.x"), "9");
}

static int
setup(void **state)
{
	(void)state;
	load_clean_environment();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_syntax_is_read),
	    cmocka_unit_test(what_kedro_refuses_is_left_out),
	    cmocka_unit_test(versions_have_an_order),
	    cmocka_unit_test_setup(they_change_the_parameters, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
