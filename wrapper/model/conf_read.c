/* SPDX-License-Identifier: MIT */
/* conf_read.c - one file of conf/, as the project's loader reads it */
#include "model/conf_read.h"

#include <errno.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/conf.h"
#include "model/project.h"
#include "model/pystr.h"
#include "model/templated.h"
#include "model/value.h"
#include "model/value_json.h"
#include "model/value_yaml.h"
#include "wire/yaml.h"

static int
read_text(const char *path, const char *file, struct buf *to, struct err *err)
{
	if (!fs_read(path, YAML_MAX_BYTES, to, err))
		return 0;
	if (err->kind != ERR_SYS)
		return err_at(err, file, 0, 0, "larger than %d bytes",
		              YAML_MAX_BYTES);
	return err_at(err, file, 0, 0, "cannot be read: %s; %s",
	              strerror(err->sys),
	              err->sys == ENOENT ? "is the name right?"
	                                 : "correct its permissions");
}

/* OmegaConf's loader reads all as YAML; those before it, JSON as JSON. */
static bool
is_json(const struct conf *c, const char *path)
{
	const char *dot = strrchr(path, '.');

	return c->dialect == DIALECT_YAML11 && dot && !strcmp(dot, ".json");
}

/* *ret NULL: there is nothing in it. */
static int
parse(struct conf *c, const char *file, const struct buf *text, bool json,
      struct value **ret, struct err *err)
{
	struct ynode *node = NULL;

	*ret = NULL;
	if (json)
		return value_from_json(text->s, text->len, file, &c->arena, ret,
		                       err);
	arena_reset(&c->nodes);
	if (yaml_parse(file, text->s, text->len, &c->nodes, &node, err))
		return -1;
	return node ? value_from_yaml(node, c->dialect, file, &c->arena, ret,
	                              err)
	            : 0;
}

/* The loaders before OmegaConf's ask each key how it begins. */
static int
check_keys(const struct conf *c, const struct value *v, struct err *err)
{
	for (size_t i = 0; c->dialect == DIALECT_YAML11 && i < v->dict.n; i++) {
		const struct value *key = v->dict.v[i].key;
		cleanup_buf struct buf text = BUF_INIT;

		if (key->type == VALUE_STR)
			continue;
		pystr(key, &text);
		return err_at(err, key->file, key->line, key->column,
		              "the key '%.80s' is %s, where this project's "
		              "Kedro wants a text; put it in quotes",
		              text.s, value_type_name(key));
	}
	return 0;
}

int
conf_read(struct conf *c, const char *path, const char *type,
          struct value **ret, struct err *err)
{
	cleanup_free char *shown = project_shown(path, c->cwd);
	const char *file = arena_dup(&c->arena, shown);
	cleanup_buf struct buf text = BUF_INIT;
	bool json = is_json(c, path);
	bool jinja = strcmp(type, "globals") ? c->jinja : c->jinja_globals;
	struct value *v = NULL;

	if (read_text(path, file, &text, err))
		return -1;
	if (jinja && templated_render(&text, file, err))
		return -1;
	/* What Jinja2 leaves nothing of never comes to a parser. */
	json = json && (text.len || !jinja);
	if (parse(c, file, &text, json, &v, err))
		return -1;
	if (v && v->type != VALUE_DICT && (json || v->type != VALUE_NULL))
		return err_at(err, file, v->line, v->column,
		              "the file must hold a mapping ('key: value' "
		              "lines), not %s",
		              value_type_name(v));
	*ret = v && v->type == VALUE_DICT ? v : NULL;
	return *ret && *type ? check_keys(c, v, err) : 0;
}
