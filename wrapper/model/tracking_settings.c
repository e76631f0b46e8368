/* SPDX-License-Identifier: MIT */
/* tracking_settings.c - which store, experiment and run, and who says so */
#include "model/tracking_settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "model/mlflow_yml.h"
#include "model/pystr.h"
#include "model/settings.h"
#include "model/tracking_uri.h"
#include "model/value.h"

/* What is looked at to fill them. */
struct filling {
	const struct settings_request *request;
	const struct mlflow_yml *mlflow;
	const struct project *project;
	struct tracking_settings *to;
};

/* The first that says something is taken. */
struct choice {
	const char *text;
	struct decision why;
};

/* One that is empty says nothing, nor does NULL. */
static void
offer(struct choice *c, const char *text, const char *by)
{
	if (c->text || !text || !*text)
		return;
	c->text = text;
	c->why.by = by;
}

static void
offer_variable(struct choice *c, const char *name)
{
	offer(c, getenv(name), name);
}

static void
offer_file(struct choice *c, const struct value *v)
{
	const char *text = value_text(v);

	if (!text)
		return;
	if (c->text) {
		c->why.over = v;
		return;
	}
	c->text = text;
	c->why.file = v;
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

static struct decision
set_uri(const struct filling *f)
{
	struct choice c = {.text = NULL};

	offer_variable(&c, "KMLFLOW_TRACKING_URI");
	offer_file(&c, f->mlflow->uri);
	offer_variable(&c, "MLFLOW_TRACKING_URI");
	if (c.why.file)
		f->to->uri_place =
		    mem_printf("%s:%d:%d", c.why.file->file, c.why.file->line,
		               (int)c.why.file->column);
	if (c.text) {
		f->to->uri = uri_absolute(c.text, f->project, f->request->cwd);
		return c.why;
	}
	f->to->uri = uri_default(f->project, f->request->cwd);
	return (struct decision){.by = "built in"};
}

static struct decision
set_experiment(const struct filling *f)
{
	struct choice c = {.text = NULL};
	struct choice id = {.text = NULL};

	offer(&c, f->request->experiment, "--experiment");
	offer_variable(&c, "KMLFLOW_EXPERIMENT");
	offer_file(&c, f->mlflow->experiment);
	offer_variable(&c, "MLFLOW_EXPERIMENT_NAME");
	if (!c.text) {
		offer_variable(&id, "MLFLOW_EXPERIMENT_ID");
		f->to->experiment_id = mem_dup(id.text);
		if (id.text)
			return id.why;
	}
	offer(&c, f->project->package_name, "the package's name");
	offer(&c, "Default", "built in");
	f->to->experiment_name = mem_dup(c.text);
	return c.why;
}

static struct decision
set_run_id(const struct filling *f)
{
	struct choice c = {.text = NULL};

	offer(&c, f->request->run_id, "--run-id");
	offer_file(&c, f->mlflow->run_id);
	f->to->run_id = mem_dup(c.text);
	return c.why;
}

static struct decision
set_run_name(const struct filling *f)
{
	struct choice c = {.text = NULL};

	offer(&c, f->request->run_name, "--run-name");
	offer_variable(&c, "KMLFLOW_RUN_NAME");
	offer_file(&c, f->mlflow->run_name);
	f->to->run_name = mem_dup(c.text);
	return c.why;
}

static void
set_lists(const struct filling *f)
{
	struct tracking_settings *t = f->to;
	const struct value *pipelines = f->mlflow->disabled_pipelines;
	const struct value *tags = f->mlflow->experiment_tags;

	for (size_t i = 0; pipelines && i < pipelines->list.n; i++)
		strv_add(&t->disabled_pipelines, pipelines->list.v[i]->text.s);
	for (size_t i = 0; tags && i < tags->dict.n; i++) {
		cleanup_free char *key = text_of(tags->dict.v[i].key);
		cleanup_free char *value = text_of(tags->dict.v[i].item);

		kvs_set(&t->experiment_tags, key, value);
	}
}

void
tracking_settings_fill(const struct settings_request *request,
                       const struct mlflow_yml *mlflow,
                       const struct project *project,
                       struct tracking_settings *ret, struct decisions *why)
{
	const struct filling f = {.request = request,
	                          .mlflow = mlflow,
	                          .project = project,
	                          .to = ret};
	const char *location = value_text(mlflow->artifact_location);
	bool create = is_true(mlflow->experiment_create, true);
	const struct decisions all = {
	    .uri = set_uri(&f),
	    .experiment = set_experiment(&f),
	    .run_id = set_run_id(&f),
	    .run_name = set_run_name(&f),
	};

	set_lists(&f);
	ret->experiment_create = create;
	ret->restore_if_deleted = is_true(mlflow->restore_if_deleted, create);
	if (location)
		ret->artifact_location =
		    uri_absolute(location, project, request->cwd);
	ret->nested = is_true(mlflow->nested, true);
	ret->ui_host = text_of(mlflow->ui_host);
	ret->ui_port = text_of(mlflow->ui_port);
	if (why)
		*why = all;
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
tracking_settings_free(struct tracking_settings *t)
{
	free(t->uri);
	free(t->uri_place);
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
}
