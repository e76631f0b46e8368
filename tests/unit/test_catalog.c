/* SPDX-License-Identifier: MIT */
/* test_catalog.c - which entries and flags declare which paths */
#include "load.h"

#include "base/buf.h"
#include "model/metric_file.h"

static int
setup(void **state)
{
	(void)state;
	load_clean_environment();
	return 0;
}

static const struct declared absent;

static const struct declared *
find(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->declared.n; i++)
		if (!strcmp(s->declared.v[i].name, name))
			return &s->declared.v[i];
	return &absent;
}

/* 'path' below 'dir'; NULLs must be NULLs. */
static void
assert_declared(const struct declared *d, enum declared_kind kind,
                const char *dir, const char *path, const char *artifact_path)
{
	cleanup_free char *want = mem_printf("%s/%s", dir, path);

	assert_ptr_not_equal(d, &absent);
	assert_int_equal(d->kind, kind);
	assert_string_equal(d->path, want);
	if (!artifact_path)
		assert_null(d->artifact_path);
	else
		assert_string_equal(d->artifact_path, artifact_path);
}

static void
assert_metric(const struct declared *d, enum metric_form form, const char *key)
{
	assert_ptr_not_equal(d, &absent);
	assert_non_null(d->metric);
	assert_int_equal(d->metric->form, form);
	if (!key)
		assert_null(d->metric->key);
	else
		assert_string_equal(d->metric->key, key);
}

static void
every_spelling_of_the_wrapper(void **state)
{
	static const char *const types[] = {
	    "kedro_mlflow.io.MlflowDataSet",
	    "kedro_mlflow.io.MlflowArtifactDataSet",
	    "kedro_mlflow.io.artifacts.MlflowArtifactDataSet",
	    "kedro_mlflow.io.artifacts.MlflowArtifactDataset",
	    ("kedro_mlflow.io.artifacts.mlflow_artifact_dataset."
	     "MlflowArtifactDataset"),
	    "MlflowArtifactDataset"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		cleanup_tree char *dir = tree_new();
		cleanup_settings struct settings s = {.params = KVS_INIT};
		cleanup_free char *text = mem_printf(
		    "plain:\n  type: pandas.CSVDataSet\n  filepath: p.csv\n"
		    "model:\n  type: %s\n  %s:\n    type: "
		    "pickle.PickleDataSet\n"
		    "    filepath: data/model.pkl\n  artifact_path: a/b\n"
		    "  run_id: abc\n  layer: models\n  credentials: x\n",
		    types[i], i % 2 ? "dataset" : "data_set");
		const struct declared *d;

		tree_write(dir, "conf/base/catalog.yml", text);
		load(dir, NULL, &s);
		assert_int_equal(s.declared.n, 1);
		d = find(&s, "model");
		assert_declared(d, DECLARED_FILE, dir, "data/model.pkl", "a/b");
		assert_string_equal(d->run_id, "abc");
		assert_string_equal(d->origin.file, "conf/base/catalog.yml");
		assert_int_equal(d->origin.line, 4);
		assert_int_equal(s.warnings.n, 0);
	}
}

static const char forms[] =
    "versioned:\n  type: kedro_mlflow.io.MlflowDataSet\n"
    "  data_set: {type: a.B, filepath: data/m.pkl, versioned: true}\n"
    "parts:\n  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset\n"
    "  dataset:\n    type: partitions.PartitionedDataset\n"
    "    path: data/parts/\n    dataset: pandas.CSVDataset\n"
    "    filename_suffix: .csv\n"
    "slash:\n  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset\n"
    "  dataset: {type: matplotlib.MatplotlibDataset, filepath: out//plots/}\n"
    "uri:\n  type: kedro_mlflow.io.MlflowDataSet\n"
    "  data_set: {type: a.B, filepath: 'file:///abs/x.csv'}\n"
    "cached:\n  type: kedro_mlflow.io.MlflowDataSet\n"
    "  data_set:\n    type: CachedDataset\n"
    "    dataset: {type: a.B, filepath: c.csv}\n"
    "local_model:\n  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset\n"
    "  dataset:\n"
    "    type: kedro_mlflow.io.models.MlflowModelLocalFileSystemDataset\n"
    "    filepath: data/model\n    flavor: mlflow.sklearn\n"
    "_helper: &h {type: kedro_mlflow.io.MlflowDataSet}\n"
    "anchored:\n  <<: *h\n  data_set: {type: a.B, filepath: anchored.csv}\n";

