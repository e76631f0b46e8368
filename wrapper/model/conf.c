/* SPDX-License-Identifier: MIT */
/* conf.c - conf/base and conf/ENV, read and merged by type */
#include "model/conf.h"

#include "base/buf.h"
#include "base/err.h"
#include "model/conf_files.h"
#include "model/conf_merge.h"
#include "model/conf_read.h"
#include "model/interp.h"
#include "model/omega.h"
#include "model/project.h"
#include "model/settings.h"
#include "model/settings_py.h"
#include "model/templated.h"
#include "model/value.h"
#include "model/version.h"

void
conf_close(struct conf *c)
{
	arena_free(&c->arena);
	arena_free(&c->nodes);
	strv_free(&c->base_files);
	strv_free(&c->env_files);
	strv_free(&c->unread);
}

/* Before OmegaConf, parameters were nothing special. */
static bool
is_omega_parameters(const struct conf *c, const char *type)
{
	return c->dialect == DIALECT_OMEGACONF && !strcmp(type, "parameters");
}

/* "${…}" in what one directory, or one file, says by itself. */
static int
resolve(struct conf *c, const char *type, struct value **v, struct err *err)
{
	const struct omega_scope scope = {
	    .globals = c->globals,
	    .runtime = c->runtime,
	    .in_globals = !strcmp(type, "globals"),
	    .env = c->env_everywhere || !strcmp(type, "credentials"),
	};

	if (!*v || c->dialect != DIALECT_OMEGACONF)
		return 0;
	return omega_resolve(*v, &scope, &c->arena, v, err);
}

/* settings.py may name other patterns. */
static bool
is_of_type(const struct conf *c, const char *path, const char *type)
{
	const struct value *own = value_get(c->patterns, type);
	const char *one = value_text(own);

	if (c->loader == LOADER_TEMPLATED && !strcmp(type, "globals"))
		return c->globals_pattern &&
		       conf_files_glob(path, c->globals_pattern);
	if (one && !interp_is(own))
		return conf_files_glob(path, one);
	if (!own || own->type != VALUE_LIST)
		return conf_files_match(path, type);
	for (size_t i = 0; i < own->list.n; i++) {
		one = value_text(own->list.v[i]);
		if (one && conf_files_glob(path, one))
			return true;
	}
	return false;
}

/* OmegaConf's loader does not read it either. */
static void
note_unread(struct conf *c, const char *path)
{
	cleanup_free char *shown = project_shown(path, c->cwd);
	cleanup_free char *text =
	    mem_printf("%s: is not read, though this project's Kedro does; "
	               "kmlflow reads .yml, .yaml and .json",
	               shown);

	if (c->dialect == DIALECT_YAML11 && !strv_has(&c->unread, text))
		strv_take(&c->unread, mem_steal(&text));
}

/* *ret stays NULL where the directory has no file of the type. */
static int
merge_files(struct conf *c, const char *env, const struct strv *files,
            const char *type, struct value **ret, struct err *err)
{
	bool deep = is_omega_parameters(c, type);
	/* Their variables are put in file by file, before they are merged. */
	bool alone = !strcmp(type, "credentials");

	for (size_t i = 0; i < files->n; i++) {
		cleanup_free char *path = NULL;
		struct value *v = NULL;

		if (!is_of_type(c, files->v[i], type))
			continue;
		path = mem_printf("%s/%s/%s", c->conf, env, files->v[i]);
		if (!conf_files_is_ours(files->v[i])) {
			note_unread(c, path);
			continue;
		}
		if (conf_read(c, path, type, &v, err) ||
		    (alone && resolve(c, type, &v, err)))
			return -1;
		if (!*ret)
			*ret = value_new(&c->arena, VALUE_DICT, NULL, 0);
		if (v && conf_merge_file(*ret, v, deep, &c->arena, err))
			return -1;
	}
	return 0;
}

/* Each directory is complete in itself: none sees the other's names. */
static int
load_dir(struct conf *c, const char *env, const struct strv *files,
         const char *type, struct value **ret, struct err *err)
{
	if (merge_files(c, env, files, type, ret, err))
		return -1;
	if (*ret && c->merged && is_omega_parameters(c, type) &&
	    conf_merge_soft(*ret, c->merged, &c->arena, err))
		return -1;
	return resolve(c, type, ret, err);
}

/* How settings.py wants an environment to be laid over base. */
static int
is_soft(const struct conf *c, const char *type, bool *ret, struct err *err)
{
	const struct value *v = value_get(c->merge_strategy, type);
	const char *name = value_text(v);

	if (!v || v->type == VALUE_NULL || interp_is(v))
		return 0;
	*ret = name && !strcasecmp(name, "soft");
	if (*ret || (name && !strcasecmp(name, "destructive")))
		return 0;
	return err_at(err, v->file, v->line, v->column,
	              "merge_strategy of '%s' must be 'soft' or 'destructive'",
	              type);
}

/* "${…|…}" of a TemplatedConfigLoader. */
static int
fill(struct conf *c, struct value *v, struct value **ret, struct err *err)
{
	if (c->loader != LOADER_TEMPLATED ||
	    (c->only_with_globals && !(c->globals && c->globals->dict.n)))
		return 0;
	return templated_resolve(v, c->globals, &c->arena, ret, err);
}

