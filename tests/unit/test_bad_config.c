/* SPDX-License-Identifier: MIT */
/* test_bad_config.c - what is wrong in a project, and what is said of it */
#include "load.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#define BASE "conf/base/"

static const struct {
	const char *file, *text, *message;
} cases[] = {
    /* broken files */
    {BASE "catalog.yml", "a: 1\nb: c: d\n",
     BASE "catalog.yml:2:5: broken YAML: mapping values are not "
          "allowed in this context; put a text that contains ': ' in quotes"},
    {BASE "parameters.yml", "a: 1\na: 2\n",
     BASE "parameters.yml:2:1: 'a' is there already on line 1; keep one of "
          "them"},
    {BASE "parameters.yml", "- a\n",
     BASE "parameters.yml:1:1: the file must hold a mapping ('key: value' "
          "lines), not a list"},
    {"pyproject.toml", "[tool.kedro]\npackage_name = \"x\n",
     "pyproject.toml:2:18: broken TOML: a string without its closing quote"},
    /* mlflow.yml */
    {BASE "mlflow.yml", "server:\n  mlflow_traking_uri: x\n",
     BASE "mlflow.yml:2:3: unknown key 'server.mlflow_traking_uri'; did you "
          "mean 'server.mlflow_tracking_uri'?"},
    {BASE "mlflow.yml", "sever:\n  mlflow_tracking_uri: x\n",
     BASE "mlflow.yml:1:1: unknown key 'sever'; did you mean 'server'?"},
    {BASE "mlflow.yml", "tracking:\n  experiment:\n    create: true\n",
     BASE "mlflow.yml:3:5: unknown key 'tracking.experiment.create'; known "
          "are 'tracking.experiment.name', "
          "'tracking.experiment.restore_if_deleted', "
          "'tracking.experiment.create_experiment_kwargs'"},
    {BASE "mlflow.yml", "server: {}\nexperiment: {name: x}\n",
     BASE "mlflow.yml:2:1: unknown key 'experiment'; did you mean "
          "'tracking.experiment'?"},
    {BASE "mlflow.yml", "experiment:\n  nme: x\n",
     BASE "mlflow.yml:2:3: unknown key 'experiment.nme'; did you mean "
          "'experiment.name'?"},
    {BASE "mlflow.yml", "run:\n  nested: 'yes'\n",
     BASE "mlflow.yml:2:11: 'run.nested' must be true or false, not a string"},
    {BASE "mlflow.yml", "tracking:\n  run:\n    id: 12\n",
     BASE "mlflow.yml:3:9: 'tracking.run.id' must be a string, not an "
          "integer; put it in quotes"},
    {BASE "mlflow.yml", "tracking:\n  params:\n    long_params_strategy: cut\n",
     BASE "mlflow.yml:3:27: 'tracking.params.long_params_strategy' must be "
          "'fail', 'tag' or 'truncate', not 'cut'"},
    {BASE "mlflow.yml", "tracking: x\n",
     BASE "mlflow.yml:1:11: 'tracking' must be a mapping, not a string"},
    {BASE "mlflow.yml", "tracking:\n  run: {name: '${globals:x}'}\n",
     BASE
     "mlflow.yml:2:15: '${globals:x}': there is no 'x' in globals.yml, and "
     "no default ('${globals: x, DEFAULT}')"},
    {BASE "mlflow.yml", "tracking:\n  run: {name: '${now:}'}\n",
     BASE "mlflow.yml:2:15: tracking.run.name: '${now:}' cannot be read: the "
          "resolver 'now' is Python of the project's settings.py, which "
          "kmlflow cannot run"},
    {BASE "mlflow.yml", "server:\n  request_header_provider:\n    type: a.B\n",
     BASE "mlflow.yml:3:11: 'server.request_header_provider.type' names a "
          "Python class, which kmlflow cannot run; use "
          "MLFLOW_TRACKING_TOKEN"},
    /* kmlflow.yml */
    {BASE "kmlflow.yml", "artifact: [a]\n",
     BASE "kmlflow.yml:1:1: kmlflow.yml: unknown key 'artifact'; did you mean "
          "'artifacts'?"},
    {BASE "kmlflow.yml", "artifacts: [modl]\n",
     BASE "kmlflow.yml:1:13: artifacts: the catalog has no entry 'modl'"},
    {BASE "kmlflow.yml", "artifacts:\n  - {artifact_path: x}\n",
     BASE "kmlflow.yml:2:5: artifacts: an item needs either 'name' (of a "
          "catalog entry) or 'path'"},
    /* catalog.yml */
    {BASE "catalog.yml", "x:\n  type: MlflowDataSet\n",
     BASE "catalog.yml:2:3: dataset 'x': has no 'dataset'; it says what is "
          "written, with 'type' and 'filepath'"},
    {BASE "catalog.yml",
     "x:\n  type: MlflowDataSet\n  data_set: {type: sql.SQLTableDataset}\n",
     BASE "catalog.yml:3:13: dataset 'x': has no 'filepath'; only what is "
          "written to a file can become an artifact"},
    {BASE "catalog.yml",
     "x:\n  type: MlflowDataSet\n  data_set: pandas.CSVDataSet\n",
     BASE "catalog.yml:3:13: dataset 'x': 'dataset' must be a mapping with "
          "'type' and 'filepath'"},
    {BASE "catalog.yml",
     "x:\n  type: MlflowDataSet\n  data_set: {type: a, filepath: b}\n"
     "  versioned: true\n",
     BASE "catalog.yml:4:14: dataset 'x': 'versioned' belongs into "
          "'dataset:', beside 'filepath'"},
    {BASE "catalog.yml",
     "x:\n  type: MlflowDataSet\n  data_set: {type: a, filepath: b}\n"
     "  artifact_pth: c\n",
     BASE "catalog.yml:4:3: dataset 'x': unknown key 'artifact_pth'; did you "
          "mean 'artifact_path'?"},
    {BASE "catalog.yml",
     "x:\n  type: MlflowDataSet\n  data_set: {type: a, filepath: b}\n"
     "  artifact_path: ../c\n",
     BASE "catalog.yml:4:18: dataset 'x': 'artifact_path' is '../c'; it must "
          "be relative and without '..'"},
    {BASE "catalog.yml",
     "x:\n  type: MlflowDataSet\n  data_set: {type: a, filepath: 3}\n",
     BASE "catalog.yml:3:33: dataset 'x': 'filepath' must be a string, not an "
          "integer"},
    {BASE "catalog.yml",
     "x:\n  type: MlflowDataSet\n  data_set:\n    type: a\n"
     "    filepath: ${_base}/b\n",
     BASE "catalog.yml:5:15: '${_base}/b': there is no '_base' in the files of "
          "this kind and environment"},
    {BASE "catalog.yml",
     "x:\n  type: MlflowDataSet\n  data_set:\n    type: a\n"
     "    filepath: ${today:}/b\n",
     BASE "catalog.yml:5:15: dataset 'x': '${today:}/b' cannot be read: the "
          "resolver 'today' is Python of the project's settings.py, which "
          "kmlflow cannot run"},
    {BASE "catalog.yml",
     "'{x}':\n  type: MlflowDataSet\n"
     "  data_set: {type: a, filepath: '{y}.csv'}\n",
     BASE "catalog.yml:3:33: dataset '{x}': '{y}' is not in the name of the "
          "entry, so nothing says what it stands for"},
    {BASE "catalog.yml",
     "'{x}_{y}':\n  type: MlflowDataSet\n  artifact_path: '{y}'\n"
     "  data_set: {type: a, filepath: '{x}.csv'}\n",
     BASE "catalog.yml:1:1: dataset '{x}_{y}': '{y}' is not in the path, as "
          "'artifact_path' needs it, so nothing says what it stands for"},
    {BASE "catalog.yml",
     "'{x}': {type: a.B, filepath: x}\n'{y}':\n  type: MlflowDataSet\n"
     "  data_set: {type: a, filepath: '{y}.csv'}\n",
     BASE "catalog.yml:2:1: dataset '{y}': only one pattern may stand for "
          "every name"},
    {BASE "catalog.yml", "x: pandas.CSVDataSet\n",
     BASE "catalog.yml:1:4: dataset 'x': must be a mapping with 'type'; a "
          "helper's name begins with '_'"},
    {BASE "catalog.yml",
     "x:\n  type: a.B\n  filepath: x\n  metadata: {kmlflow: {artefact: "
     "true}}\n",
     BASE "catalog.yml:4:24: dataset 'x': metadata.kmlflow: unknown key "
          "'artefact'; did you mean 'artifact'?"},
    {BASE "catalog.yml",
     "x:\n  type: a.B\n  filepath: x\n  metadata: {kmlflow: true}\n",
     BASE "catalog.yml:4:23: dataset 'x': 'metadata.kmlflow' must be a "
          "mapping, as {artifact: true}"},
    {BASE "catalog.yml",
     "x:\n  type: a.B\n  filepath: x\n"
     "  metadata: {kmlflow: {artifact: 1}}\n",
     BASE "catalog.yml:4:34: dataset 'x': metadata.kmlflow: 'artifact' must "
          "be true or false, not an integer"},
    /* parameters.yml */
    {BASE "parameters.yml", "name: 1\nb:\n  c: [1, '${nme}']\n",
     BASE "parameters.yml:3:10: '${nme}': there is no 'nme' in the files of "
          "this kind and environment; did you mean 'name'?"},
    {BASE "parameters.yml", "a: 1\n../b: 2\n",
     BASE "parameters.yml:2:1: parameter '../b' has a name that MLflow "
          "refuses: it looks like a path, but '.', '..' and empty parts are "
          "not allowed"},
    {BASE "parameters.yml", "a: \"x\\0y\"\n",
     BASE "parameters.yml:1:1: parameter 'a' holds a NUL character, which no "
          "store takes"},
};