static void
forms_of_datasets(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "conf/base/catalog.yml", forms);
	load(dir, NULL, &s);
	assert_int_equal(s.declared.n, 7);
	assert_declared(find(&s, "versioned"), DECLARED_VERSIONED, dir,
	                "data/m.pkl", NULL);
	assert_declared(find(&s, "parts"), DECLARED_DIR, dir, "data/parts",
	                NULL);
	assert_string_equal(find(&s, "parts")->suffix, ".csv");
	assert_declared(find(&s, "slash"), DECLARED_FILE, dir, "out/plots",
	                NULL);
	assert_string_equal(find(&s, "uri")->path, "/abs/x.csv");
	assert_declared(find(&s, "cached"), DECLARED_FILE, dir, "c.csv", NULL);
	assert_declared(find(&s, "local_model"), DECLARED_DIR, dir,
	                "data/model", NULL);
	assert_declared(find(&s, "anchored"), DECLARED_FILE, dir,
	                "anchored.csv", NULL);
}

static void
metadata_and_kmlflow_yml_declare_plain_entries(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "conf/base/catalog.yml",
	           "a:\n  type: x.Y\n  filepath: a.csv\n"
	           "  metadata: {kmlflow: {artifact: true}, other: 1}\n"
	           "b:\n  type: x.Y\n  filepath: b.csv\n  versioned: true\n"
	           "  metadata: {kmlflow: {artifact_path: r, run_id: abc}}\n"
	           "c:\n  type: partitions.IncrementalDataset\n  path: c\n"
	           "d: {type: x.Y, filepath: d.csv}\n"
	           "e: {type: x.Y, filepath: e.csv, metadata: text}\n"
	           "f: {type: x.Y, filepath: f.csv, metadata: 3}\n"
	           "g: {type: kedro_mlflow.io.MlflowDataSet,\n"
	           "    metadata: {kmlflow: {artifact: false}},\n"
	           "    data_set: {type: x.Y, filepath: g.csv}}\n");
	tree_write(dir, "conf/base/kmlflow.yml",
	           "artifacts:\n  - c\n  - {name: d, artifact_path: out/}\n"
	           "  - path: logs/*.txt\n    artifact_path: logs\n"
	           "  - {path: tree/}\n"
	           "exclude: ['*.tmp', 'tree/skip/']\n");
	load(dir, NULL, &s);
	assert_int_equal(s.declared.n, 6);
	assert_declared(find(&s, "a"), DECLARED_FILE, dir, "a.csv", NULL);
	assert_declared(find(&s, "b"), DECLARED_VERSIONED, dir, "b.csv", "r");
	assert_string_equal(find(&s, "b")->run_id, "abc");
	assert_declared(find(&s, "c"), DECLARED_DIR, dir, "c", NULL);
	assert_null(find(&s, "c")->suffix);
	assert_declared(find(&s, "d"), DECLARED_FILE, dir, "d.csv", "out");
	assert_declared(find(&s, "logs/*.txt"), DECLARED_GLOB, dir,
	                "logs/*.txt", "logs");
	assert_declared(find(&s, "tree/"), DECLARED_DIR, dir, "tree", NULL);
	assert_int_equal(s.declared.n_exclude, 2);
}

