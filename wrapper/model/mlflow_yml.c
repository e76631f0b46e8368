/* SPDX-License-Identifier: MIT */
/* mlflow_yml.c - what mlflow.yml says, in each layout that it has had */
#include "model/mlflow_yml.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "model/interp.h"
#include "model/nearest.h"
#include "model/pystr.h"
#include "model/value.h"

/* The last: null says nothing in the nested one, as all do in the flat one. */
enum layout { FLAT = 1, NESTED = 2, OR_NULL = 4 };

enum type {
	STRING,
	BOOLEAN,
	LOOSE_BOOLEAN, /* a word or a digit will do, too */
	PORT,
	STRINGS,
	SCALARS, /* a mapping of names to them */
	TEXTS,   /* a mapping of names to strings */
	STRATEGY,
};

struct key {
	enum layout layout;
	enum type type;
	const char *path;
	size_t offset;
};

#define AT(member) offsetof(struct mlflow_yml, member)
#define NOWHERE SIZE_MAX /* of no meaning to kmlflow, but checked */
#define EXPERIMENT "tracking.experiment."
#define DICT_PARAMS "tracking.params.dict_params."

static const struct key keys[] = {
    {FLAT, STRING, "mlflow_tracking_uri", AT(uri)},
    {FLAT, STRING, "credentials", AT(credentials)},
    {FLAT, STRINGS, "disable_tracking.pipelines", AT(disabled_pipelines)},
    {FLAT, STRING, "experiment.name", AT(experiment)},
    {FLAT, BOOLEAN, "experiment.create", AT(experiment_create)},
    {FLAT, STRING, "run.id", AT(run_id)},
    {FLAT, STRING, "run.name", AT(run_name)},
    {FLAT, BOOLEAN, "run.nested", AT(nested)},
    {FLAT, BOOLEAN, "hooks.node.flatten_dict_params", AT(flatten)},
    {FLAT, BOOLEAN, "hooks.node.recursive", AT(recursive)},
    {FLAT, STRING, "hooks.node.sep", AT(sep)},
    {FLAT, STRATEGY, "hooks.node.long_parameters_strategy", AT(strategy)},
    {NESTED | OR_NULL, STRING, "server.mlflow_tracking_uri", AT(uri)},
    {NESTED | OR_NULL, STRING, "server.mlflow_registry_uri", NOWHERE},
    {NESTED | OR_NULL, STRING, "server.credentials", AT(credentials)},
    {NESTED | OR_NULL, STRING, "server.request_header_provider.type",
     AT(header_provider)},
    {NESTED, LOOSE_BOOLEAN, "server.request_header_provider.pass_context",
     NOWHERE},
    {NESTED, TEXTS, "server.request_header_provider.init_kwargs", NOWHERE},
    {NESTED, STRINGS, "tracking.disable_tracking.pipelines",
     AT(disabled_pipelines)},
    {NESTED, LOOSE_BOOLEAN, "tracking.disable_tracking.disable_autologging",
     NOWHERE},
    {NESTED, STRING, EXPERIMENT "name", AT(experiment)},
    {NESTED, BOOLEAN, EXPERIMENT "restore_if_deleted", AT(restore_if_deleted)},
    {NESTED | OR_NULL, STRING,
     EXPERIMENT "create_experiment_kwargs.artifact_location",
     AT(artifact_location)},
    {NESTED | OR_NULL, SCALARS, EXPERIMENT "create_experiment_kwargs.tags",
     AT(experiment_tags)},
    {NESTED | OR_NULL, STRING, "tracking.run.id", AT(run_id)},
    {NESTED | OR_NULL, STRING, "tracking.run.name", AT(run_name)},
    {NESTED, BOOLEAN, "tracking.run.nested", AT(nested)},
    {NESTED, BOOLEAN, DICT_PARAMS "flatten", AT(flatten)},
    {NESTED, BOOLEAN, DICT_PARAMS "recursive", AT(recursive)},
    {NESTED, STRING, DICT_PARAMS "sep", AT(sep)},
    {NESTED, STRATEGY, "tracking.params.long_params_strategy", AT(strategy)},
    {FLAT | NESTED, STRING, "ui.host", AT(ui_host)},
    {FLAT | NESTED, PORT, "ui.port", AT(ui_port)},
};

struct reader {
	int layout; /* bits of enum layout */
	struct mlflow_yml *to;
	struct err *err;
};

