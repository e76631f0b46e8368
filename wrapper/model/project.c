/* SPDX-License-Identifier: MIT */
/* project.c - the Kedro project around a directory */
#include "model/project.h"

#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "model/packaged.h"
#include "model/pystr.h"
#include "model/settings.h"
#include "model/settings_py.h"
#include "model/value.h"
#include "model/value_yaml.h"
#include "model/version.h"
#include "wire/toml.h"
#include "wire/yaml.h"

enum { MAX_FILE = 1 << 20 };

char *
project_shown(const char *path, const char *cwd)
{
	size_t len = strlen(cwd);

	if (len > 1 && !strncmp(path, cwd, len) && path[len] == '/')
		return mem_dup(path + len + 1);
	return mem_dup(path);
}

/* 1: the file was read, 0: there is none. */
static int
read_marker(const char *path, const char *shown, struct buf *text,
            struct err *err)
{
	if (!fs_exists(path) || fs_is_dir(path))
		return 0;
	if (!fs_read(path, MAX_FILE, text, err))
		return 1;
	if (err->kind == ERR_SYS)
		return err_at(err, shown, 0, 0,
		              "cannot be read: %s; correct its "
		              "permissions",
		              strerror(err->sys));
	return err_at(err, shown, 0, 0, "larger than %d bytes", MAX_FILE);
}

static char *
dup_of(const struct kvs *keys, const char *key)
{
	return mem_dup(kvs_get(keys, key));
}

static void
fill(struct project *p, const struct kvs *keys)
{
	const char *context = kvs_get(keys, "context_path");

	p->package_name = dup_of(keys, "package_name");
	p->project_name = dup_of(keys, "project_name");
	p->source_dir = dup_of(keys, "source_dir");
	p->kedro_version = dup_of(keys, "kedro_init_version");
	if (!p->kedro_version)
		p->kedro_version = dup_of(keys, "project_version");
	/* "package.run.ProjectContext" */
	if (!p->package_name && context)
		p->package_name = mem_ndup(context, strcspn(context, "."));
}

static int
parse_dot_kedro(const char *shown, const struct buf *text, struct project *p,
                struct err *err)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	cleanup_kvs struct kvs keys = KVS_INIT;
	struct ynode *node = NULL;
	struct value *v;

	if (yaml_parse(shown, text->s, text->len, &arena, &node, err))
		return -1;
	if (!node)
		return 0;
	if (value_from_yaml(node, DIALECT_YAML11, shown, &arena, &v, err))
		return -1;
	if (v->type != VALUE_DICT)
		return err_at(err, shown, v->line, v->column,
		              "must be a mapping, not %s", value_type_name(v));
	for (size_t i = 0; i < v->dict.n; i++) {
		cleanup_buf struct buf value = BUF_INIT;
		const char *key = value_text(v->dict.v[i].key);

		pystr(v->dict.v[i].item, &value);
		if (key)
			kvs_set(&keys, key, value.s);
	}
	fill(p, &keys);
	return 0;
}

/* 1: 'dir' is a project, *p is filled but for the environment. */
static int
look(const char *dir, const char *cwd, struct project *p, struct err *err)
{
	cleanup_free char *toml = mem_printf("%s/pyproject.toml", dir);
	cleanup_free char *dot = mem_printf("%s/.kedro.yml", dir);
	cleanup_free char *base = mem_printf("%s/conf/base", dir);
	cleanup_free char *toml_shown = project_shown(toml, cwd);
	cleanup_free char *dot_shown = project_shown(dot, cwd);
	cleanup_kvs struct kvs keys = KVS_INIT;
	cleanup_buf struct buf text = BUF_INIT;
	bool found = false;
	int there = read_marker(toml, toml_shown, &text, err);

	/* A pyproject.toml that is not Kedro's may be as broken as it likes. */
	if (there > 0 && strstr(text.s, "tool.kedro") &&
	    toml_table(toml_shown, text.s, "tool.kedro", &keys, &found, err))
		return -1;
	if (there < 0)
		return -1;
	if (found) {
		fill(p, &keys);
		return 1;
	}
	buf_reset(&text);
	there = read_marker(dot, dot_shown, &text, err);
	if (there > 0 && parse_dot_kedro(dot_shown, &text, p, err))
		return -1;
	return there ? there : fs_is_dir(base);
}

static int
look_at(const struct settings_request *request, struct project *p,
        struct err *err)
{
	cleanup_free char *joined = fs_join(request->cwd, request->directory);
	int found;

	if (!fs_is_dir(joined))
		return err_set(err, ERR_USAGE,
		               "-C %s: %s; name the directory "
		               "of a project",
		               request->directory,
		               fs_exists(joined) ? "not a directory"
		                                 : "no such directory");
	p->root = fs_resolve(joined);
	found = look(p->root, request->cwd, p, err);
	if (found)
		return found < 0 ? -1 : 0;
	return err_set(err, ERR_USAGE,
	               "-C %s: no project there (no .kedro.yml, no "
	               "pyproject.toml with [tool.kedro], no conf/base)",
	               request->directory);
}