static int
setup(void **state)
{
	(void)state;
	load_clean_environment();
	return 0;
}

static void
the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_tree char *dir = tree_new();

		tree_mkdir(dir, "conf/base");
		tree_write(dir, cases[i].file, cases[i].text);
		load_refused(dir, NULL, cases[i].message);
	}
}

static void
one_key_in_two_files(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, BASE "parameters.yml", "m:\n  a: 1\n_x: 1\n");
	tree_write(dir, BASE "parameters_b.yml", "m:\n  b: 2\n_x: 2\n");
	load(dir, NULL, &s);
	assert_string_equal(kvs_get(&s.params, "m"), "{'a': 1, 'b': 2}");
	assert_string_equal(kvs_get(&s.params, "_x"), "2");
	tree_write(dir, BASE "parameters_b.yml", "m:\n  b: 2\n  a: 3\n");
	load_refused(dir, NULL,
	             BASE "parameters_b.yml:3:3: 'a' is also on line 2 of " BASE
	                  "parameters.yml; within one environment keep it in "
	                  "one file");
	tree_write(dir, BASE "parameters_b.yml", "");
	tree_write(dir, BASE "catalog.yml", "x: {type: a.B}\n");
	tree_write(dir, BASE "catalog_b.yml", "\nx: {type: a.B}\n");
	load_refused(dir, NULL,
	             BASE "catalog_b.yml:2:1: 'x' is also on line 1 of " BASE
	                  "catalog.yml; within one environment keep it in one "
	                  "file");
}

