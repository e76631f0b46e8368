/* SPDX-License-Identifier: MIT */
/* config_list.c - what counts for a project, and who says so */
#include "config_list.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/fs.h"
#include "cli.h"
#include "model/conf.h"
#include "model/interp.h"
#include "model/mlflow_yml.h"
#include "model/project.h"
#include "model/pystr.h"
#include "model/redact.h"
#include "model/settings.h"
#include "model/tracking_settings.h"
#include "model/value.h"
#include "outer.h"
#include "wire/json.h"

/* A value that is not, or not only, from the files of its kind. */
struct ruling {
	char *key;
	char *text;
	const char *by;           /* a flag, a variable, … */
	const struct value *over; /* what it is put in place of; or NULL */
	bool listed;
};

struct listing {
	const struct options *options;
	const struct settings_request *request;
	struct project project;
	struct conf conf;
	struct ruling *rulings;
	size_t n_rulings;
	struct buf text;
	struct cJSON *json;
	struct err *err;
};

/* Takes over 'key'; nothing is ruled where 'text' is NULL. */
static void
rule(struct listing *l, char *key, const char *text, const char *by,
     const struct value *over)
{
	if (!text) {
		free(key);
		return;
	}
	l->rulings =
	    mem_grow(l->rulings, l->n_rulings + 1, sizeof(*l->rulings));
	l->rulings[l->n_rulings++] = (struct ruling){.key = key,
	                                             .text = mem_dup(text),
	                                             .by = by,
	                                             .over = over};
}

static struct ruling *
find_ruling(struct listing *l, const char *key)
{
	for (size_t i = 0; i < l->n_rulings; i++)
		if (!strcmp(l->rulings[i].key, key))
			return &l->rulings[i];
	return NULL;
}

static void
add_place(struct cJSON *o, const struct value *v)
{
	json_set_str(o, "file", v->file);
	json_set_int(o, "line", v->line);
	json_set_int(o, "column", v->column);
}

static void
add_json(struct listing *l, const char *key, const char *text,
         const struct value *v, const struct ruling *r)
{
	struct cJSON *o = json_object();

	json_set_str(o, "value", text);
	if (r)
		json_set_str(o, "by", r->by);
	else
		add_place(o, v);
	if (r && r->over) {
		struct cJSON *over = json_object();

		add_place(over, r->over);
		json_set(o, "over", over);
	}
	json_set(l->json, key, o);
}

static void
add_origin(struct listing *l, const struct value *v, const struct ruling *r)
{
	if (!l->options->show_origin)
		return;
	if (r)
		buf_addf(&l->text, "  # %s", r->by);
	else if (v->file)
		buf_addf(&l->text, "  # %s:%d", v->file, v->line);
	if (r && r->over && r->over->file)
		buf_addf(&l->text, ", over %s:%d", r->over->file,
		         r->over->line);
}

/* 'v' or 'r' tells it; no secret is shown. */
static void
add_line(struct listing *l, const char *key, const struct value *v,
         const struct ruling *r)
{
	const char *last = strrchr(key, '.');
	cleanup_buf struct buf raw = BUF_INIT;
	cleanup_buf struct buf text = BUF_INIT;

	if (redact_is_secret_name(last ? last + 1 : key))
		buf_adds(&raw, REDACTED);
	else if (r)
		buf_adds(&raw, r->text);
	else if (interp_is(v))
		buf_addf(&raw, "(%s)", v->text.unresolved);
	else
		pystr(v, &raw);
	redact_text(&text, raw.s);
	if (l->options->json) {
		add_json(l, key, text.s, v, r);
		return;
	}
	buf_addf(&l->text, "%s = %s", key, text.s);
	add_origin(l, v, r);
	buf_addc(&l->text, '\n');
}

static void
add_tree(struct listing *l, const char *prefix, const struct value *v)
{
	struct ruling *r = find_ruling(l, prefix);

	if (r) {
		r->listed = true;
		/* A flag takes the place of a param of this name. */
		if (!r->over)
			r->over = v;
		add_line(l, prefix, v, r);
		return;
	}
	if (v->type != VALUE_DICT || !v->dict.n) {
		add_line(l, prefix, v, NULL);
		return;
	}
	for (size_t i = 0; i < v->dict.n; i++) {
		cleanup_buf struct buf key = BUF_INIT;

		buf_addf(&key, "%s.", prefix);
		pystr(v->dict.v[i].key, &key);
		add_tree(l, key.s, v->dict.v[i].item);
	}
}

/* Of 'prefix', what no file of its kind has. */
static void
add_others(struct listing *l, const char *prefix)
{
	size_t len = strlen(prefix);

	for (size_t i = 0; i < l->n_rulings; i++) {
		struct ruling *r = &l->rulings[i];

		if (!r->listed && !strncmp(r->key, prefix, len) &&
		    (!r->key[len] || r->key[len] == '.'))
			add_line(l, r->key, NULL, r);
	}
}