/* Whether 'path' is "section.…" of which 'section' has 'len' letters. */
static bool
below(const char *path, const char *section, size_t len)
{
	return !strncmp(path, section, len) && path[len] == '.';
}

/* A key of the same name in another section, or NULL. */
static const char *
elsewhere(const struct reader *r, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *k = keys[i].path;
		size_t len;

		if (!(keys[i].layout & r->layout))
			continue;
		/* "tracking.experiment" is one, too. */
		for (const char *dot = strchr(k, '.'); dot;
		     dot = strchr(dot + 1, '.')) {
			len = strcspn(dot + 1, ".");
			if (len == strlen(name) && !strncmp(dot + 1, name, len))
				return k;
		}
	}
	return NULL;
}

static void
add_hint(const struct reader *r, const char *path, struct buf *hint)
{
	const char *dot = strrchr(path, '.');
	size_t prefix = dot ? (size_t)(dot + 1 - path) : 0;
	const char *other = elsewhere(r, path + prefix);
	struct nearest near = {.word = NULL};
	cleanup_strv struct strv known = STRV_INIT;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *k = keys[i].path;
		char *name;

		if (!(keys[i].layout & r->layout) || strncmp(k, path, prefix))
			continue;
		name = mem_ndup(k, prefix + strcspn(k + prefix, "."));
		if (known.n && !strcmp(known.v[known.n - 1], name)) {
			free(name);
			continue;
		}
		strv_take(&known, name);
		nearest_offer(&near, path + prefix, name + prefix);
	}
	if (near.word) {
		buf_addf(hint, "; did you mean '%.*s%s'?", (int)prefix, path,
		         near.word);
		return;
	}
	if (other) {
		const char *at = strstr(other, path + prefix);

		buf_addf(hint, "; did you mean '%.*s%s'?", (int)(at - other),
		         other, path + prefix);
		return;
	}
	for (size_t i = 0; i < known.n; i++)
		buf_addf(hint, "%s'%s'", i ? ", " : "; known are ", known.v[i]);
}

static int
unknown(struct reader *r, const struct value_pair *p, const char *path)
{
	cleanup_buf struct buf hint = BUF_INIT;

	add_hint(r, path, &hint);
	return err_at(r->err, p->key->file, p->key->line, p->key->column,
	              "unknown key '%.120s'%s", path, hint.s);
}

static int
wrong_type(struct reader *r, const struct value *v, const char *path,
           const char *wanted)
{
	bool quote = !strcmp(wanted, "a string") &&
	             (v->type == VALUE_INT || v->type == VALUE_FLOAT ||
	              v->type == VALUE_BOOL || v->type == VALUE_DATE);

	/* A choice of words: the one that was taken says more than its type. */
	if (*wanted == '\'' && value_text(v))
		return err_at(r->err, v->file, v->line, v->column,
		              "'%s' must be %s, not '%.40s'", path, wanted,
		              value_text(v));
	return err_at(r->err, v->file, v->line, v->column,
	              "'%s' must be %s, not %s%s", path, wanted,
	              value_type_name(v), quote ? "; put it in quotes" : "");
}

/* The first that may not be in a list, or in a mapping; NULL: all may. */
static const struct value *
odd_item(const struct value *v, enum type type)
{
	for (size_t i = 0; type == STRINGS && i < v->list.n; i++)
		if (!value_text(v->list.v[i]))
			return v->list.v[i];
	for (size_t i = 0; (type == SCALARS || type == TEXTS) && i < v->dict.n;
	     i++) {
		const struct value *item = v->dict.v[i].item;

		if (item->type == VALUE_LIST || item->type == VALUE_DICT ||
		    (type == TEXTS && !value_text(item)))
			return item;
	}
	return NULL;
}

static bool
is_strategy(const char *text)
{
	return !strcmp(text, "fail") || !strcmp(text, "tag") ||
	       !strcmp(text, "truncate");
}

/* What kedro-mlflow takes where it is not strict. */
static bool
is_loose_boolean(const struct value *v)
{
	static const char *const words[] = {"0",  "1",   "true", "false",
	                                    "on", "off", "yes",  "no",
	                                    "t",  "f",   "y",    "n"};

	if (v->type == VALUE_FLOAT)
		return v->number == 0 || v->number == 1;
	if (v->type != VALUE_STR && v->type != VALUE_INT)
		return v->type == VALUE_BOOL;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcasecmp(v->text.s, words[i]))
			return true;
	return false;
}

