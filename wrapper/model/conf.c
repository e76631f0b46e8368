/* SPDX-License-Identifier: MIT */
/* conf.c - conf/base and conf/ENV, read and merged by type */
#include "model/conf.h"

#include <errno.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/conf_files.h"
#include "model/conf_merge.h"
#include "model/omega.h"
#include "model/project.h"
#include "model/settings.h"
#include "model/value.h"
#include "model/value_yaml.h"
#include "wire/yaml.h"

void
conf_close(struct conf *c)
{
	arena_free(&c->arena);
	strv_free(&c->base_files);
	strv_free(&c->env_files);
}

/* A mapping, or nothing (*ret NULL); nothing is replaced in it. */
static int
conf_load_file(struct conf *c, const char *path, struct value **ret,
               struct err *err)
{
	cleanup_free char *shown = project_shown(path, c->cwd);
	const char *file = arena_dup(&c->arena, shown);
	cleanup_buf struct buf text = BUF_INIT;
	struct ynode *node;
	struct value *v;

	if (fs_read(path, YAML_MAX_BYTES, &text, err)) {
		if (err->kind != ERR_SYS)
			return err_at(err, file, 0, "larger than %d bytes",
			              YAML_MAX_BYTES);
		return err_at(err, file, 0, "cannot be read: %s; %s",
		              strerror(err->sys),
		              err->sys == ENOENT ? "is the name right?"
		                                 : "correct its permissions");
	}
	if (yaml_parse(file, text.s, text.len, &c->arena, &node, err))
		return -1;
	if (!node) {
		*ret = NULL;
		return 0;
	}
	if (value_from_yaml(node, c->dialect, file, &c->arena, &v, err))
		return -1;
	if (v->type != VALUE_DICT && v->type != VALUE_NULL)
		return err_at(err, file, v->line,
		              "the file must hold a mapping ('key: value' "
		              "lines), not %s",
		              value_type_name(v));
	*ret = v->type == VALUE_DICT ? v : NULL;
	return 0;
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
	    .env = !strcmp(type, "credentials"),
	};

	if (!*v || c->dialect != DIALECT_OMEGACONF)
		return 0;
	return omega_resolve(*v, &scope, &c->arena, v, err);
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

		if (!conf_files_match(files->v[i], type))
			continue;
		path = mem_printf("%s/%s/%s", c->conf, env, files->v[i]);
		if (conf_load_file(c, path, &v, err) ||
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
	if (*ret && c->runtime && is_omega_parameters(c, type))
		conf_merge_over(*ret, c->runtime, &c->arena);
	return resolve(c, type, ret, err);
}

int
conf_load(struct conf *c, const char *type, struct value **ret, struct err *err)
{
	bool hidden = is_omega_parameters(c, type);
	struct value *base = NULL;
	struct value *env = NULL;
	struct value *all;

	if (load_dir(c, "base", &c->base_files, type, &base, err) ||
	    load_dir(c, c->env, &c->env_files, type, &env, err))
		return -1;
	if (!base && !env) {
		*ret = NULL;
		return 0;
	}
	all = value_new(&c->arena, VALUE_DICT, NULL, 0);
	conf_overlay(all, base, hidden, &c->arena);
	conf_overlay(all, env, hidden, &c->arena);
	*ret = all;
	return 0;
}

int
conf_load_own(struct conf *c, const char *path, struct value **ret,
              struct err *err)
{
	struct value *v;

	if (conf_load_file(c, path, &v, err) || resolve(c, "", &v, err))
		return -1;
	*ret = v;
	return 0;
}

int
conf_open(const struct project *project, const char *cwd, struct conf *ret,
          struct err *err)
{
	struct value *globals;
	struct conf c = {.dialect = project_dialect(project),
	                 .cwd = cwd,
	                 .conf = project->conf,
	                 .env = project->env};
	cleanup_free char *base = NULL;
	cleanup_free char *env = NULL;
	cleanup_free char *base_shown = NULL;
	cleanup_free char *env_shown = NULL;

	if (!project->conf) {
		*ret = c;
		return 0;
	}
	base = mem_printf("%s/base", c.conf);
	env = mem_printf("%s/%s", c.conf, c.env);
	base_shown = project_shown(base, cwd);
	env_shown = project_shown(env, cwd);
	if (conf_files_scan(base, base_shown, &c.base_files, err) ||
	    (strcmp(base, env) &&
	     conf_files_scan(env, env_shown, &c.env_files, err)) ||
	    conf_load(&c, "globals", &globals, err)) {
		conf_close(&c);
		return -1;
	}
	c.globals = globals;
	*ret = c;
	return 0;
}