static void
kmlflow_yml_names_files_of_metrics(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "conf/base/catalog.yml",
	           "a: {type: x.Y, filepath: a.json}\n"
	           "b: {type: x.Y, filepath: b.json}\n"
	           "c: {type: kedro_mlflow.io.metrics.MlflowMetricsDataSet,\n"
	           "    prefix: own}\n"
	           "d: {type: kedro_mlflow.io.metrics.MlflowMetricDataSet}\n"
	           "e: {type: x.Y, filepath: e.json}\n"
	           "'{x}_m': {type: x.Y, filepath: 'm/{x}.json'}\n");
	tree_write(dir, "conf/base/kmlflow.yml",
	           "metrics:\n  - a\n  - {name: b, prefix: p}\n"
	           "  - {name: c, filepath: c.json}\n"
	           "  - {name: d, filepath: d.json}\n"
	           "  - {name: '{x}_m', prefix: '{x}'}\n");
	load(dir, NULL, &s);
	assert_int_equal(s.declared.n, 5);
	assert_metric(find(&s, "a"), METRIC_ANY, NULL);
	assert_metric(find(&s, "b"), METRIC_ANY, "p");
	assert_metric(find(&s, "c"), METRIC_MANY, "own");
	assert_metric(find(&s, "d"), METRIC_ONE, "d");
	assert_metric(find(&s, "{x}_m"), METRIC_ANY, "{x}");
	assert_non_null(find(&s, "{x}_m")->factory);
}

static void
transcoded_names_declare_once(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "conf/base/catalog.yml",
	           "x@a:\n  type: kedro_mlflow.io.MlflowDataSet\n"
	           "  data_set: {type: a.B, filepath: x.csv}\n"
	           "x@b:\n  type: kedro_mlflow.io.MlflowDataSet\n"
	           "  data_set: {type: c.D, filepath: ./x.csv}\n"
	           "y:\n  type: kedro_mlflow.io.MlflowDataSet\n"
	           "  data_set: {type: c.D, filepath: sub/x.csv}\n");
	load(dir, NULL, &s);
	assert_int_equal(s.declared.n, 2);
	assert_int_equal(s.warnings.n, 1);
	assert_string_equal(s.warnings.v[0],
	                    "conf/base/catalog.yml:7:1: dataset 'y': becomes "
	                    "the same artifact 'x.csv' as dataset 'x@a'; give "
	                    "one an artifact_path of its own");
}

static void
what_is_not_captured_is_said(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};
	static const char *const expected[] = {
	    "conf/base/catalog.yml:3:35: dataset 'remote': a remote path is "
	    "not "
	    "captured; write to a local one",
	    "conf/base/catalog.yml:4:16: dataset 'metric': its metrics are "
	    "those "
	    "that Python logs; to record a file that the command writes, name "
	    "it: metadata: {kmlflow: {filepath: …}}, or in kmlflow.yml",
	    "conf/base/catalog.yml:6:13: dataset 'odd': is not captured: "
	    "'${_t:}' cannot be read: the resolver '_t' is Python of the "
	    "project's settings.py, which kmlflow cannot run"};

	(void)state;
	tree_write(dir, "conf/base/catalog.yml",
	           "remote:\n  type: kedro_mlflow.io.MlflowDataSet\n"
	           "  data_set: {type: a.B, filepath: 's3://bucket/x.csv'}\n"
	           "metric: {type: kedro_mlflow.io.metrics."
	           "MlflowMetricDataset}\n"
	           "registry: {type: kedro_mlflow.io.models."
	           "MlflowModelRegistryDataset, model_name: m}\n"
	           "odd: {type: '${_t:}', filepath: x}\n"
	           "'{pattern}': {type: a.B, filepath: 'x/{pattern}.csv'}\n"
	           "reads: {type: a.B, filepath: '${_base:}/x.csv'}\n");
	load(dir, NULL, &s);
	assert_int_equal(s.declared.n, 0);
	assert_int_equal(s.warnings.n, ARRAY_LEN(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		assert_string_equal(s.warnings.v[i], expected[i]);
}

static void
files_of_a_type_are_found_as_kedro_finds_them(void **state)
{
	static const char *const files[] = {
	    "catalog.yml",           "catalog_a.yaml",  "catalog_b.json",
	    "catalog/deep/any.yml",  "sub/catalog.yml", "catalogs.yml",
	    "sub/catalog_dir/x.yml", ".catalog.yml",    "catalog.txt",
	    ".h/catalog.yml",        "my_catalog.yml",  "catalog.yml.bak"};
	const size_t n_found = 6;
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		cleanup_free char *name = mem_printf("conf/base/%s", files[i]);
		cleanup_free char *text =
		    mem_printf("{\"d%zu\": {\"type\": \"MlflowDataSet\", "
		               "\"data_set\": {\"type\": \"a.B\", "
		               "\"filepath\": \"d%zu\"}}}",
		               i, i);

		tree_write(dir, name, text);
	}
	load(dir, NULL, &s);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char name[8];

		snprintf(name, sizeof(name), "d%zu", i);
		if ((find(&s, name) == &absent) != (i >= n_found))
			fail_msg("%s", files[i]);
	}
}

