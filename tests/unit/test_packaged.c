/* SPDX-License-Identifier: MIT */
/* test_packaged.c - Kedro projects that are installed as packages */
#include "load.h"

#include <sys/stat.h>
#include <unistd.h>

#include "model/journal.h"
#include "model/packaged.h"

#define MAIN "from kedro.framework.project import configure_project\n"
#define SITE "venv/lib/python3.11/site-packages/"

static void
read_words(const char *const *words, struct kedro_run *ret)
{
	char *const *argv;

	memcpy(&argv, &words, sizeof(argv));
	kedro_run_read(argv, ret);
}

#define READ(k, ...) read_words((const char *const[]){__VA_ARGS__, NULL}, k)

/* A virtual environment that holds the package, and its script. */
static char *
install(void)
{
	char *dir = tree_new();
	cleanup_free char *script = mem_printf("%s/venv/bin/my-pkg", dir);
	cleanup_free char *python = mem_printf("%s/venv/bin/python", dir);
	cleanup_free char *text =
	    mem_printf("#!%s\n# -*- coding: utf-8 -*-\nimport re\nimport sys\n"
	               "from my_pkg.__main__ import main\n",
	               python);

	tree_write(dir, SITE "my_pkg/__main__.py", MAIN);
	tree_mkdir(dir, SITE "kedro-0.19.3.dist-info");
	tree_write(dir, SITE "other/__main__.py", "print('no')\n");
	tree_write(dir, "venv/bin/my-pkg", text);
	tree_write(dir, "venv/bin/python", "#!/bin/sh\n");
	tree_mkdir(dir, "here");
	assert_int_equal(chmod(script, 0755) | chmod(python, 0755), 0);
	return dir;
}

static int
setup(void **state)
{
	cleanup_free char *here = NULL;

	*state = install();
	here = mem_printf("%s/here", (char *)*state);
	unsetenv("VIRTUAL_ENV");
	unsetenv("CONDA_PREFIX");
	unsetenv("PYTHONPATH");
	return chdir(here);
}

static int
teardown(void **state)
{
	char *dir = *state;

	assert_int_equal(chdir("/"), 0);
	tree_free(&dir);
	return 0;
}

static void
a_module_of_the_interpreter(void **state)
{
	cleanup_free char *python =
	    mem_printf("%s/venv/bin/python", (char *)*state);
	cleanup_free char *package =
	    mem_printf("%s/" SITE "my_pkg", (char *)*state);
	struct kedro_run k;

	READ(&k, python, "-m", "my_pkg", "--env", "prod", "-p", "a");
	assert_true(k.is_kedro_run);
	assert_string_equal(k.packaged.name, "my_pkg");
	assert_string_equal(k.packaged.dir, package);
	assert_string_equal(k.packaged.program, "python -m my_pkg");
	assert_string_equal(k.packaged.kedro_version, "0.19.3");
	assert_string_equal(k.env, "prod");
	assert_string_equal(k.pipeline, "a");
	kedro_run_free(&k);
	/* Any other module is none, and its options are its own. */
	READ(&k, python, "-m", "other", "--env", "prod");
	assert_false(k.is_kedro_run);
	assert_null(k.env);
	kedro_run_free(&k);
	READ(&k, python, "-m", "none.such", "--env", "prod");
	assert_false(k.is_kedro_run);
	kedro_run_free(&k);
}

static void
a_script_of_pip(void **state)
{
	cleanup_free char *script =
	    mem_printf("%s/venv/bin/my-pkg", (char *)*state);
	struct kedro_run k;

	READ(&k, "nice", script, "--params", "a=1");
	assert_true(k.is_kedro_run);
	assert_string_equal(k.packaged.name, "my_pkg");
	assert_string_equal(k.packaged.program, "my-pkg");
	assert_string_equal(k.params, "a=1");
	kedro_run_free(&k);
	READ(&k, "/bin/sh", "--params", "a=1");
	assert_false(k.is_kedro_run);
	kedro_run_free(&k);
}

static void
places_by_variables_and_in_the_project(void **state)
{
	cleanup_free char *venv = mem_printf("%s/venv", (char *)*state);
	cleanup_free char *site = mem_printf("%s/" SITE, (char *)*state);
	struct kedro_run k;

	READ(&k, "python", "-m", "my_pkg");
	assert_false(k.is_kedro_run);
	kedro_run_free(&k);
	setenv("VIRTUAL_ENV", venv, 1);
	READ(&k, "poetry", "run", "python", "-m", "my_pkg");
	assert_true(k.is_kedro_run);
	kedro_run_free(&k);
	unsetenv("VIRTUAL_ENV");
	setenv("PYTHONPATH", site, 1);
	READ(&k, "python", "-m", "my_pkg");
	assert_true(k.is_kedro_run);
	kedro_run_free(&k);
	unsetenv("PYTHONPATH");
	tree_mkdir(*state, "here/conf/base");
	tree_write(*state, "here/src/mine/__main__.py", MAIN);
	READ(&k, "python", "-m", "mine");
	assert_true(k.is_kedro_run);
	kedro_run_free(&k);
}

static void
its_settings_and_its_name_are_taken(void **state)
{
	cleanup_free char *python =
	    mem_printf("%s/venv/bin/python", (char *)*state);
	cleanup_free char *here = mem_printf("%s/here", (char *)*state);
	struct settings s;
	struct kedro_run k;

	tree_write(*state, SITE "my_pkg/settings.py",
	           "CONF_SOURCE = 'config'\n");
	tree_write(*state, "here/config/base/parameters.yml", "a: 1\n");
	READ(&k, python, "-m", "my_pkg");
	{
		const struct settings_request request = {.packaged =
		                                             &k.packaged};

		load(here, &request, &s);
	}
	assert_string_equal(s.project.root, here);
	assert_string_equal(s.tracking.experiment_name, "my_pkg");
	assert_string_equal(s.project.kedro_version, "0.19.3");
	assert_string_equal(kvs_get(&s.params, "a"), "1");
	settings_free(&s);
	kedro_run_free(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_module_of_the_interpreter, setup,
	                                    teardown),
	    cmocka_unit_test_setup_teardown(a_script_of_pip, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		places_by_variables_and_in_the_project, setup, teardown),
	    cmocka_unit_test_setup_teardown(its_settings_and_its_name_are_taken,
	                                    setup, teardown),
	};

	load_clean_environment();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
