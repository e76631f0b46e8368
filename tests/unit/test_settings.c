/* SPDX-License-Identifier: MIT */
/* test_settings.c - stores, experiments and runs by file, variable and flag */
#include "load.h"

#include "model/tracking_uri.h"

static int
setup(void **state)
{
	(void)state;
	load_clean_environment();
	return 0;
}

/* file://DIR/REST */
static void
assert_file_uri(const char *uri, const char *dir, const char *rest)
{
	cleanup_free char *want = mem_printf("file://%s/%s", dir, rest);

	assert_string_equal(uri, want);
}

static void
without_a_project(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};
	cleanup_settings struct settings t = {.params = KVS_INIT};
	cleanup_settings struct settings u = {.params = KVS_INIT};
	cleanup_free char *plain = mem_printf("%s/store", dir);
	cleanup_free char *database = mem_printf("sqlite:///%s/mlflow.db", dir);

	(void)state;
	load(dir, NULL, &s);
	assert_null(s.project.root);
	assert_null(s.project.conf);
	assert_string_equal(s.tracking.uri, database);
	assert_string_equal(s.tracking.experiment_name, "Default");
	assert_null(s.tracking.run_name);
	assert_true(s.tracking.nested);
	assert_true(s.tracking.experiment_create);
	assert_true(s.tracking.restore_if_deleted);
	assert_int_equal(s.declared.n, 0);
	/* What is no experiment is no reason for "mlruns". */
	tree_write(dir, "mlruns/models/meta.yaml", "");
	tree_mkdir(dir, "mlruns/1/0123456789abcdef0123456789abcdef/artifacts");
	load(dir, NULL, &u);
	assert_string_equal(u.tracking.uri, database);
	settings_free(&u);
	tree_write(dir, "mlruns/123456789012345678/meta.yaml", "");
	load(dir, NULL, &u);
	assert_file_uri(u.tracking.uri, dir, "mlruns");
	/* MLflow keeps a path a path. */
	setenv("MLFLOW_TRACKING_URI", "./store/", 1);
	setenv("MLFLOW_EXPERIMENT_ID", "7", 1);
	load(dir, NULL, &t);
	assert_string_equal(t.tracking.uri, plain);
	assert_string_equal(t.tracking.experiment_id, "7");
	assert_null(t.tracking.experiment_name);
}

static void
markers_of_a_project(void **state)
{
	static const struct {
		const char *file, *text, *package, *version;
	} cases[] = {
	    {"pyproject.toml",
	     "[tool.kedro]\npackage_name = \"iris\"\n"
	     "kedro_init_version = \"1.0.0\"\n",
	     "iris", "1.0.0"},
	    {".kedro.yml",
	     "context_path: old.run.ProjectContext\nproject_version: 0.16.6\n",
	     "old", "0.16.6"},
	    {"conf/base/catalog.yml", "", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_tree char *dir = tree_new();
		cleanup_free char *deep = mem_printf("%s/src/a/b", dir);
		cleanup_settings struct settings s = {.params = KVS_INIT};

		tree_mkdir(dir, "conf/base");
		tree_mkdir(dir, "src/a/b");
		tree_write(dir, cases[i].file, cases[i].text);
		/* Another tool's file on the way is passed by. */
		tree_write(dir, "src/pyproject.toml", "[broken\n");
		load(deep, NULL, &s);
		assert_string_equal(s.project.root, dir);
		assert_string_equal(s.project.env, "local");
		assert_false(s.project.env_chosen);
		assert_file_uri(s.tracking.uri, dir, "mlruns");
		if (!cases[i].package) {
			assert_null(s.project.package_name);
			continue;
		}
		assert_string_equal(s.project.package_name, cases[i].package);
		assert_string_equal(s.project.kedro_version, cases[i].version);
		assert_string_equal(s.tracking.experiment_name,
		                    cases[i].package);
	}
}

static const char flat[] = "mlflow_tracking_uri: store\n"
			   "experiment:\n  name: flat\n  create: false\n"
			   "run:\n  id: abc\n  name: r\n  nested: False\n"
			   "disable_tracking:\n  pipelines: [a, b]\n"
			   "hooks:\n  node:\n    flatten_dict_params: true\n"
			   "    recursive: false\n    sep: '-'\n"
			   "    long_parameters_strategy: tag\n"
			   "ui:\n  port: 5001\n  host: 0.0.0.0\n";

static const char nested[] =
    "server:\n  mlflow_tracking_uri: store\n  mlflow_registry_uri: null\n"
    "tracking:\n  disable_tracking:\n    pipelines: [a, b]\n"
    "    disable_autologging: true\n"
    "  experiment:\n    name: nested\n    restore_if_deleted: false\n"
    "    create_experiment_kwargs:\n      artifact_location: art\n"
    "      tags: {team: x, n: 1}\n"
    "  run:\n    id: abc\n    name: r\n    nested: false\n"
    "  params:\n    dict_params:\n      flatten: true\n"
    "      recursive: false\n      sep: '-'\n"
    "    long_params_strategy: tag\n"
    "ui:\n  port: '5001'\n  host: 0.0.0.0\n";

static void
both_layouts_mean_the_same(void **state)
{
	const char *const layouts[] = {flat, nested};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		cleanup_tree char *dir = tree_new();
		cleanup_settings struct settings s = {.params = KVS_INIT};

		tree_write(dir, "conf/base/mlflow.yml", layouts[i]);
		load(dir, NULL, &s);
		assert_file_uri(s.tracking.uri, dir, "store");
		assert_string_equal(s.tracking.run_id, "abc");
		assert_string_equal(s.tracking.run_name, "r");
		assert_false(s.tracking.nested);
		assert_false(s.tracking.restore_if_deleted);
		assert_int_equal(s.tracking.experiment_create, i == 1);
		assert_int_equal(s.tracking.disabled_pipelines.n, 2);
		assert_string_equal(s.tracking.ui_port, "5001");
		assert_string_equal(s.tracking.ui_host, "0.0.0.0");
		assert_true(s.params_rules.flatten);
		assert_false(s.params_rules.recursive);
		assert_string_equal(s.params_rules.sep, "-");
		assert_int_equal(s.params_rules.strategy, LONG_PARAMS_TAG);
		if (i == 0)
			continue;
		assert_file_uri(s.tracking.artifact_location, dir, "art");
		assert_string_equal(kvs_get(&s.tracking.experiment_tags, "n"),
		                    "1");
	}
}

