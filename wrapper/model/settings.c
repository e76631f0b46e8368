/* SPDX-License-Identifier: MIT */
/* settings.c - flags over variables over files over what is built in */
#include "model/settings.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/catalog.h"
#include "model/conf.h"
#include "model/conf_merge.h"
#include "model/credentials.h"
#include "model/declare.h"
#include "model/kmlflow_yml.h"
#include "model/metric_file.h"
#include "model/mlflow_yml.h"
#include "model/parameters.h"
#include "model/project.h"
#include "model/pystr.h"
#include "model/run_config.h"
#include "model/runtime_params.h"
#include "model/settings_py.h"
#include "model/tracking_settings.h"
#include "model/value.h"

/* What is at hand while the settings are put together. */
struct load {
	const struct settings_request *request;
	struct conf conf;
	struct mlflow_yml mlflow;
	struct kmlflow_yml kmlflow;
	struct value *runtime; /* CMD's --params; NULL: none */
	struct settings *to;
	struct err *err;
};

static bool
is_true(const struct value *v, bool fallback)
{
	return v ? v->boolean : fallback;
}

static void
set_params_rules(struct load *l)
{
	struct params_settings *p = &l->to->params_rules;
	const char *strategy = value_text(l->mlflow.strategy);
	const char *sep = value_text(l->mlflow.sep);

	p->flatten = is_true(l->mlflow.flatten, false);
	p->recursive = is_true(l->mlflow.recursive, true);
	p->sep = mem_dup(sep ? sep : ".");
	p->strategy = LONG_PARAMS_FAIL;
	if (strategy && !strcmp(strategy, "tag"))
		p->strategy = LONG_PARAMS_TAG;
	if (strategy && !strcmp(strategy, "truncate"))
		p->strategy = LONG_PARAMS_TRUNCATE;
}

static int
add_params_files(struct load *l, struct value **merged)
{
	const struct strv *files = l->request->params_files;

	for (size_t i = 0; files && i < files->n; i++) {
		cleanup_free char *path = fs_join(l->request->cwd, files->v[i]);
		struct value *v;

		if (conf_load_own(&l->conf, path, &v, l->err))
			return -1;
		if (!*merged)
			*merged =
			    value_new(&l->conf.arena, VALUE_DICT, NULL, 0);
		for (size_t k = 0; v && k < v->dict.n; k++)
			value_put(*merged, v->dict.v[k].key, v->dict.v[k].item,
			          &l->conf.arena)
			    ->key = v->dict.v[k].key;
	}
	return 0;
}

static int
load_params(struct load *l)
{
	const struct params_out out = {.params = &l->to->params,
	                               .tags = &l->to->long_params_tags,
	                               .warnings = &l->to->warnings};
	struct value *merged;

	set_params_rules(l);
	if (conf_load(&l->conf, "parameters", &merged, l->err))
		return -1;
	if (l->runtime && !merged)
		merged = value_new(&l->conf.arena, VALUE_DICT, NULL, 0);
	if (l->runtime)
		runtime_params_apply(merged, l->runtime,
		                     l->to->project.kedro_version,
		                     &l->conf.arena);
	if (add_params_files(l, &merged))
		return -1;
	return parameters_render(merged, l->request->params,
	                         &l->to->params_rules, &out, l->err);
}

static int
declare_listed_paths(struct load *l)
{
	const struct value *paths = l->kmlflow.paths;

	for (size_t i = 0; paths && i < paths->list.n; i++) {
		const struct value *item = paths->list.v[i];
		const char *path = value_text(value_get(item, "path"));
		struct destination dest = {.artifact_path = NULL};
		struct declared *d;

		if (destination_read(item, "artifacts", &dest, l->err))
			return -1;
		if (declare_path(path, l->to->project.root, &dest,
		                 &l->to->declared, &d))
			return err_at(l->err, item->file, item->line,
			              item->column,
			              "artifacts: the path is empty");
		d->origin.file = mem_dup(item->file);
		d->origin.line = item->line;
	}
	return 0;
}

static void
declare_metric_files(struct load *l)
{
	const struct strv *files = l->request->metric_files;

	for (size_t i = 0; files && i < files->n; i++) {
		cleanup_free char *path = fs_join(l->request->cwd, files->v[i]);
		struct declared *d = declared_add(&l->to->declared);

		d->name = mem_dup(files->v[i]);
		d->path = fs_normalise(path);
		d->metric = mem_alloc(sizeof(*d->metric));
		d->metric->form = METRIC_ANY;
	}
}

/* Kedro takes no directory with conf/base alone for a project. */
static bool
is_for_kedro(const struct load *l)
{
	return l->request->kedro && l->to->project.package_name;
}

static int
no_catalog(const struct load *l)
{
	const struct project *p = &l->to->project;
	cleanup_free char *base = fs_join(p->conf, p->base_env);
	cleanup_free char *shown = project_shown(base, l->request->cwd);

	return err_at(l->err, shown, 0, 0,
	              "has no catalog.yml, nor has the environment; Kedro "
	              "wants one, if only with '{}' in it");
}

