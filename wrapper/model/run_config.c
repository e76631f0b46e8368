/* SPDX-License-Identifier: MIT */
/* run_config.c - the file that `kedro run --config` names */
#include "model/run_config.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/journal.h"
#include "model/keys.h"
#include "model/project.h"
#include "model/pystr.h"
#include "model/value.h"
#include "model/value_yaml.h"
#include "model/version.h"
#include "wire/yaml.h"

/* Names of parameters of Kedro's function, and the options they are for. */
static const struct {
	const char *key;
	const char *option; /* NULL: of no meaning to kmlflow */
	bool before_0_19;
} names[] = {
    {"env", "--env", false},
    {"pipeline", "--pipeline", false},
    {"pipelines", "--pipelines", false},
    {"tags", "--tags", false},
    {"tag", "--tag", true},
    {"node_names", "--nodes", false},
    {"nodes_names", "--nodes", true},
    {"from_nodes", "--from-nodes", false},
    {"to_nodes", "--to-nodes", false},
    {"from_inputs", "--from-inputs", false},
    {"to_outputs", "--to-outputs", false},
    {"load_versions", "--load-versions", false},
    {"load_version", "--load-version", true},
    {"namespaces", "--namespaces", false},
    {"namespace", "--namespace", false},
    {"runner", "--runner", false},
    {"params", "--params", false},
    {"conf_source", "--conf-source", false},
    {"is_async", NULL, false},
    {"runner_params", NULL, false},
    {"only_missing_outputs", NULL, false},
    {"parallel", NULL, true},
};

static int
read_file(const char *path, const char *file, struct buf *to, struct err *err)
{
	if (!fs_read(path, YAML_MAX_BYTES, to, err))
		return 0;
	if (err->kind != ERR_SYS)
		return err_at(err, file, 0, 0, "larger than %d bytes",
		              YAML_MAX_BYTES);
	return err_at(err, file, 0, 0, "cannot be read: %s; --config names it",
	              strerror(err->sys));
}

static int
load(const struct run_config *c, const char *cwd, enum dialect dialect,
     struct arena *arena, struct value **ret, struct err *err)
{
	cleanup_free char *path = fs_join(cwd, c->path);
	const char *file = arena_dup(arena, c->path);
	cleanup_buf struct buf text = BUF_INIT;
	struct ynode *node = NULL;
	struct value *v = NULL;
	const struct value *section;

	if (read_file(path, file, &text, err) ||
	    yaml_parse(file, text.s, text.len, arena, &node, err) ||
	    (node && value_from_yaml(node, dialect, file, arena, &v, err)))
		return -1;
	section = value_get(v, c->section);
	if (!section)
		return err_at(err, file, v ? v->line : 0, v ? v->column : 0,
		              "has no mapping '%s', which holds the options "
		              "of --config",
		              c->section);
	if (section->type != VALUE_DICT)
		return err_at(err, file, section->line, section->column,
		              "'%s' must be a mapping of options, not %s",
		              c->section, value_type_name(section));
	memcpy(ret, &section, sizeof(section));
	return 0;
}

/* A list is what options that may be repeated took; *ret NULL: nothing. */
static int
text_of(const struct value *v, const char *key, char **ret, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (v->type == VALUE_NULL)
		return 0;
	if (v->type == VALUE_DICT)
		return err_at(err, v->file, v->line, v->column,
		              "'%s' must be a string, not a mapping", key);
	if (v->type != VALUE_LIST)
		pystr(v, &text);
	for (size_t i = 0; v->type == VALUE_LIST && i < v->list.n; i++) {
		if (i)
			buf_addc(&text, ',');
		pystr(v->list.v[i], &text);
	}
	mem_replace(ret, buf_detach(&text));
	return 0;
}

static int
fill(struct kedro_run *k, const struct value *section, struct err *err)
{
	/* What the command line says stays, under either of two names. */
	struct kedro_run given = *k;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct value *v = value_get(section, names[i].key);
		const char *option = names[i].option;

		if (!v || !option || *kedro_run_field(&given, option) ||
		    (!strcmp(option, "--params") && v->type == VALUE_DICT))
			continue;
		if (text_of(v, names[i].key, kedro_run_field(k, option), err))
			return -1;
	}
	return 0;
}

int
run_config_apply(struct kedro_run *k, const char *cwd, struct err *err)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	const struct run_config c = {
	    .path = k->config,
	    .section = k->packaged.name ? k->packaged.program : "run",
	};
	struct value *section;

	if (!k->config)
		return 0;
	if (load(&c, cwd, DIALECT_OMEGACONF, &arena, &section, err) ||
	    fill(k, section, err))
		return -1;
	if (!k->env)
		k->env = mem_steal(&k->kedro_env);
	return 0;
}

int
run_config_params(const struct run_config *c, const char *cwd,
                  enum dialect dialect, struct arena *arena, struct value **ret,
                  struct err *err)
{
	const char *known[ARRAY_LEN(names) + 1];
	struct value *section;
	const struct value *params;
	size_t n = 0;

	*ret = NULL;
	if (!c->path)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!names[i].before_0_19)
			known[n++] = names[i].key;
	known[n] = NULL;
	if (load(c, cwd, dialect, arena, &section, err) ||
	    (!version_before(c->version, 0, 19, 0) &&
	     keys_check(section, known, c->section, err)))
		return -1;
	params = value_get(section, "params");
	if (params && params->type == VALUE_DICT)
		memcpy(ret, &params, sizeof(params));
	return 0;
}