static void
empty_sections_take_what_is_built_in(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "conf/base/mlflow.yml",
	           "server: {}\ntracking:\n  run:\n    name: null\n");
	tree_write(dir, "conf/local/mlflow.yml", "# nothing\n");
	load(dir, NULL, &s);
	assert_null(s.tracking.run_name);
	assert_true(s.tracking.nested);
	assert_true(s.params_rules.recursive);
	assert_string_equal(s.params_rules.sep, ".");
}

static void
flag_over_variable_over_file_over_mlflow(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings a = {.params = KVS_INIT};
	cleanup_settings struct settings b = {.params = KVS_INIT};
	cleanup_settings struct settings c = {.params = KVS_INIT};
	const struct settings_request flags = {.experiment = "flag",
	                                       .run_name = "flag",
	                                       .run_id = "flag"};

	(void)state;
	tree_write(dir, "conf/base/mlflow.yml", nested);
	setenv("MLFLOW_TRACKING_URI", "http://host", 1);
	setenv("MLFLOW_EXPERIMENT_NAME", "variable", 1);
	load(dir, NULL, &a);
	assert_file_uri(a.tracking.uri, dir, "store");
	assert_string_equal(a.tracking.experiment_name, "nested");
	setenv("KMLFLOW_TRACKING_URI", "https://ours/", 1);
	setenv("KMLFLOW_EXPERIMENT", "ours", 1);
	setenv("KMLFLOW_RUN_NAME", "ours", 1);
	load(dir, NULL, &b);
	assert_string_equal(b.tracking.uri, "https://ours/");
	assert_string_equal(b.tracking.experiment_name, "ours");
	assert_string_equal(b.tracking.run_name, "ours");
	assert_string_equal(b.tracking.run_id, "abc");
	load(dir, &flags, &c);
	assert_string_equal(c.tracking.experiment_name, "flag");
	assert_string_equal(c.tracking.run_name, "flag");
	assert_string_equal(c.tracking.run_id, "flag");
	assert_string_equal(c.tracking.uri, "https://ours/");
}

static void
mlflow_variables_where_files_say_nothing(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_mkdir(dir, "conf/base");
	tree_write(dir, "pyproject.toml",
	           "[tool.kedro]\npackage_name = \"p\"\n");
	setenv("MLFLOW_TRACKING_URI", "my_mlruns", 1);
	setenv("MLFLOW_EXPERIMENT_NAME", "variable", 1);
	load(dir, NULL, &s);
	assert_file_uri(s.tracking.uri, dir, "my_mlruns");
	assert_string_equal(s.tracking.experiment_name, "variable");
}