static void
rule_decision(struct listing *l, bool flat, const char *in_flat,
              const char *in_nested, const char *text,
              const struct decision *why)
{
	if (why->by)
		rule(l, mem_printf("mlflow.%s", flat ? in_flat : in_nested),
		     text, why->by, why->over);
}

/* The run around us counts where nothing else names one. */
static void
rule_outer_run(struct listing *l, bool flat)
{
	bool foreign;
	const char *id = outer_run(&foreign);

	if (foreign)
		rule(l,
		     mem_dup(flat ? "mlflow.run.id" : "mlflow.tracking.run.id"),
		     id, "MLFLOW_RUN_ID", NULL);
}

static int
rule_tracking(struct listing *l, const struct value *yml)
{
	struct tracking_settings t = {.uri = NULL};
	bool flat = mlflow_yml_is_flat(yml);
	struct mlflow_yml mlflow;
	struct decisions why;

	if (mlflow_yml_read(yml, &mlflow, l->err))
		return -1;
	tracking_settings_fill(l->request, &mlflow, &l->project, &t, &why);
	rule_decision(l, flat, "mlflow_tracking_uri",
	              "server.mlflow_tracking_uri", t.uri, &why.uri);
	if (t.experiment_id)
		rule_decision(l, flat, "experiment.id",
		              "tracking.experiment.id", t.experiment_id,
		              &why.experiment);
	else
		rule_decision(l, flat, "experiment.name",
		              "tracking.experiment.name", t.experiment_name,
		              &why.experiment);
	rule_decision(l, flat, "run.name", "tracking.run.name", t.run_name,
	              &why.run_name);
	rule_decision(l, flat, "run.id", "tracking.run.id", t.run_id,
	              &why.run_id);
	if (!t.run_id)
		rule_outer_run(l, flat);
	tracking_settings_free(&t);
	return 0;
}

static void
rule_rest(struct listing *l)
{
	const char *variable = getenv("KEDRO_ENV");
	const struct kvs *params = l->request->params;
	bool by_variable = !l->request->env && variable && *variable;

	rule(l, mem_dup("env"), l->project.root ? l->project.env : NULL,
	     l->request->env ? "--env"
	     : by_variable   ? "KEDRO_ENV"
	                     : "built in, or by settings.py",
	     NULL);
	variable = getenv("KMLFLOW_MODE");
	rule(l, mem_dup("exec.mode"), variable && *variable ? variable : NULL,
	     "KMLFLOW_MODE", NULL);
	variable = getenv("KMLFLOW_STRICT");
	rule(l, mem_dup("exec.strict"), variable && *variable ? variable : NULL,
	     "KMLFLOW_STRICT", NULL);
	for (size_t i = 0; i < params->n; i++)
		rule(l, mem_printf("parameters.%s", params->v[i].key),
		     params->v[i].value, "--param", NULL);
}

/* The top-level keys of -P replace those of parameters.yml. */
static int
add_params_files(struct listing *l, struct value **merged)
{
	const struct strv *files = l->request->params_files;
	struct arena *arena = &l->conf.arena;

	for (size_t i = 0; i < files->n; i++) {
		cleanup_free char *path = fs_join(l->request->cwd, files->v[i]);
		struct value *v;

		if (conf_load_own(&l->conf, path, &v, l->err))
			return -1;
		if (!*merged)
			*merged = value_new(arena, VALUE_DICT, NULL, 0);
		for (size_t k = 0; v && k < v->dict.n; k++)
			value_put(*merged, v->dict.v[k].key, v->dict.v[k].item,
			          arena);
	}
	return 0;
}

static int
list_types(struct listing *l)
{
	static const char *const types[] = {"mlflow", "kmlflow", "parameters",
	                                    "catalog"};

	rule_rest(l);
	add_others(l, "env");
	add_others(l, "exec");
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct value *v;

		if (conf_load(&l->conf, types[i], &v, l->err) ||
		    (!strcmp(types[i], "mlflow") && rule_tracking(l, v)) ||
		    (!strcmp(types[i], "parameters") &&
		     add_params_files(l, &v)))
			return -1;
		if (v)
			add_tree(l, types[i], v);
		add_others(l, types[i]);
	}
	return 0;
}

int
config_list(const struct options *o, const struct settings_request *request,
            struct buf *to, struct err *err)
{
	struct listing l = {.options = o,
	                    .request = request,
	                    .text = BUF_INIT,
	                    .err = err};
	int failed;

	redact_learn_environment();
	if (project_find(request, &l.project, err))
		return -1;
	l.json = json_object();
	failed = conf_open(&l.project, request->cwd, &l.conf, err);
	if (!failed) {
		failed = list_types(&l);
		conf_close(&l.conf);
	}
	if (!failed && o->json)
		json_print(l.json, true, &l.text);
	if (!failed)
		buf_add(to, l.text.s, l.text.len);
	for (size_t i = 0; i < l.n_rulings; i++) {
		free(l.rulings[i].key);
		free(l.rulings[i].text);
	}
	free(l.rulings);
	json_free(l.json);
	buf_free(&l.text);
	project_free(&l.project);
	return failed;
}