/* What the value should have been; NULL: it is that. */
static const char *
other_type(const struct value *v, enum type type)
{
	const char *text = value_text(v);

	switch (type) {
	case STRING:
		return text ? NULL : "a string";
	case BOOLEAN:
		return v->type == VALUE_BOOL ? NULL : "true or false";
	case LOOSE_BOOLEAN:
		return is_loose_boolean(v) ? NULL : "true or false";
	case PORT:
		return text || v->type == VALUE_INT ? NULL : "a port number";
	case STRINGS:
		return v->type == VALUE_LIST ? NULL : "a list of strings";
	case SCALARS:
	case TEXTS:
		return v->type == VALUE_DICT ? NULL
		                             : "a mapping of names to values";
	case STRATEGY:
		return text && is_strategy(text)
		           ? NULL
		           : "'fail', 'tag' or 'truncate'";
	}
	return NULL;
}

static int
take(struct reader *r, const struct key *key, const struct value *v)
{
	char *base = (char *)r->to;
	const struct value *odd;
	const char *wanted;

	if ((v->type == VALUE_NULL &&
	     (key->layout & OR_NULL || r->layout != NESTED)) ||
	    (key->offset == NOWHERE && interp_is(v)))
		return 0;
	if (interp_refuse(v, key->path, r->err))
		return -1;
	wanted = other_type(v, key->type);
	if (wanted)
		return wrong_type(r, v, key->path, wanted);
	odd = odd_item(v, key->type);
	if (odd)
		return err_at(r->err, odd->file, odd->line, odd->column,
		              "each item of '%s' must be %s, not %s", key->path,
		              key->type == SCALARS ? "a value" : "a string",
		              value_type_name(odd));
	/* An empty name is none; only a separator may be empty. */
	if (key->offset == NOWHERE ||
	    (key->type == STRING && !v->text.len && key->offset != AT(sep)))
		return 0;
	memcpy(base + key->offset, &v, sizeof(v));
	return 0;
}

static const struct key *
find(const struct reader *r, const char *path, bool *section)
{
	*section = false;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (!(keys[i].layout & r->layout))
			continue;
		if (!strcmp(keys[i].path, path))
			return &keys[i];
		if (below(keys[i].path, path, strlen(path)))
			*section = true;
	}
	return NULL;
}

static int
read_section(struct reader *r, const struct value *dict, const char *prefix)
{
	for (size_t i = 0; i < dict->dict.n; i++) {
		const struct value_pair *p = &dict->dict.v[i];
		cleanup_buf struct buf path = BUF_INIT;
		const struct key *key;
		bool section;

		buf_adds(&path, prefix);
		pystr(p->key, &path);
		key = find(r, path.s, &section);
		if (!key && !section)
			return unknown(r, p, path.s);
		if (key) {
			if (take(r, key, p->item))
				return -1;
			continue;
		}
		if (p->item->type == VALUE_NULL && r->layout != NESTED)
			continue;
		if (interp_is(p->item))
			return interp_refuse(p->item, path.s, r->err);
		if (p->item->type != VALUE_DICT)
			return wrong_type(r, p->item, path.s, "a mapping");
		buf_addc(&path, '.');
		if (read_section(r, p->item, path.s))
			return -1;
	}
	return 0;
}

static int
layout_of(const struct value *yml)
{
	static const char *const flat[] = {
	    "mlflow_tracking_uri", "credentials", "disable_tracking",
	    "experiment",          "run",         "hooks"};

	if (value_get(yml, "server") || value_get(yml, "tracking"))
		return NESTED;
	for (size_t i = 0; i < ARRAY_LEN(flat); i++)
		if (value_get(yml, flat[i]))
			return FLAT;
	return FLAT | NESTED;
}

bool
mlflow_yml_is_flat(const struct value *yml)
{
	return yml && layout_of(yml) == FLAT;
}

int
mlflow_yml_read(const struct value *yml, struct mlflow_yml *ret,
                struct err *err)
{
	struct mlflow_yml to = {.uri = NULL};
	struct reader r = {.to = &to, .err = err};

	if (yml) {
		r.layout = layout_of(yml);
		if (read_section(&r, yml, ""))
			return -1;
	}
	*ret = to;
	return 0;
}

void
mlflow_yml_keys(struct strv *to)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (keys[i].layout & FLAT)
			strv_take(to, mem_printf("flat %s", keys[i].path));
		if (keys[i].layout & NESTED)
			strv_take(to, mem_printf("nested %s", keys[i].path));
	}
}
