/* SPDX-License-Identifier: MIT */
/* test_settings_py.c - what settings.py says, and the loaders of old Kedro */
#include "load.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/interp.h"
#include "model/pyread.h"
#include "model/pystr.h"
#include "model/value.h"

static int
setup(void **state)
{
	(void)state;
	load_clean_environment();
	return 0;
}

#define NEW                                                                    \
	"[tool.kedro]\npackage_name = \"p\"\nkedro_init_version = \"1.0.0\"\n"
#define OLD "[tool.kedro]\npackage_name = \"p\"\nproject_version = \"0.18.3\"\n"

static const struct {
	const char *source, *expected; /* of A */
} literals[] = {
    {"A = 1", "1"},
    {"A=-1.5 # comment", "-1.5"},
    {"A: str = 'x'", "'x'"},
    {"A = \"a\\n'b\" 'c'", "\"a\\n'bc\""},
    {"A = r'\\d'", "'\\\\d'"},
    {"A = '''a\nb'''", "'a\\nb'"},
    {"A = (\n  'a'  # first\n  'b'\n)", "'ab'"},
    {"A = [1, 'x', None, True,]", "[1, 'x', None, True]"},
    {"A = {'a': {'b': (1,)}, \"c\": dict(d=2, e='f')}",
     "{'a': {'b': [1]}, 'c': {'d': 2, 'e': 'f'}}"},
    {"A = OmegaConfigLoader", "'OmegaConfigLoader'"},
    {"A = 1\nA = 2\n", "2"},
    {"if x:\n    A = 2\nA = 1", "1"},
    {"\"\"\"A = 3\n\"\"\"\nA = 4", "4"},
    {"def f():\n    '''\nA = 9\n'''\nA = 4", "4"},
    {"A == 3", NULL},
    {"# A = 3", NULL},
    {"A = f'x'", "?"},
    {"A = b'x'", "?"},
    {"A = 'a' + b", "?"},
    {"A = x()", "?"},
    {"A = os.environ['x']", "?"},
    {"A = 'x'.format(1)", "?"},
};

static void
literals_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(literals); i++) {
		cleanup_arena struct arena arena = {.chunk = NULL};
		cleanup_buf struct buf got = BUF_INIT;
		const struct value *a =
		    value_get(pyread_assignments(literals[i].source, "s.py",
		                                 &arena),
		              "A");

		if (!literals[i].expected) {
			assert_null(a);
			continue;
		}
		assert_non_null(a);
		if (interp_is(a))
			buf_addc(&got, '?');
		else
			pyrepr(a, &got);
		assert_string_equal(got.s, literals[i].expected);
	}
}

static void
broken_sources_do_no_harm(void **state)
{
	static const char *const sources[] = {"A = '",     "A = '''",
	                                      "A = [",     "A = {'a'",
	                                      "A = {'a':", "A = (((",
	                                      "A = dict(", "A = [\\",
	                                      "A = \"\\",  "A",
	                                      "A =",       "A = {'a': [(}])"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		cleanup_arena struct arena arena = {.chunk = NULL};

		assert_non_null(pyread_assignments(sources[i], "s.py", &arena));
	}
}

static void
places_and_merging(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "pyproject.toml", NEW);
	tree_write(dir, "src/p/settings.py",
	           "from kedro.config import OmegaConfigLoader\n"
	           "CONF_SOURCE = \"settings\"\n"
	           "CONFIG_LOADER_CLASS = OmegaConfigLoader\n"
	           "CONFIG_LOADER_ARGS = {\n"
	           "    \"base_env\": \"common\",\n"
	           "    \"default_run_env\": \"here\",\n"
	           "    \"merge_strategy\": {\"parameters\": \"soft\"},\n"
	           "    \"config_patterns\": {\n"
	           "        \"catalog\": [\"data*\", \"**/data*\"],\n"
	           "    },\n"
	           "    \"custom_resolvers\": {\"oc.env\": oc.env},\n"
	           "}\n");
	tree_write(dir, "settings/common/parameters.yml",
	           "a: {x: 1, y: 2}\nb: '${oc.env:KMLFLOW_TEST_X}'\n");
	tree_write(dir, "settings/here/parameters.yml", "a: {x: 9}\n");
	tree_write(dir, "settings/common/sub/data.yml",
	           "d: {type: a.B, filepath: f, metadata: {kmlflow: {}}}\n"
	           "e: {type: MlflowDataSet, "
	           "data_set: {type: a.B, filepath: e}}\n");
	setenv("KMLFLOW_TEST_X", "set", 1);
	load(dir, NULL, &s);
	assert_int_equal(s.warnings.n, 0);
	assert_string_equal(s.project.env, "here");
	assert_string_equal(kvs_get(&s.params, "a"), "{'x': 9, 'y': 2}");
	assert_string_equal(kvs_get(&s.params, "b"), "set");
	assert_int_equal(s.declared.n, 1);
	assert_string_equal(s.declared.v[0].name, "e");
}

