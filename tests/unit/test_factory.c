/* SPDX-License-Identifier: MIT */
/* test_factory.c - patterns of the catalog, and the files that they mean */
#include "load.h"

#include "base/buf.h"
#include "model/factory.h"
#include "model/pattern.h"

static const struct {
	const char *pattern, *text;
	bool path;
	const char *captures; /* NULL: no match */
} matches[] = {
    {"{a}", "x", false, "a=x"},
    {"{a}_csv", "one_two_csv", false, "a=one_two"},
    {"{a}_{b}", "one_two_three", false, "a=one b=two_three"},
    {"{a}.{a}", "x.x", false, "a=x"},
    {"{a}.{a}", "x.y", false, NULL},
    {"{a}#csv", "X#CSV", false, "a=X"},
    {"{a}#csv", "#csv", false, NULL},
    {"{a:w}x", "ox", false, "a=o"},
    {"no", "no", false, ""},
    {"no", "NOT", false, NULL},
    {"{", "{", false, ""},
    {"/d/{a}/{b}.csv", "/d/x/y.csv", true, "a=x b=y"},
    {"/d/{a}/{b}.csv", "/d/x/y.CSV", true, NULL},
    {"/d/{a}.csv", "/d/x/y.csv", true, NULL},
    {"/d/{a}-{a}", "/d/xx-xx", true, "a=xx"},
};

static void
patterns_match_as_in_kedro(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(matches); i++) {
		cleanup_kvs struct kvs captures = KVS_INIT;
		cleanup_buf struct buf got = BUF_INIT;
		bool match = pattern_match(matches[i].pattern, matches[i].text,
		                           matches[i].path, &captures);

		for (size_t k = 0; k < captures.n; k++)
			buf_addf(&got, "%s%s=%s", k ? " " : "",
			         captures.v[k].key, captures.v[k].value);
		if (!matches[i].captures) {
			assert_false(match);
			continue;
		}
		assert_true(match);
		assert_string_equal(got.s, matches[i].captures);
	}
}

static void
an_evil_pattern_ends(void **state)
{
	cleanup_buf struct buf pattern = BUF_INIT;
	cleanup_buf struct buf text = BUF_INIT;

	(void)state;
	for (int i = 0; i < 30; i++)
		buf_addf(&pattern, "{p%d}a", i);
	for (int i = 0; i < 200; i++)
		buf_addc(&text, 'a');
	buf_addc(&text, 'b');
	assert_false(pattern_match(pattern.s, text.s, false, NULL));
}

static void
more_letters_come_first(void **state)
{
	static const char *const order[] = {"{a}_long_csv", "{a}.{b}_csv",
	                                    "x{a}_csv", "{a}_{b}", "{a}"};

	(void)state;
	for (size_t i = 0; i + 1 < ARRAY_LEN(order); i++)
		assert_true(pattern_order(order[i], order[i + 1]) < 0);
	assert_true(pattern_order("{a}x", "{b}x") < 0);
}

#define MLFLOW "type: kedro_mlflow.io.artifacts.MlflowArtifactDataset"

static const char catalog[] =
    "'{layer}.{name}_csv':\n  " MLFLOW "\n  artifact_path: '{layer}'\n"
    "  dataset: {type: pandas.CSVDataset, "
    "filepath: 'data/{layer}/{name}.csv'}\n"
    "'special.{name}_csv': {type: pandas.CSVDataset, filepath: 's/{name}'}\n"
    "raw.iris_csv: {type: pandas.CSVDataset, filepath: data/raw/iris.csv}\n"
    "'{m}_model':\n  " MLFLOW "\n  dataset: {type: pickle.PickleDataset, "
    "filepath: 'm/{m}.pkl', versioned: true}\n"
    "'{p}_parts':\n  " MLFLOW "\n  dataset: {type: "
    "partitions.PartitionedDataset, path: 'p/{p}/', dataset: a.B, "
    "filename_suffix: .csv}\n"
    "'{n}_fixed':\n  " MLFLOW "\n  dataset: {type: a.B, filepath: f.csv}\n";

static const struct {
	const char *path, *name, *artifact_path, *relative;
} files[] = {
    {"data/a/x.csv", "a.x_csv", "a", NULL},
    {"data/a/b/x.csv", NULL, NULL, NULL},
    /* another pattern, and an entry of its own, have these names */
    {"data/special/x.csv", NULL, NULL, NULL},
    {"data/raw/iris.csv", NULL, NULL, NULL},
    {"data/raw/other.csv", "raw.other_csv", "raw", NULL},
    {"m/k.pkl/2020/k.pkl", "k_model", NULL, "2020/k.pkl"},
    {"m/k.pkl", NULL, NULL, NULL},
    {"m/k.pkl/2020/j.pkl", NULL, NULL, NULL},
    {"p/q/a/b.csv", "q_parts", NULL, "a/b.csv"},
    {"p/q/a/b.txt", NULL, NULL, NULL},
    {"f.csv", "{n}_fixed", NULL, NULL},
};

static void
files_find_their_dataset(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "conf/base/catalog.yml", catalog);
	load(dir, NULL, &s);
	assert_int_equal(s.declared.n, 4);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		cleanup_free char *path =
		    mem_printf("%s/%s", dir, files[i].path);
		const struct declared *d = NULL;
		struct declared one;
		char *relative;

		for (size_t k = 0; k < s.declared.n; k++)
			if (declared_match(&s.declared.v[k], path)) {
				assert_null(d);
				d = &s.declared.v[k];
			}
		if (!files[i].name) {
			assert_null(d);
			continue;
		}
		assert_non_null(d);
		if (!d->factory) {
			assert_string_equal(d->name, files[i].name);
			continue;
		}
		assert_int_equal(factory_resolve(d, path, &one, &relative), 0);
		assert_string_equal(one.name, files[i].name);
		if (files[i].artifact_path)
			assert_string_equal(one.artifact_path,
			                    files[i].artifact_path);
		if (files[i].relative)
			assert_string_equal(relative, files[i].relative);
		else
			assert_null(relative);
		declared_clear(&one);
		free(relative);
	}
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
	    cmocka_unit_test(patterns_match_as_in_kedro),
	    cmocka_unit_test(an_evil_pattern_ends),
	    cmocka_unit_test(more_letters_come_first),
	    cmocka_unit_test_setup(files_find_their_dataset, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