static void
uris_become_absolute(void **state)
{
	static const struct {
		const char *uri, *in_project, *outside;
	} cases[] = {
	    {"mlruns", "file:///p/mlruns", "/c/mlruns"},
	    {"./a/../b/", "file:///p/b", "/c/b"},
	    {"/abs/x", "file:///abs/x", "/abs/x"},
	    {"with space", "file:///p/with%20space", "/c/with space"},
	    {"file:///x", "file:///x", "file:///x"},
	    {"http://h:5000/", "http://h:5000/", "http://h:5000/"},
	    {"sqlite:///x.db", "sqlite:////c/x.db", "sqlite:////c/x.db"},
	    {"sqlite:////x.db", "sqlite:////x.db", "sqlite:////x.db"},
	    {"postgresql+psycopg2://u@h/d", "postgresql+psycopg2://u@h/d",
	     "postgresql+psycopg2://u@h/d"},
	    {"databricks", "databricks", "databricks"},
	    {"databricks-uc", "databricks-uc", "databricks-uc"},
	    {"databricksx", "file:///p/databricksx", "/c/databricksx"},
	    {"1:x", "file:///p/1%3Ax", "/c/1:x"},
	};
	char root[] = "/p";
	const struct project in = {.root = root};
	const struct project out = {.root = NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_free char *a = uri_absolute(cases[i].uri, &in, "/c");
		cleanup_free char *b = uri_absolute(cases[i].uri, &out, "/c");

		assert_string_equal(a, cases[i].in_project);
		assert_string_equal(b, cases[i].outside);
	}
}

static void
credentials_become_variables(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};
	cleanup_settings struct settings t = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "conf/base/mlflow.yml",
	           "server:\n  credentials: mine\n");
	tree_write(dir, "conf/local/credentials.yml",
	           "mine:\n  MLFLOW_TRACKING_USERNAME: u\n"
	           "  MLFLOW_TRACKING_PASSWORD: 123\n"
	           "  MLFLOW_TRACKING_URI: http://elsewhere\n"
	           "  OURS: ${oc.env:KMLFLOW_TEST_SECRET}\n"
	           "other: ${oc.env:KMLFLOW_NOT_SET}\n");
	setenv("KMLFLOW_TEST_SECRET", "s", 1);
	load(dir, NULL, &s);
	assert_int_equal(s.tracking.credentials.n, 3);
	assert_string_equal(kvs_get(&s.tracking.credentials, "OURS"), "s");
	assert_string_equal(kvs_get(&s.tracking.credentials,
	                            "MLFLOW_TRACKING_PASSWORD"),
	                    "123");
	assert_file_uri(s.tracking.uri, dir, "mlruns");
	unsetenv("KMLFLOW_TEST_SECRET");
	load_refused(
	    dir, NULL,
	    "conf/local/credentials.yml:5:9: credential 'OURS' cannot be "
	    "read: the environment variable 'KMLFLOW_TEST_SECRET' is "
	    "not set, and there is no default");
	tree_write(dir, "conf/local/credentials.yml", "theirs: {A: b}\n");
	load(dir, NULL, &t);
	assert_int_equal(t.tracking.credentials.n, 0);
	assert_int_equal(t.warnings.n, 1);
	assert_string_equal(t.warnings.v[0],
	                    "conf/base/mlflow.yml:2:16: credentials 'mine' are "
	                    "in no credentials.yml");
}

static void
environments_overlay_base(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings a = {.params = KVS_INIT};
	cleanup_settings struct settings b = {.params = KVS_INIT};
	const struct settings_request prod = {.env = "prod"};
	const struct settings_request base = {.env = "base"};
	cleanup_settings struct settings c = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "conf/base/parameters.yml",
	           "a: {x: 1, y: 2}\nb: base\n");
	tree_write(dir, "conf/local/parameters.yml", "b: local\nc: 3\n");
	tree_write(dir, "conf/prod/parameters.yml", "a: {x: 9}\n");
	load(dir, NULL, &a);
	assert_string_equal(kvs_get(&a.params, "a"), "{'x': 1, 'y': 2}");
	assert_string_equal(kvs_get(&a.params, "b"), "local");
	setenv("KEDRO_ENV", "local", 1);
	load(dir, &prod, &b);
	assert_true(b.project.env_chosen);
	assert_string_equal(kvs_get(&b.params, "a"), "{'x': 9}");
	assert_string_equal(kvs_get(&b.params, "b"), "base");
	assert_null(kvs_get(&b.params, "c"));
	load(dir, &base, &c);
	assert_string_equal(kvs_get(&c.params, "b"), "base");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(without_a_project, setup),
	    cmocka_unit_test_setup(markers_of_a_project, setup),
	    cmocka_unit_test_setup(both_layouts_mean_the_same, setup),
	    cmocka_unit_test_setup(empty_sections_take_what_is_built_in, setup),
	    cmocka_unit_test_setup(flag_over_variable_over_file_over_mlflow,
	                           setup),
	    cmocka_unit_test_setup(mlflow_variables_where_files_say_nothing,
	                           setup),
	    cmocka_unit_test(uris_become_absolute),
	    cmocka_unit_test_setup(credentials_become_variables, setup),
	    cmocka_unit_test_setup(environments_overlay_base, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