/* As OmegaConf.merge() does it. */
static void
soft_merging_is_of_like_things(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};
	struct settings_request request = {.cwd = dir,
	                                   .runtime_params = "b.x=1"};

	(void)state;
	tree_write(dir, "pyproject.toml", NEW);
	tree_write(dir, "src/p/settings.py",
	           "CONFIG_LOADER_ARGS = {'merge_strategy':\n"
	           "  {'parameters': 'soft'}}\n");
	tree_write(dir, "conf/base/parameters.yml",
	           "a: {x: 1, y: [2]}\nb: [1]\n");
	tree_write(dir, "conf/local/parameters.yml",
	           "a: {x: '?\?\?', y: null}\nb: 3\n");
	load(dir, NULL, &s);
	assert_string_equal(kvs_get(&s.params, "a"), "{'x': 1, 'y': None}");
	assert_string_equal(kvs_get(&s.params, "b"), "3");
	load_refused(dir, &request,
	             "conf/base/parameters.yml:2:1: 'b' cannot be merged: a "
	             "mapping over a list");
	tree_write(dir, "conf/local/parameters.yml", "\na:\n  y: {z: 1}\n");
	load_refused(dir, NULL,
	             "conf/local/parameters.yml:3:3: 'y' cannot be merged: a "
	             "mapping over a list of conf/base/parameters.yml");
}

static void
what_python_alone_knows_is_said(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "pyproject.toml", NEW);
	tree_write(dir, "conf/base/parameters.yml", "a: 1\n");
	tree_write(dir, "src/p/settings.py",
	           "CONF_SOURCE = os.environ['X']\n"
	           "CONFIG_LOADER_CLASS = MyLoader\n"
	           "CONFIG_LOADER_ARGS = {**x,\n  'base_env': f(),\n}\n");
	load(dir, NULL, &s);
	assert_string_equal(kvs_get(&s.params, "a"), "1");
	assert_int_equal(s.warnings.n, 3);
	assert_string_equal(s.warnings.v[0],
	                    "src/p/settings.py:2: CONFIG_LOADER_CLASS is none "
	                    "of Kedro's own loaders; conf/ is read as Kedro's "
	                    "default one does");
	assert_string_equal(s.warnings.v[1],
	                    "src/p/settings.py:1: CONF_SOURCE is computed by "
	                    "Python; 'conf' is read");
	assert_string_equal(s.warnings.v[2],
	                    "src/p/settings.py:4: base_env is computed by "
	                    "Python, so it is not read");
	tree_write(dir, "src/p/settings.py",
	           "CONFIG_LOADER_ARGS = {'merge_strategy':\n"
	           "  {'parameters': 'sft'}}\n");
	load_refused(dir, NULL,
	             "src/p/settings.py:2: merge_strategy of 'parameters' must "
	             "be 'soft' or 'destructive'");
}

/* Kedro's own loader of old put nothing into "${…}". */
static void
the_plain_loader_of_old(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "pyproject.toml", OLD);
	tree_write(dir, "conf/base/parameters.yml", "a: ${b}\nn: 1e3\n");
	load(dir, NULL, &s);
	assert_string_equal(kvs_get(&s.params, "a"), "${b}");
	assert_string_equal(kvs_get(&s.params, "n"), "1e3");
	tree_write(dir, "src/p/settings.py",
	           "CONFIG_LOADER_CLASS = config.OmegaConfigLoader\n");
	load_refused(dir, NULL,
	             "conf/base/parameters.yml:1:4: '${b}': there is no 'b' in "
	             "the files of this kind and environment");
}