int
conf_load(struct conf *c, const char *type, struct value **ret, struct err *err)
{
	bool hidden = is_omega_parameters(c, type);
	bool soft = false;
	struct value *base = NULL;
	struct value *env = NULL;
	struct value *all;

	if (is_soft(c, type, &soft, err) ||
	    load_dir(c, c->base, &c->base_files, type, &base, err) ||
	    load_dir(c, c->env, &c->env_files, type, &env, err))
		return -1;
	if (!base && !env) {
		*ret = NULL;
		return 0;
	}
	all = value_new(&c->arena, VALUE_DICT, NULL, 0);
	conf_overlay(all, base, hidden, &c->arena);
	if (soft) {
		struct value *visible =
		    value_new(&c->arena, VALUE_DICT, NULL, 0);

		conf_overlay(visible, env, hidden, &c->arena);
		if (conf_merge_soft(all, visible, &c->arena, err))
			return -1;
	} else {
		conf_overlay(all, env, hidden, &c->arena);
	}
	*ret = all;
	return strcmp(type, "globals") ? fill(c, all, ret, err) : 0;
}

int
conf_load_own(struct conf *c, const char *path, struct value **ret,
              struct err *err)
{
	struct value *v = NULL;

	if (conf_read(c, path, "", &v, err) || resolve(c, "", &v, err))
		return -1;
	*ret = v;
	return v ? fill(c, v, ret, err) : 0;
}

/* What it did in the releases that had it. */
static void
set_up_templated(struct conf *c, const char *version)
{
	c->jinja = !version_before(version, 0, 17, 0);
	c->jinja_globals = c->jinja && version_before(version, 0, 18, 0);
	c->only_with_globals = version_before(version, 0, 17, 3);
}

static void
set_up(struct conf *c, const struct project *project)
{
	const struct settings_py *py = project->python;

	c->loader = py ? settings_py_loader(py) : LOADER_OMEGACONF;
	c->conf = project->conf;
	c->base = project->base_env;
	c->env = project->env;
	c->patterns = settings_py_value(py, PY_CONFIG_PATTERNS);
	c->merge_strategy = settings_py_value(py, PY_MERGE_STRATEGY);
	/* One that Python computes is guessed; without one there are none. */
	if (!py || settings_py_value(py, PY_GLOBALS_PATTERN) ||
	    settings_py_unread(py))
		c->globals_pattern =
		    settings_py_text(py, PY_GLOBALS_PATTERN, "*globals.yml");
	if (c->loader == LOADER_TEMPLATED)
		set_up_templated(c, project->kedro_version);
	c->env_everywhere =
	    value_get(settings_py_value(py, PY_CUSTOM_RESOLVERS), "oc.env");
}

/* By settings.py, as a text that we can read. */
static bool
is_pattern_given(const struct settings_py *py)
{
	return *settings_py_text(py, PY_GLOBALS_PATTERN, "");
}

/* Kedro misses them too. */
static int
no_globals(const struct conf *c, const struct project *project, struct err *err)
{
	const struct value *v =
	    settings_py_value(project->python, PY_GLOBALS_PATTERN);

	return err_at(err, v->file, v->line, v->column,
	              "no file of %s or %s matches globals_pattern '%.80s'",
	              c->base, c->env, v->text.s);
}

static int
load_globals(struct conf *c, const struct project *project, struct err *err)
{
	struct value *given =
	    settings_py_value(project->python, PY_GLOBALS_DICT);
	struct value *globals = NULL;

	if (c->loader == LOADER_PLAIN)
		return 0;
	if (conf_load(c, "globals", &globals, err))
		return -1;
	if (!globals && c->loader == LOADER_TEMPLATED &&
	    is_pattern_given(project->python))
		return no_globals(c, project, err);
	if (c->loader == LOADER_TEMPLATED && given &&
	    given->type == VALUE_DICT) {
		if (!globals)
			globals = value_new(&c->arena, VALUE_DICT, NULL, 0);
		conf_overlay(globals, given, true, &c->arena);
	}
	c->globals = globals;
	return 0;
}

int
conf_open(const struct project *project, const char *cwd, struct conf *ret,
          struct err *err)
{
	struct conf c = {.dialect = project_dialect(project), .cwd = cwd};
	cleanup_free char *base = NULL;
	cleanup_free char *env = NULL;
	cleanup_free char *base_shown = NULL;
	cleanup_free char *env_shown = NULL;

	set_up(&c, project);
	if (!project->conf) {
		*ret = c;
		return 0;
	}
	base = mem_printf("%s/%s", c.conf, c.base);
	env = mem_printf("%s/%s", c.conf, c.env);
	base_shown = project_shown(base, cwd);
	env_shown = project_shown(env, cwd);
	if (conf_files_scan(base, base_shown, &c.base_files, err) ||
	    (strcmp(base, env) &&
	     conf_files_scan(env, env_shown, &c.env_files, err)) ||
	    load_globals(&c, project, err)) {
		conf_close(&c);
		return -1;
	}
	*ret = c;
	return 0;
}
