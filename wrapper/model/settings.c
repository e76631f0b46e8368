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
#include "model/runtime_params.h"
#include "model/settings_py.h"
#include "model/tracking_uri.h"
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

/* NULL for one that is empty too. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool
is_true(const struct value *v, bool fallback)
{
	return v ? v->boolean : fallback;
}

static char *
text_of(const struct value *v)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (!v)
		return NULL;
	pystr(v, &text);
	return buf_detach(&text);
}

static const char *
first_of(const char *a, const char *b, const char *c)
{
	return a ? a : b ? b : c;
}

static void
set_uri(struct load *l)
{
	struct tracking_settings *t = &l->to->tracking;
	const char *ours = variable("KMLFLOW_TRACKING_URI");
	const char *in_file = value_text(l->mlflow.uri);
	const char *uri =
	    first_of(ours, in_file, variable("MLFLOW_TRACKING_URI"));

	if (!uri) {
		t->uri = uri_default(&l->to->project, l->request->cwd);
		return;
	}
	t->uri = uri_absolute(uri, &l->to->project, l->request->cwd);
	if (uri == in_file) {
		t->uri_origin.file = mem_dup(l->mlflow.uri->file);
		t->uri_origin.line = l->mlflow.uri->line;
	}
}

static void
set_experiment(struct load *l)
{
	struct tracking_settings *t = &l->to->tracking;
	const char *name =
	    first_of(l->request->experiment, variable("KMLFLOW_EXPERIMENT"),
	             value_text(l->mlflow.experiment));
	const char *id = variable("MLFLOW_EXPERIMENT_ID");

	if (!name)
		name = variable("MLFLOW_EXPERIMENT_NAME");
	if (!name && id) {
		t->experiment_id = mem_dup(id);
		return;
	}
	if (!name)
		name = l->to->project.package_name;
	t->experiment_name = mem_dup(name ? name : "Default");
}

static void
set_lists(struct load *l)
{
	struct tracking_settings *t = &l->to->tracking;
	const struct value *pipelines = l->mlflow.disabled_pipelines;
	const struct value *tags = l->mlflow.experiment_tags;

	for (size_t i = 0; pipelines && i < pipelines->list.n; i++)
		strv_add(&t->disabled_pipelines, pipelines->list.v[i]->text.s);
	for (size_t i = 0; tags && i < tags->dict.n; i++) {
		cleanup_free char *key = text_of(tags->dict.v[i].key);
		cleanup_free char *value = text_of(tags->dict.v[i].item);

		kvs_set(&t->experiment_tags, key, value);
	}
}

static void
set_tracking(struct load *l)
{
	const struct mlflow_yml *m = &l->mlflow;
	const char *location = value_text(m->artifact_location);
	struct tracking_settings *t = &l->to->tracking;
	bool create = is_true(m->experiment_create, true);

	set_uri(l);
	set_experiment(l);
	set_lists(l);
	t->experiment_create = create;
	t->restore_if_deleted = is_true(m->restore_if_deleted, create);
	if (location)
		t->artifact_location =
		    uri_absolute(location, &l->to->project, l->request->cwd);
	t->run_id =
	    mem_dup(first_of(l->request->run_id, value_text(m->run_id), NULL));
	t->run_name =
	    mem_dup(first_of(l->request->run_name, variable("KMLFLOW_RUN_NAME"),
	                     value_text(m->run_name)));
	t->nested = is_true(m->nested, true);
	t->ui_host = text_of(m->ui_host);
	t->ui_port = text_of(m->ui_port);
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

static int
load_declared(struct load *l)
{
	const struct strv *artifacts = l->request->artifacts;
	const struct strv *excludes = l->request->excludes;
	const struct value *listed = l->kmlflow.exclude;
	struct catalog_request r = {.root = l->to->project.root,
	                            .names = l->kmlflow.names,
	                            .arena = &l->conf.arena,
	                            .declared = &l->to->declared,
	                            .warnings = &l->to->warnings};
	struct value *catalog;

	if (conf_load(&l->conf, "catalog", &catalog, l->err))
		return -1;
	r.catalog = catalog;
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

/* What "${runtime_params:…}" may refer to: CMD's --params, and ours. */
static void
read_runtime(struct load *l)
{
	struct arena *arena = &l->conf.arena;
	cleanup_buf struct buf shown = BUF_INIT;
	struct value *all = value_new(arena, VALUE_DICT, NULL, 0);

	if (l->request->runtime_params) {
		l->runtime = runtime_params_parse(l->request->runtime_params,
		                                  l->to->project.kedro_version,
		                                  arena, &l->to->warnings);
		runtime_params_show(l->runtime, &shown);
		l->to->runtime_params = buf_detach(&shown);
		conf_merge_over(all, l->runtime, arena);
	}
	l->conf.merged = l->runtime;
	runtime_params_add(all, l->request->params, arena);
	l->conf.runtime = all;
}

static int
load_files(struct load *l)
{
	struct value *mlflow, *kmlflow;

	read_runtime(l);
	if (conf_load(&l->conf, "mlflow", &mlflow, l->err) ||
	    mlflow_yml_read(mlflow, &l->mlflow, l->err) ||
	    conf_load(&l->conf, "kmlflow", &kmlflow, l->err) ||
	    kmlflow_yml_read(kmlflow, &l->conf.arena, &l->kmlflow, l->err))
		return -1;
	set_tracking(l);
	if (credentials_load(&l->conf, l->mlflow.credentials,
	                     &l->to->tracking.credentials, &l->to->warnings,
	                     l->err))
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
		conf_close(&l.conf);
	}
	if (failed) {
		settings_free(&s);
		return -1;
	}
	*ret = s;
	return 0;
}

/* Secrets are not left behind in freed memory. */
static void
wipe(struct kvs *secrets)
{
	for (size_t i = 0; i < secrets->n; i++)
		explicit_bzero(secrets->v[i].value,
		               strlen(secrets->v[i].value));
	kvs_free(secrets);
}

void
settings_free(struct settings *s)
{
	struct tracking_settings *t = &s->tracking;

	project_free(&s->project);
	free(t->uri);
	free(t->uri_origin.file);
	free(t->experiment_name);
	free(t->experiment_id);
	free(t->artifact_location);
	free(t->run_id);
	free(t->run_name);
	free(t->ui_host);
	free(t->ui_port);
	kvs_free(&t->experiment_tags);
	strv_free(&t->disabled_pipelines);
	wipe(&t->credentials);
	free(s->params_rules.sep);
	kvs_free(&s->params);
	kvs_free(&s->long_params_tags);
	free(s->runtime_params);
	declared_free(&s->declared);
	strv_free(&s->warnings);
	*s = (struct settings){.warnings = STRV_INIT};
}