static void
the_templated_loader_of_old(void **state)
{
	static const char *const hooks[] = {
	    "src/p/settings.py",
	    "CONFIG_LOADER_CLASS = TemplatedConfigLoader\n"
	    "CONFIG_LOADER_ARGS = {'globals_pattern': '*globals.yml',\n"
	    "  'globals_dict': {'extra': 5, 'home': os.environ['H']}}\n",
	    "src/p/hooks.py",
	    "    @hook_impl\n"
	    "    def register_config_loader(self, conf_paths):\n"
	    "        return TemplatedConfigLoader(conf_paths,\n"
	    "            globals_pattern=\"*globals.yml\",\n"
	    "            globals_dict={\"extra\": 5, \"home\": h()})\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hooks); i += 2) {
		cleanup_tree char *dir = tree_new();
		cleanup_settings struct settings s = {.params = KVS_INIT};

		tree_write(dir, "pyproject.toml", OLD);
		tree_write(dir, hooks[i], hooks[i + 1]);
		tree_write(
		    dir, "conf/base/my_globals.yml",
		    "path: {raw: data}\nnum: 3\nlist: [1]\nnone: null\n");
		tree_write(dir, "conf/local/globals.yml", "num: 4\n");
		tree_write(dir, "conf/base/parameters.yml",
		           "a: ${num}\nb: x${num}/${path.raw}\n"
		           "c: ${list}\nd: ${no|a b}\ne: ${none|}\n"
		           "'k_${num}': ${extra}\nf: '${a-b}'\n");
		load(dir, NULL, &s);
		assert_string_equal(kvs_get(&s.params, "a"), "4");
		assert_string_equal(kvs_get(&s.params, "b"), "x4/data");
		assert_string_equal(kvs_get(&s.params, "c"), "[1]");
		assert_string_equal(kvs_get(&s.params, "d"), "a b");
		assert_string_equal(kvs_get(&s.params, "e"), "");
		assert_string_equal(kvs_get(&s.params, "f"), "${a-b}");
		assert_string_equal(kvs_get(&s.params, "k_4"), "5");
		tree_write(dir, "conf/base/parameters.yml",
		           "a: 1\nb: ${home}/x\n");
		load_refused(dir, NULL,
		             "conf/base/parameters.yml:2:4: parameter 'b': "
		             "'${home}/x' cannot be read: it is computed by "
		             "Python");
		tree_write(dir, "conf/base/parameters.yml", "a: ${no}\n");
		load_refused(
		    dir, NULL,
		    "conf/base/parameters.yml:1:4: '${no}': there is no "
		    "'no' in the globals files, and no default "
		    "('${no|DEFAULT}')");
		tree_write(dir, "conf/base/parameters.yml",
		           "a: 1\n{% for x in y %}\n");
		load_refused(
		    dir, NULL,
		    "conf/base/parameters.yml:2:1: '{%' begins a Jinja2 "
		    "template, which kmlflow does not evaluate; write "
		    "the entries out");
	}
}

/* "kedro_init_version" by itself says what its loader does. */
static void
params_of(const char *version, const char *parameters, const char *globals,
          struct settings *ret)
{
	cleanup_tree char *dir = tree_new();
	cleanup_free char *toml = mem_printf("[tool.kedro]\n"
	                                     "package_name = 'p'\n"
	                                     "project_version = '%s'\n",
	                                     version);

	tree_write(dir, "pyproject.toml", toml);
	tree_write(dir, "src/p/hooks.py",
	           "TemplatedConfigLoader(conf_paths,\n"
	           "    globals_pattern='*globals.yml')\n");
	tree_write(dir, "src/p/settings.py",
	           "CONFIG_LOADER_CLASS = TemplatedConfigLoader\n"
	           "CONFIG_LOADER_ARGS = {'globals_pattern':\n"
	           "    '*globals.yml'}\n");
	tree_write(dir, "conf/base/globals.yml", globals);
	tree_write(dir, "conf/base/parameters.yml", parameters);
	load(dir, NULL, ret);
}