static void
flags_declare_paths_and_patterns(void **state)
{
	static const struct {
		const char *flag;
		enum declared_kind kind;
		const char *path, *artifact_path;
	} cases[] = {
	    {"a.csv", DECLARED_FILE, "a.csv", NULL},
	    {"./b/../a.csv=out/", DECLARED_FILE, "a.csv", "out"},
	    {"dir/", DECLARED_DIR, "dir", NULL},
	    {"*.csv=x/y", DECLARED_GLOB, "*.csv", "x/y"},
	    {"out/**/*.png", DECLARED_GLOB, "out/**/*.png", NULL},
	    {"o[ab]/", DECLARED_GLOB, "o[ab]/**", NULL},
	    {"year\\=2020/x.csv", DECLARED_FILE, "year=2020/x.csv", NULL},
	    {"y\\=1=d", DECLARED_FILE, "y=1", "d"},
	    {"a=b=c", DECLARED_FILE, "a=b", "c"},
	    {"a.txt=", DECLARED_FILE, "a.txt", NULL},
	};
	cleanup_tree char *dir = tree_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_settings struct settings s = {.params = KVS_INIT};
		cleanup_strv struct strv flags = STRV_INIT;
		const struct settings_request r = {.artifacts = &flags};

		strv_add(&flags, cases[i].flag);
		load(dir, &r, &s);
		assert_int_equal(s.declared.n, 1);
		assert_string_equal(s.declared.v[0].name, cases[i].flag);
		assert_null(s.declared.v[0].origin.file);
		assert_declared(&s.declared.v[0], cases[i].kind, dir,
		                cases[i].path, cases[i].artifact_path);
	}
}

/* A directory whose name would be a pattern is itself in a pattern. */
static void
patterns_are_about_what_was_written_only(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_free char *odd = mem_printf("%s/[x]*", dir);
	cleanup_free char *file = mem_printf("%s/[x]*/a.csv", dir);
	cleanup_free char *other = mem_printf("%s/x/a.csv", dir);
	cleanup_free char *skipped = mem_printf("%s/[x]*/t/b.csv", dir);
	cleanup_free char *temporary = mem_printf("%s/[x]*/q/b.tmp", dir);
	cleanup_settings struct settings s = {.params = KVS_INIT};
	cleanup_strv struct strv flags = STRV_INIT;
	cleanup_strv struct strv excludes = STRV_INIT;
	const struct settings_request r = {.cwd = odd,
	                                   .artifacts = &flags,
	                                   .excludes = &excludes};

	(void)state;
	strv_add(&flags, "*.csv");
	strv_add(&excludes, "t/");
	strv_add(&excludes, "*.tmp");
	load(dir, &r, &s);
	assert_true(declared_match(&s.declared.v[0], file));
	assert_false(declared_match(&s.declared.v[0], other));
	assert_true(declared_excluded(&s.declared, skipped));
	assert_true(declared_excluded(&s.declared, temporary));
	assert_false(declared_excluded(&s.declared, file));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(every_spelling_of_the_wrapper, setup),
	    cmocka_unit_test_setup(forms_of_datasets, setup),
	    cmocka_unit_test_setup(
		metadata_and_kmlflow_yml_declare_plain_entries, setup),
	    cmocka_unit_test_setup(kmlflow_yml_names_files_of_metrics, setup),
	    cmocka_unit_test_setup(transcoded_names_declare_once, setup),
	    cmocka_unit_test_setup(what_is_not_captured_is_said, setup),
	    cmocka_unit_test_setup(
		files_of_a_type_are_found_as_kedro_finds_them, setup),
	    cmocka_unit_test_setup(flags_declare_paths_and_patterns, setup),
	    cmocka_unit_test_setup(patterns_are_about_what_was_written_only,
	                           setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