static int
walk_up(const char *cwd, struct project *p, struct err *err)
{
	cleanup_free char *dir = mem_dup(cwd);

	for (;;) {
		int found = look(strcmp(dir, "/") ? dir : "", cwd, p, err);

		if (found < 0)
			return -1;
		if (found) {
			p->root = mem_steal(&dir);
			return 0;
		}
		if (!strcmp(dir, "/"))
			return 0;
		mem_replace(&dir, fs_dirname(dir));
	}
}

/* conf/ and its two directories, as far as Kedro insists on them. */
static int
check_conf(struct project *p, const struct settings_request *request,
           struct err *err)
{
	const char *cwd = request->cwd;
	cleanup_free char *conf =
	    request->conf_source
		? fs_join(cwd, request->conf_source)
		: fs_join(p->root,
	                  settings_py_text(p->python, PY_CONF_SOURCE, "conf"));
	cleanup_free char *base = mem_printf("%s/%s", conf, p->base_env);
	cleanup_free char *env = mem_printf("%s/%s", conf, p->env);
	cleanup_free char *shown = project_shown(base, cwd);
	cleanup_free char *env_shown = project_shown(env, cwd);

	if (!fs_is_dir(base))
		return err_at(err, shown, 0, 0,
		              "no such directory; a project keeps its "
		              "configuration there");
	if (*p->env == '.' || strchr(p->env, '/'))
		return err_set(err, ERR_USAGE,
		               "environment '%s': not the name of a directory "
		               "in conf/",
		               p->env);
	if (!p->env_chosen && request->kedro && p->package_name &&
	    !fs_is_dir(env))
		return err_at(err, env_shown, 0, 0,
		              "no such directory; Kedro wants it, if only "
		              "empty");
	if (p->env_chosen && !fs_is_dir(env))
		return err_at(err, env_shown, 0, 0,
		              "no such directory; make it, or choose another "
		              "environment with --env or KEDRO_ENV");
	p->conf = mem_steal(&conf);
	return 0;
}

/* What settings.py can tell without being run. */
static void
read_python(struct project *p, const char *cwd)
{
	/* OmegaConf's loader became the default with 0.19. */
	bool old = version_before(p->kedro_version, 0, 19, 0);

	p->python = settings_py_read(p, old, cwd);
	p->base_env = mem_dup(settings_py_text(p->python, PY_BASE_ENV, "base"));
	if (!p->env_chosen)
		mem_replace(&p->env,
		            mem_dup(settings_py_text(p->python, PY_RUN_ENV,
		                                     "local")));
}

/* Kedro takes the package's settings, and the project around or else here. */
static void
take_package(struct project *p, const struct settings_request *request)
{
	const struct packaged *packaged = request->packaged;

	if (!packaged || !packaged->name)
		return;
	if (!p->root)
		p->root = mem_dup(request->cwd);
	if (!p->kedro_version)
		p->kedro_version = mem_dup(packaged->kedro_version);
	mem_replace(&p->package_name, mem_dup(packaged->name));
	p->package_dir = mem_dup(packaged->dir);
}

int
project_find(const struct settings_request *request, struct project *ret,
             struct err *err)
{
	const char *variable = getenv("KEDRO_ENV");
	const char *env = request->env;
	struct project p = {.root = NULL};
	int failed;

	if (!env && variable && *variable)
		env = variable;
	p.env_chosen = env;
	p.env = mem_dup(env ? env : "local");
	failed = request->directory ? look_at(request, &p, err)
	                            : walk_up(request->cwd, &p, err);
	if (!failed)
		take_package(&p, request);
	if (!failed && p.root) {
		read_python(&p, request->cwd);
		failed = check_conf(&p, request, err);
	}
	if (failed) {
		project_free(&p);
		return -1;
	}
	*ret = p;
	return 0;
}

char *
project_find_root(const char *cwd)
{
	struct project p = {.root = NULL};
	struct err err = ERR_INIT;
	char *root = NULL;

	if (!walk_up(cwd, &p, &err))
		root = mem_steal(&p.root);
	project_free(&p);
	return root;
}

void
project_free(struct project *p)
{
	free(p->root);
	free(p->conf);
	free(p->base_env);
	free(p->source_dir);
	settings_py_free(p->python);
	free(p->package_name);
	free(p->project_name);
	free(p->kedro_version);
	free(p->package_dir);
	free(p->env);
	*p = (struct project){.root = NULL};
}

enum dialect
project_dialect(const struct project *p)
{
	return !p->python || settings_py_loader(p->python) == LOADER_OMEGACONF
	           ? DIALECT_OMEGACONF
	           : DIALECT_YAML11;
}