static void
what_templates_did_in_each_release(void **state)
{
	static const struct {
		const char *version, *parameters, *globals, *a;
	} rows[] = {
	    /* Jinja2 takes the end of the last line; 0.16 had none. */
	    {"0.18.14", "a: |\n  x\n", "{}\n", "x"},
	    {"0.17.0", "a: |\n  x\n", "{}\n", "x"},
	    {"0.16.6", "a: |\n  x\n", "{}\n", "x\n"},
	    {"0.16.6", "a: '{{ x }}'\n", "{}\n", "{{ x }}"},
	    /* It fails on what does not end, and so has no part in it. */
	    {"0.18.14", "a: |\n  {#x\n", "{}\n", "{#x\n"},
	    /* Where there are no globals, nothing was replaced. */
	    {"0.18.14", "a: ${b|c}\n", "{}\n", "c"},
	    {"0.17.3", "a: ${b|c}\n", "{}\n", "c"},
	    {"0.17.2", "a: ${b|c}\n", "{}\n", "${b|c}"},
	    {"0.17.2", "a: ${b|c}\n", "d: 1\n", "c"},
	    /* Files of globals are rendered in 0.17 alone. */
	    {"0.18.14", "a: ${b}\n", "b: '{{ 1 }}'\n", "{{ 1 }}"},
	    {"0.17.7", "a: ${b}\n", "b: |\n  x\n", "x"},
	    {"0.18.0", "a: ${b}\n", "b: |\n  x\n", "x\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_settings struct settings s = {.params = KVS_INIT};

		params_of(rows[i].version, rows[i].parameters, rows[i].globals,
		          &s);
		assert_string_equal(kvs_get(&s.params, "a"), rows[i].a);
	}
}

static void
files_of_the_loaders_of_old(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "pyproject.toml", OLD);
	tree_write(dir, "conf/base/parameters.json", "{\"n\": 1e3}");
	tree_write(dir, "conf/base/parameters/y.yml", "y: 1e3\ny: 1\n");
	tree_write(dir, "conf/local/parameters.ini", "[a]\nb = 1\n");
	tree_write(dir, "conf/local/other.ini", "[a]\nb = 1\n");
	load(dir, NULL, &s);
	assert_string_equal(kvs_get(&s.params, "n"), "1000.0");
	assert_string_equal(kvs_get(&s.params, "y"), "1");
	assert_int_equal(s.warnings.n, 1);
	assert_string_equal(s.warnings.v[0],
	                    "conf/local/parameters.ini: is not read, though "
	                    "this project's Kedro does; kmlflow reads .yml, "
	                    ".yaml and .json");
}

/* Without a pattern there are no globals, whatever files there are. */
static void
globals_are_asked_for(void **state)
{
	cleanup_tree char *dir = tree_new();

	(void)state;
	tree_write(dir, "pyproject.toml", OLD);
	tree_write(dir, "src/p/settings.py",
	           "CONFIG_LOADER_CLASS = TemplatedConfigLoader\n");
	tree_write(dir, "conf/base/globals.yml", "b: 1\n");
	tree_write(dir, "conf/base/parameters.yml", "a: ${b}\n");
	load_refused(dir, NULL,
	             "conf/base/parameters.yml:1:4: '${b}': there is no 'b' in "
	             "the globals files, and no default ('${b|DEFAULT}')");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(literals_are_read),
	    cmocka_unit_test(broken_sources_do_no_harm),
	    cmocka_unit_test_setup(places_and_merging, setup),
	    cmocka_unit_test_setup(soft_merging_is_of_like_things, setup),
	    cmocka_unit_test_setup(what_python_alone_knows_is_said, setup),
	    cmocka_unit_test_setup(the_plain_loader_of_old, setup),
	    cmocka_unit_test_setup(the_templated_loader_of_old, setup),
	    cmocka_unit_test_setup(what_templates_did_in_each_release, setup),
	    cmocka_unit_test_setup(files_of_the_loaders_of_old, setup),
	    cmocka_unit_test_setup(globals_are_asked_for, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