static void
places_that_are_not_there(void **state)
{
	const struct settings_request nowhere = {.directory = "nowhere"};
	const struct settings_request empty = {.directory = "empty"};
	const struct settings_request prod = {.env = "prod"};
	const struct settings_request up = {.env = "../up"};
	cleanup_tree char *dir = tree_new();

	(void)state;
	tree_mkdir(dir, "empty");
	load_refused(dir, &nowhere,
	             "-C nowhere: no such directory; name the directory of a "
	             "project");
	load_refused(dir, &empty,
	             "-C empty: no project there (no .kedro.yml, no "
	             "pyproject.toml with [tool.kedro], no conf/base)");
	tree_write(dir, "pyproject.toml", "[tool.kedro]\n");
	load_refused(dir, NULL,
	             "conf/base: no such directory; a project keeps its "
	             "configuration there");
	tree_mkdir(dir, "conf/base");
	load_refused(dir, &prod,
	             "conf/prod: no such directory; make it, or choose another "
	             "environment with --env or KEDRO_ENV");
	load_refused(dir, &up,
	             "environment '../up': not the name of a directory in "
	             "conf/");
}

static void
flags_that_make_no_sense(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_strv struct strv a = STRV_INIT;
	cleanup_strv struct strv b = STRV_INIT;
	cleanup_strv struct strv c = STRV_INIT;
	const struct settings_request none = {.artifacts = &a};
	const struct settings_request outside = {.artifacts = &b};
	const struct settings_request file = {.params_files = &c};

	(void)state;
	strv_add(&a, "=x");
	strv_add(&b, "x=../y");
	strv_add(&c, "p.yml");
	load_refused(dir, &none, "-a '=x': a path or pattern is missing");
	load_refused(dir, &outside,
	             "-a 'x=../y': what follows '=' must be relative and "
	             "without '..'");
	load_refused(dir, &file,
	             "p.yml: cannot be read: No such file or directory; is "
	             "the name right?");
}

/* Root may read everything, so it becomes somebody else for a while. */
static void
files_that_cannot_be_read(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_free char *path = mem_printf("%s/conf/base/catalog.yml", dir);
	cleanup_free char *sub = mem_printf("%s/conf/base/sub", dir);
	bool root = !geteuid();

	(void)state;
	tree_write(dir, BASE "catalog.yml", "");
	tree_mkdir(dir, BASE "sub");
	assert_int_equal(chmod(dir, 0755) | chmod(path, 0), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	load_refused(dir, NULL,
	             BASE "catalog.yml: cannot be read: Permission denied; "
	                  "correct its permissions");
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(sub, 0), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	load_refused(dir, NULL,
	             "conf/base: sub: cannot be read: Permission denied; "
	             "correct its permissions");
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(sub, 0700), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(the_table, setup),
	    cmocka_unit_test_setup(one_key_in_two_files, setup),
	    cmocka_unit_test_setup(places_that_are_not_there, setup),
	    cmocka_unit_test_setup(flags_that_make_no_sense, setup),
	    cmocka_unit_test_setup(files_that_cannot_be_read, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
