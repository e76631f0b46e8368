/* SPDX-License-Identifier: MIT */
/* conf.c - conf/base and conf/ENV, read and merged by type */
#include "model/conf.h"

#include <errno.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/conf_files.h"
#include "model/project.h"
#include "model/pystr.h"
#include "model/settings.h"
#include "model/value.h"
#include "model/value_yaml.h"
#include "wire/yaml.h"

int
conf_open(const struct project *project, const char *cwd, struct conf *ret,
          struct err *err)
{
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
	     conf_files_scan(env, env_shown, &c.env_files, err))) {
		conf_close(&c);
		return -1;
	}
	*ret = c;
	return 0;
}

void
conf_close(struct conf *c)
{
	arena_free(&c->arena);
	strv_free(&c->base_files);
	strv_free(&c->env_files);
}

int
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

/* Merging the files of one directory. */
struct merge {
	struct conf *conf;
	bool deep; /* parameters: files may share a mapping, but no leaf */
	struct err *err;
};

static int merge_dict(struct merge *m, struct value *to,
                      const struct value *from, bool strict, bool top);

static int
duplicate(struct merge *m, const struct value_pair *here,
          const struct value_pair *there)
{
	cleanup_buf struct buf key = BUF_INIT;

	pystr(here->key, &key);
	return err_at(m->err, here->key->file, here->key->line,
	              "'%.80s' is also on line %d of %s; within one "
	              "environment keep it in one file",
	              key.s, there->key->line, there->key->file);
}

static bool
is_hidden(const struct value *key)
{
	return key->type == VALUE_STR && *key->text.s == '_';
}

/* Values are shared, so that a dict is changed in a copy of it. */
static struct value *
copy(struct merge *m, const struct value *dict)
{
	struct value *to =
	    value_new(&m->conf->arena, VALUE_DICT, dict->file, dict->line);

	for (size_t i = 0; i < dict->dict.n; i++)
		value_put(to, dict->dict.v[i].key, dict->dict.v[i].item,
		          &m->conf->arena);
	return to;
}

static int
merge_pair(struct merge *m, struct value *to, const struct value_pair *p,
           bool strict)
{
	const struct value_pair *old = value_find(to, p->key);
	bool dicts =
	    old && old->item->type == VALUE_DICT && p->item->type == VALUE_DICT;
	struct value *both;

	if (old && strict && !(dicts && m->deep))
		return duplicate(m, p, old);
	if (!dicts) {
		value_put(to, p->key, p->item, &m->conf->arena);
		return 0;
	}
	both = copy(m, old->item);
	if (merge_dict(m, both, p->item, strict, false))
		return -1;
	value_put(to, p->key, both, &m->conf->arena);
	return 0;
}

static int
merge_dict(struct merge *m, struct value *to, const struct value *from,
           bool strict, bool top)
{
	for (size_t i = 0; i < from->dict.n; i++) {
		const struct value_pair *p = &from->dict.v[i];

		if (merge_pair(m, to, p, strict && !(top && is_hidden(p->key))))
			return -1;
	}
	return 0;
}

/* *ret stays NULL where the directory has no file of the type. */
static int
load_dir(struct merge *m, const char *env, const struct strv *files,
         const char *type, struct value **ret)
{
	struct conf *c = m->conf;

	for (size_t i = 0; i < files->n; i++) {
		cleanup_free char *path = NULL;
		struct value *v = NULL;

		if (!conf_files_match(files->v[i], type))
			continue;
		path = mem_printf("%s/%s/%s", c->conf, env, files->v[i]);
		if (conf_load_file(c, path, &v, m->err))
			return -1;
		if (!*ret)
			*ret = value_new(&c->arena, VALUE_DICT, NULL, 0);
		if (v && merge_dict(m, *ret, v, true, true))
			return -1;
	}
	return 0;
}

/* The keys too: they tell the file and line that messages name. */
static void
overlay(struct conf *c, struct value *to, const struct value *from,
        bool with_hidden)
{
	for (size_t i = 0; from && i < from->dict.n; i++) {
		const struct value_pair *p = &from->dict.v[i];

		if (with_hidden || !is_hidden(p->key))
			value_put(to, p->key, p->item, &c->arena)->key = p->key;
	}
}

int
conf_load(struct conf *c, const char *type, struct value **ret, struct err *err)
{
	/* Before OmegaConf, parameters were nothing special. */
	bool parameters =
	    !strcmp(type, "parameters") && c->dialect == DIALECT_OMEGACONF;
	struct merge m = {.conf = c, .deep = parameters, .err = err};
	struct value *base = NULL;
	struct value *env = NULL;
	struct value *all;

	if (load_dir(&m, "base", &c->base_files, type, &base) ||
	    load_dir(&m, c->env, &c->env_files, type, &env))
		return -1;
	if (!base && !env) {
		*ret = NULL;
		return 0;
	}
	all = value_new(&c->arena, VALUE_DICT, NULL, 0);
	overlay(c, all, base, parameters);
	overlay(c, all, env, parameters);
	*ret = all;
	return 0;
}
