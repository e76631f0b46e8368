/* SPDX-License-Identifier: MIT */
/* cmd_init.c - kmlflow init: an mlflow.yml with everything at its default */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "commands.h"
#include "model/project.h"
#include "model/settings.h"
#include "model/version.h"

static const char nested[] =
    "# What kmlflow and kedro-mlflow do with this project's runs; each value\n"
    "# is the default.\n"
    "server:\n"
    "  # null: $MLFLOW_TRACKING_URI, else mlruns in the project\n"
    "  mlflow_tracking_uri: null\n"
    "  mlflow_registry_uri: null\n"
    "  # the name of a mapping in credentials.yml: variables for the server\n"
    "  credentials: null\n"
    "tracking:\n"
    "  disable_tracking:\n"
    "    pipelines: []\n"
    "  experiment:\n"
    "    name: %s\n"
    "    restore_if_deleted: true\n"
    "    create_experiment_kwargs:\n"
    "      artifact_location: null\n"
    "      tags: null\n"
    "  run:\n"
    "    id: null\n"
    "    name: null\n"
    "    nested: true\n"
    "  params:\n"
    "    dict_params:\n"
    "      flatten: false\n"
    "      recursive: true\n"
    "      sep: \".\"\n"
    "    # of values that are too long: fail, tag or truncate\n"
    "    long_params_strategy: fail\n"
    "ui:\n"
    "  port: \"5000\"\n"
    "  host: \"127.0.0.1\"\n";

/* kedro-mlflow 0.8 and later want Kedro 0.18. */
static const char flat[] =
    "# What kmlflow and kedro-mlflow do with this project's runs.\n"
    "mlflow_tracking_uri: mlruns\n"
    "experiment:\n"
    "  name: %s\n"
    "  create: true\n"
    "run:\n"
    "  id: null\n"
    "  name: null\n"
    "  nested: true\n"
    "ui:\n"
    "  port: null\n"
    "  host: null\n";

/* Where the file goes, owned; NULL: it must not, and why is said. */
static char *
find_place(const struct options *o, const struct project *p, const char *cwd)
{
	const char *env = o->env ? o->env : "local";
	cleanup_free char *dir = mem_printf("%s/%s", p->conf, env);
	cleanup_free char *path = mem_printf("%s/mlflow.yml", dir);
	cleanup_free char *shown = project_shown(path, cwd);

	if (!*env || *env == '.' || strchr(env, '/') || !fs_is_dir(dir)) {
		log_error("No env '%s' found: there is no directory '%s'", env,
		          dir);
		return NULL;
	}
	if (fs_exists(path) && !o->force) {
		log_error("A 'mlflow.yml' already exists at '%s'; --force "
		          "replaces it",
		          shown);
		return NULL;
	}
	return mem_steal(&path);
}

static int
init(const struct options *o, const struct project *p, const char *cwd)
{
	cleanup_free char *path = find_place(o, p, cwd);
	cleanup_free char *shown = path ? project_shown(path, cwd) : NULL;
	const char *name = p->package_name ? p->package_name : "Default";
	bool old = version_before(p->kedro_version, 0, 18, 0);
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	if (!path)
		return 1;
	for (const char *s = old ? flat : nested; *s; s++) {
		if (!strncmp(s, "%s", 2)) {
			buf_adds(&text, name);
			s++;
		} else {
			buf_addc(&text, *s);
		}
	}
	if (fs_write_atomic(path, text.s, text.len, 0644, &err)) {
		log_error("%s", err.msg);
		return 1;
	}
	if (!o->silent)
		printf("'%s' successfully updated.\n", shown);
	return fflush(stdout) ? 1 : 0;
}

static int
run_init(const struct options *o)
{
	cleanup_free char *cwd = fs_cwd();
	struct settings_request request = {.directory = o->directory,
	                                   .cwd = cwd,
	                                   .env = o->env};
	struct project p;
	struct err err = ERR_INIT;
	int status = 1;

	/* An environment that is missing is told in find_place(). */
	request.env = NULL;
	if (project_find(&request, &p, &err)) {
		log_error("%s", err.msg);
		return 1;
	}
	if (p.root)
		status = init(o, &p, cwd);
	else
		log_error("no project here or above (no .kedro.yml, no "
		          "pyproject.toml with [tool.kedro], no conf/base); "
		          "'kmlflow new NAME' makes one");
	project_free(&p);
	return status;
}

const struct command command_init = {
    .name = "init",
    .bit = VERB_INIT,
    .arguments = "[OPTIONS]",
    .summary = "Writes an mlflow.yml with every key at its default.",
    .run = run_init,
};
