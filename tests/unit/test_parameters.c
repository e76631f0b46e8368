/* SPDX-License-Identifier: MIT */
/* test_parameters.c - which params a run gets, by name and to the letter */
#include "load.h"

#include "base/buf.h"
#include "model/nearest.h"
#include "model/parameters.h"

static int
setup(void **state)
{
	(void)state;
	load_clean_environment();
	return 0;
}

static void
load_params(const char *text, const char *rules, struct settings *ret)
{
	cleanup_tree char *dir = tree_new();

	tree_write(dir, "conf/base/parameters.yml", text);
	tree_write(dir, "conf/base/mlflow.yml", rules);
	load(dir, NULL, ret);
}

/* "key=value;key=value" in that order. */
static void
assert_params(const struct kvs *params, const char *expected)
{
	cleanup_buf struct buf got = BUF_INIT;

	for (size_t i = 0; i < params->n; i++)
		buf_addf(&got, "%s%s=%s", i ? ";" : "", params->v[i].key,
		         params->v[i].value);
	assert_string_equal(got.s, expected);
}

static const char values[] = "b: true\nn: null\nl: [1, 2]\nf: 1e-5\n"
			     "d: {x: 0.1, 'y': it's}\ns: text\ni: 0x10\n";

static void
top_level_keys_by_str(void **state)
{
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	load_params(values, "", &s);
	assert_params(&s.params, "b=True;n=None;l=[1, 2];f=1e-05;"
	                         "d={'x': 0.1, 'y': \"it's\"};s=text;i=16");
}

static void
flattening(void **state)
{
	static const char tree[] = "a: 1\nb: {c: 2, d: {f: {g: 3}, 4: 5}}\n"
				   "1: {4: {6.7: x}}\ne: {}\n";
	static const struct {
		const char *rules, *expected;
	} table[] = {
	    {"tracking: {params: {dict_params: {flatten: true}}}",
	     "a=1;b.c=2;b.d.f.g=3;b.d.4=5;1.4.6.7=x"},
	    {"tracking: {params: {dict_params: {flatten: true, sep: _}}}",
	     "a=1;b_c=2;b_d_f_g=3;b_d_4=5;1_4_6.7=x"},
	    {"hooks: {node: {flatten_dict_params: true, recursive: false, "
	     "sep: '-'}}",
	     "a=1;b-c=2;b-d={'f': {'g': 3}, 4: 5};1-4={6.7: 'x'}"},
	    {"", "a=1;b={'c': 2, 'd': {'f': {'g': 3}, 4: 5}};"
	         "1={4: {6.7: 'x'}};e={}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		cleanup_settings struct settings s = {.params = KVS_INIT};

		load_params(tree, table[i].rules, &s);
		assert_params(&s.params, table[i].expected);
	}
}

static void
names_are_made_fit(void **state)
{
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	load_params("a-b: 1\na/b: 1\na.b: 1\n'a:b': 1\n'é 日': 1\n"
	            "'[invalid]$param': 1\n'😀': 1\n",
	            "", &s);
	assert_params(&s.params, "a-b=1;a/b=1;a.b=1;a:b=1;é 日=1;"
	                         "_invalid__param=1;_=1");
	assert_int_equal(s.warnings.n, 2);
	assert_non_null(strstr(s.warnings.v[0], "'_invalid__param'"));
}

/* 'n' letters of two bytes each under the key 'p'. */
static char *
long_param(size_t n)
{
	cleanup_buf struct buf text = BUF_INIT;

	buf_adds(&text, "p: ");
	for (size_t i = 0; i < n; i++)
		buf_adds(&text, "é");
	buf_addc(&text, '\n');
	return buf_detach(&text);
}

static void
long_values_by_strategy(void **state)
{
	static const char *const rules[] = {
	    "", "tracking: {params: {long_params_strategy: tag}}",
	    "hooks: {node: {long_parameters_strategy: truncate}}"};
	cleanup_free char *fits = long_param(PARAM_MAX_VALUE);
	cleanup_free char *over = long_param(PARAM_MAX_VALUE + 20);
	cleanup_settings struct settings tag = {.params = KVS_INIT};
	cleanup_settings struct settings cut = {.params = KVS_INIT};
	cleanup_tree char *dir = tree_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		cleanup_settings struct settings s = {.params = KVS_INIT};

		load_params(fits, rules[i], &s);
		assert_int_equal(strlen(kvs_get(&s.params, "p")),
		                 2 * PARAM_MAX_VALUE);
	}
	load_params(over, rules[1], &tag);
	assert_int_equal(tag.params.n, 0);
	assert_int_equal(strlen(kvs_get(&tag.long_params_tags, "p")),
	                 2 * (PARAM_MAX_VALUE + 20));
	load_params(over, rules[2], &cut);
	assert_int_equal(strlen(kvs_get(&cut.params, "p")),
	                 2 * PARAM_MAX_VALUE);
	tree_write(dir, "conf/base/parameters.yml", over);
	load_refused(dir, NULL,
	             "conf/base/parameters.yml:1:1: parameter 'p' has 6020 "
	             "characters, MLflow takes 6000; set "
	             "long_params_strategy to 'tag' or 'truncate'");
}