static int
load_declared(struct load *l)
{
	const struct strv *artifacts = l->request->artifacts;
	const struct strv *excludes = l->request->excludes;
	const struct value *listed = l->kmlflow.exclude;
	struct catalog_request r = {.root = l->to->project.root,
	                            .names = l->kmlflow.names,
	                            .metrics = l->kmlflow.metrics,
	                            .arena = &l->conf.arena,
	                            .declared = &l->to->declared,
	                            .warnings = &l->to->warnings};
	struct value *catalog, *credentials = NULL;

	r.kedro = is_for_kedro(l);
	if (conf_load(&l->conf, "catalog", &catalog, l->err) ||
	    (r.kedro &&
	     conf_load(&l->conf, "credentials", &credentials, l->err)))
		return -1;
	if (r.kedro && !catalog)
		return no_catalog(l);
	r.catalog = catalog;
	r.credentials = credentials;
	r.seen = value_new(&l->conf.arena, VALUE_DICT, NULL, 0);
	if (catalog_declare(&r, l->err) || declare_listed_paths(l))
		return -1;
	for (size_t i = 0; artifacts && i < artifacts->n; i++)
		if (declare_flag(artifacts->v[i], l->request->cwd,
		                 &l->to->declared, l->err))
			return -1;
	declare_metric_files(l);
	for (size_t i = 0; listed && i < listed->list.n; i++)
		declare_exclude(listed->list.v[i]->text.s, l->to->project.root,
		                &l->to->declared);
	for (size_t i = 0; excludes && i < excludes->n; i++)
		declare_exclude(excludes->v[i], l->request->cwd,
		                &l->to->declared);
	return 0;
}

/* CMD's --params, from its command line or else from its --config. */
static int
read_cmd_params(struct load *l)
{
	const char *version = l->to->project.kedro_version;
	struct arena *arena = &l->conf.arena;
	struct run_config c = {.path = NULL};

	if (l->request->run_config)
		c = *l->request->run_config;
	c.version = version;
	if (run_config_params(&c, l->request->cwd, l->conf.dialect, arena,
	                      &l->runtime, l->err))
		return -1;
	if (l->request->runtime_params)
		l->runtime =
		    runtime_params_parse(l->request->runtime_params, version,
		                         arena, &l->to->warnings);
	return 0;
}

/* What "${runtime_params:…}" may refer to: CMD's --params, and ours. */
static int
read_runtime(struct load *l)
{
	struct arena *arena = &l->conf.arena;
	cleanup_buf struct buf shown = BUF_INIT;
	struct value *all = value_new(arena, VALUE_DICT, NULL, 0);

	if (read_cmd_params(l))
		return -1;
	if (l->runtime) {
		runtime_params_show(l->runtime, &shown);
		l->to->runtime_params = buf_detach(&shown);
		conf_merge_over(all, l->runtime, arena);
	}
	l->conf.merged = l->runtime;
	runtime_params_add(all, l->request->params, arena);
	l->conf.runtime = all;
	return 0;
}

static int
load_files(struct load *l)
{
	struct value *mlflow, *kmlflow;

	if (read_runtime(l) || conf_load(&l->conf, "mlflow", &mlflow, l->err) ||
	    mlflow_yml_read(mlflow, &l->mlflow, l->err) ||
	    conf_load(&l->conf, "kmlflow", &kmlflow, l->err) ||
	    kmlflow_yml_read(kmlflow, &l->conf.arena, &l->kmlflow, l->err))
		return -1;
	tracking_settings_fill(l->request, &l->mlflow, &l->to->project,
	                       &l->to->tracking, NULL);
	if (credentials_load(&l->conf, l->mlflow.credentials,
	                     &l->to->tracking.credentials, &l->to->warnings,
	                     l->err) ||
	    credentials_check_provider(l->mlflow.header_provider,
	                               &l->to->tracking.credentials, l->err))
		return -1;
	return load_params(l) || load_declared(l) ? -1 : 0;
}

int
settings_load(const struct settings_request *request, struct settings *ret,
              struct err *err)
{
	struct settings s = {.warnings = STRV_INIT};
	struct load l = {.request = request, .to = &s, .err = err};
	int failed;

	if (project_find(request, &s.project, err))
		return -1;
	settings_py_warn(s.project.python, &s.warnings);
	failed = conf_open(&s.project, request->cwd, &l.conf, err);
	if (!failed) {
		failed = load_files(&l);
		for (size_t i = 0; i < l.conf.unread.n; i++)
			strv_add(&s.warnings, l.conf.unread.v[i]);
		conf_close(&l.conf);
	}
	if (failed) {
		settings_free(&s);
		return -1;
	}
	*ret = s;
	return 0;
}

void
settings_free(struct settings *s)
{
	project_free(&s->project);
	tracking_settings_free(&s->tracking);
	free(s->params_rules.sep);
	kvs_free(&s->params);
	kvs_free(&s->long_params_tags);
	free(s->runtime_params);
	declared_free(&s->declared);
	strv_free(&s->warnings);
	*s = (struct settings){.warnings = STRV_INIT};
}