static void
flags_lie_on_top(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};
	cleanup_strv struct strv files = STRV_INIT;
	cleanup_kvs struct kvs flags = KVS_INIT;
	const struct settings_request r = {.params = &flags,
	                                   .params_files = &files};

	(void)state;
	tree_write(dir, "conf/base/parameters.yml", "a: 1\nb: {x: 1}\nc: 3\n");
	tree_write(dir, "more.json", "{\"b\": {\"y\": 2}, \"d\": [true]}");
	tree_write(dir, "last.yml", "d: 1e3\n");
	strv_add(&files, "more.json");
	strv_add(&files, "last.yml");
	kvs_set(&flags, "c", "0x10");
	kvs_set(&flags, "new", "${a}");
	load(dir, &r, &s);
	assert_params(&s.params, "a=1;b={'y': 2};c=0x10;d=1000.0;new=${a}");
}

/* What Kedro's older loader makes of the same file. */
static void
old_projects_read_yaml_1_1(void **state)
{
	static const char text[] = "_h: 1\nf: 1e3\nd: 2020-01-02\no: 010\n";
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings a = {.params = KVS_INIT};
	cleanup_settings struct settings b = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "conf/base/parameters.yml", text);
	load(dir, NULL, &a);
	assert_params(&a.params, "_h=1;f=1000.0;d=2020-01-02;o=8");
	tree_write(dir, ".kedro.yml", "project_version: 0.18.14\n");
	tree_write(dir, "conf/base/parameters.yml",
	           "_h: 1\nf: 1e3\nd: {x: 2020-01-02}\no: 010\n");
	load(dir, NULL, &b);
	assert_params(&b.params,
	              "f=1e3;d={'x': datetime.date(2020, 1, 2)};o=8");
}

static void
nearest_words(void **state)
{
	static const struct {
		const char *word, *candidates[4], *nearest;
	} table[] = {
	    {"artefact", {"artifact", "artifact_path"}, "artifact"},
	    {"nmae", {"id", "name", "nested"}, "name"},
	    {"Name", {"name"}, "name"},
	    {"zzz", {"id", "name"}, NULL},
	    {"experiment_nam",
	     {"experiment", "experiment_name"},
	     "experiment_name"},
	    {"", {"id"}, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct nearest n = {.word = NULL};

		for (size_t k = 0; table[i].candidates[k]; k++)
			nearest_offer(&n, table[i].word,
			              table[i].candidates[k]);
		if (!table[i].nearest) {
			assert_null(n.word);
			continue;
		}
		assert_non_null(n.word);
		assert_string_equal(n.word, table[i].nearest);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(top_level_keys_by_str, setup),
	    cmocka_unit_test_setup(flattening, setup),
	    cmocka_unit_test_setup(names_are_made_fit, setup),
	    cmocka_unit_test_setup(long_values_by_strategy, setup),
	    cmocka_unit_test_setup(flags_lie_on_top, setup),
	    cmocka_unit_test_setup(old_projects_read_yaml_1_1, setup),
	    cmocka_unit_test(nearest_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
