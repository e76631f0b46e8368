/* SPDX-License-Identifier: MIT */
/* plan.c - what an exec will do, before it does anything */
#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "cli.h"
#include "earlier.h"
#include "kmlflow/env.h"
#include "lead.h"
#include "model/redact.h"
#include "model/run.h"
#include "model/run_config.h"
#include "outer.h"
#include "session.h"
#include "stage/attempt.h"
#include "stage/describe.h"
#include "stage/git.h"
#include "stage/origin.h"
#include "stage/publish_run.h"
#include "store/tracking.h"
#include "wire/json.h"

static int
load_settings(const struct options *o, struct plan *p, struct err *err)
{
	const struct run_config config = {
	    .path = p->kedro.config,
	    .section =
		p->kedro.packaged.name ? p->kedro.packaged.program : "run",
	};
	struct settings_request request = {
	    .directory = o->directory,
	    .cwd = p->cwd,
	    .env = o->env ? o->env : p->kedro.env,
	    .experiment = o->experiment,
	    .run_name = o->run_name,
	    .run_id = o->run_id,
	    .conf_source = p->kedro.conf_source,
	    .runtime_params = p->kedro.params,
	    .run_config = &config,
	    .packaged = &p->kedro.packaged,
	    .kedro = p->kedro.is_kedro_run,
	    .params = &o->params,
	    .params_files = &o->params_files,
	    .metric_files = &o->metric_files,
	    .artifacts = &o->artifacts,
	    .excludes = &o->excludes,
	};

	return settings_load(&request, &p->settings, err);
}

/* Takes over an existing run: 'joined' leaves its end to its owner. */
static int
take_run(struct plan *p, const char *id, bool joined, struct err *err)
{
	struct record *r = &p->record;
	struct run run;

	r->joined = joined;
	if (tracking_get_run(p->tracking, id, &run, err)) {
		mem_replace(&r->run_id, mem_dup(id));
		return err_wrap(err, "run '%s'", id);
	}
	if (run.deleted) {
		run_free(&run);
		return err_set(err, ERR_CONFIG,
		               "run '%s' is deleted; restore it or name "
		               "another one",
		               id);
	}
	mem_replace(&r->run_id, mem_steal(&run.id));
	mem_replace(&r->run_name, mem_steal(&run.name));
	mem_replace(&r->experiment_id, mem_steal(&run.experiment_id));
	mem_replace(&r->experiment_name, mem_steal(&run.experiment_name));
	mem_replace(&r->artifact_uri, mem_steal(&run.artifact_uri));
	run_free(&run);
	return 0;
}

static int
find_experiment(struct plan *p, struct err *err)
{
	const struct tracking_settings *t = &p->settings.tracking;
	struct experiment_spec spec = {
	    .id = t->experiment_id,
	    .name = t->experiment_name,
	    .create = t->experiment_create,
	    .restore_if_deleted = t->restore_if_deleted,
	    .artifact_location = t->artifact_location,
	    .tags = &t->experiment_tags,
	};

	return tracking_experiment(p->tracking, &spec, true,
	                           &p->record.experiment_id,
	                           &p->record.experiment_name, err);
}

/* Every pipeline that CMD names is one that mlflow.yml switches off. */
static bool
is_disabled(const struct plan *p)
{
	const struct strv *off = &p->settings.tracking.disabled_pipelines;
	const char *name =
	    p->kedro.pipeline ? p->kedro.pipeline : "__default__";

	if (!p->kedro.is_kedro_run || !off->n)
		return false;
	while (*name) {
		size_t len = strcspn(name, ",");
		cleanup_free char *one = mem_ndup(name, len);

		if (!strv_has(off, one))
			return false;
		name += len;
		name += *name == ',';
	}
	return true;
}

/* For us, as for CMD: what kedro-mlflow does with credentials.yml. */
static void
export_credentials(const struct kvs *credentials)
{
	for (size_t i = 0; i < credentials->n; i++)
		setenv(credentials->v[i].key, credentials->v[i].value, 1);
	redact_learn_environment();
}

static int
refuse_nested(const char *around, struct err *err)
{
	return err_set(err, ERR_CONFIG,
	               "run.nested is false in mlflow.yml, and this is within "
	               "run '%s'",
	               around);
}

/* What the making of the run will need once there is a store. */
static int
stay_pending(struct plan *p)
{
	const struct tracking_settings *t = &p->settings.tracking;
	struct record *r = &p->record;

	r->pending = true;
	if (r->run_id)
		return 0;
	if (!r->experiment_id)
		r->experiment_id = mem_dup(t->experiment_id);
	if (!r->experiment_name)
		r->experiment_name = mem_dup(t->experiment_name);
	r->experiment.create = t->experiment_create;
	r->experiment.restore = t->restore_if_deleted;
	mem_replace(&r->experiment.location, mem_dup(t->artifact_location));
	for (size_t i = 0; i < t->experiment_tags.n; i++)
		kvs_set(&r->experiment.tags, t->experiment_tags.v[i].key,
		        t->experiment_tags.v[i].value);
	return 0;
}

int
plan_go_offline(struct plan *p, const struct err *err)
{
	if (err->kind != ERR_RETRY || p->strict)
		return -1;
	mem_replace(&p->offline, mem_dup(err->msg));
	return stay_pending(p);
}

/* No store is looked at: what it would have to say is found out by sync. */
static int
decide_offline(struct plan *p, struct err *err)
{
	const struct tracking_settings *t = &p->settings.tracking;
	struct record *r = &p->record;
	bool foreign;
	const char *around = outer_run(&foreign);

	r->tracking_uri = outer_store_uri(p, foreign && !t->run_id);
	if (outer_spool(p, err))
		return -1;
	p->offline = mem_dup("offline");
	p->resumed = t->run_id != NULL;
	r->joined = !t->run_id && foreign;
	if (t->run_id || foreign)
		r->run_id = mem_dup(t->run_id ? t->run_id : around);
	else
		p->nested = around != NULL;
	if (p->nested && !t->nested)
		return refuse_nested(around, err);
	return stay_pending(p);
}

/* At the place that it comes from, where that is a file of the project. */
static int
wrong_uri(const struct plan *p, struct err *err)
{
	const struct tracking_settings *t = &p->settings.tracking;

	if (err->kind == ERR_CONFIG && t->uri_place &&
	    !strcmp(p->record.tracking_uri, t->uri))
		err_wrap(err, "%s", t->uri_place);
	return -1;
}

static int
decide_run(struct plan *p, struct err *err)
{
	const struct tracking_settings *t = &p->settings.tracking;
	bool foreign;
	const char *around = outer_run(&foreign);

	p->record.tracking_uri = outer_store_uri(p, foreign && !t->run_id);
	if (tracking_open(p->record.tracking_uri, &p->tracking, err))
		return wrong_uri(p, err);
	tracking_set_patience(p->tracking, publish_patience());
	if (t->run_id) {
		p->resumed = true;
		return take_run(p, t->run_id, false, err);
	}
	if (foreign)
		return take_run(p, around, true, err);
	p->nested = around != NULL;
	if (p->nested && !t->nested)
		return refuse_nested(around, err);
	if (find_experiment(p, err))
		return -1;
	return p->record.key ? earlier_take(p, err) : 0;
}

int
plan_make(const struct options *o, struct plan *p, struct err *err)
{
	struct describe_request describe = {.cmd = o->words};

	*p = (struct plan){.cwd = fs_cwd()};
	kedro_run_read(o->words, &p->kedro);
	if (run_config_apply(&p->kedro, p->cwd, err) ||
	    load_settings(o, p, err))
		return -1;
	p->words = o->words;
	p->strict = o->strict || o->dry_run;
	p->export_run_id = o->export_run_id;
	p->stays_offline = o->mode == MODE_OFFLINE;
	export_credentials(&p->settings.tracking.credentials);
	p->root = mem_dup(p->settings.project.root ? p->settings.project.root
	                                           : p->cwd);
	p->disabled = is_disabled(p);
	if (p->disabled)
		return 0;
	if (p->settings.tracking.run_id && o->key)
		return err_set(err, ERR_USAGE,
		               "--key finds the run by itself: leave out the "
		               "run's id");
	if (o->require_clean && git_require_clean(p->cwd, err))
		return -1;
	if (o->rank_runs != RANKS_EACH && !o->dry_run)
		rank_find(&p->rank);
	if (p->rank.size && o->rank_runs == RANKS_NESTED &&
	    lead_nest(o, p, err))
		return -1;
	if (rank_follows(&p->rank))
		return 0;
	p->record.key = mem_dup(o->key);
	p->attempt = o->key != NULL;
	if (p->stays_offline) {
		if (decide_offline(p, err))
			return -1;
	} else if (decide_run(p, err) && plan_go_offline(p, err)) {
		return -1;
	}
	if (!p->offline)
		p->new_store = tracking_new_store(p->tracking);
	describe.settings = &p->settings;
	describe.kedro = &p->kedro;
	describe.tags = &o->tags;
	describe.note = o->note;
	describe.parent = p->nested ? getenv(KMLFLOW_ENV_RUN_ID) : NULL;
	describe.cwd = p->cwd;
	if (describe_run(&describe, &p->record, err))
		return -1;
	/* It is somebody else's process that a joined run lives by. */
	if (p->record.joined)
		kvs_set(&p->record.tags, ORIGIN_TAG, NULL);
	if (p->rank.size)
		kvs_setf(&p->record.tags, "kmlflow.world_size", "%d",
		         p->rank.size);
	if (p->attempt)
		attempt_number(&p->record, p->attempt);
	return 0;
}

void
plan_free(struct plan *p)
{
	tracking_close(p->tracking);
	settings_free(&p->settings);
	kedro_run_free(&p->kedro);
	record_free(&p->record);
	strv_free(&p->nested_words);
	rank_free(&p->rank);
	free(p->new_store);
	free(p->offline);
	free(p->cwd);
	free(p->root);
	*p = (struct plan){.cwd = NULL};
}

static struct cJSON *
plan_to_json(const struct plan *p)
{
	const struct declared_list *list = &p->settings.declared;
	struct cJSON *o = json_object();
	struct cJSON *declared = json_array();
	cleanup_buf struct buf uri = BUF_INIT;

	json_set_str(o, "experiment_name", p->record.experiment_name);
	json_set_str(o, "experiment_id", p->record.experiment_id);
	json_set_str(o, "run_id", p->record.run_id);
	json_set_str(o, "run_name", p->record.run_name);
	redact_url(&uri, p->record.tracking_uri);
	json_set_str(o, "tracking_uri", uri.s);
	json_set_str(o, "project", p->settings.project.root);
	json_set_bool(o, "disabled", p->disabled);
	json_set_kvs(o, "params", &p->record.params);
	json_set_kvs(o, "tags", &p->record.tags);
	for (size_t i = 0; i < list->n; i++) {
		struct cJSON *d = json_object();

		json_set_str(d, "name", list->v[i].name);
		json_set_str(d, "path", list->v[i].path);
		json_set_str(d, "artifact_path", list->v[i].artifact_path);
		json_push(declared, d);
	}
	json_set(o, "declared", declared);
	return o;
}

static void
print_kvs(struct buf *to, const char *title, const struct kvs *k)
{
	buf_addf(to, "%s (%zu)\n", title, k->n);
	for (size_t i = 0; i < k->n; i++)
		buf_addf(to, "  %s = %s\n", k->v[i].key, k->v[i].value);
}

void
plan_print(const struct plan *p, bool json, struct buf *to)
{
	const struct declared_list *list = &p->settings.declared;
	const struct record *r = &p->record;

	if (json) {
		cleanup_json struct cJSON *o = plan_to_json(p);

		json_print(o, true, to);
		return;
	}
	if (p->disabled) {
		buf_adds(to, "nothing: mlflow.yml disables tracking for this "
		             "pipeline\n");
		return;
	}
	buf_adds(to, "store       ");
	redact_url(to, r->tracking_uri);
	buf_addc(to, '\n');
	buf_addf(to, "experiment  %s%s\n", r->experiment_name,
	         r->experiment_id ? "" : " (to be created)");
	buf_addf(to, "run         %s\n",
	         r->run_id     ? r->run_id
	         : r->run_name ? r->run_name
	                       : "(named by chance)");
	buf_addf(to, "declared (%zu)\n", list->n);
	for (size_t i = 0; i < list->n; i++)
		buf_addf(to, "  %s: %s\n", list->v[i].name, list->v[i].path);
	print_kvs(to, "params", &r->params);
	print_kvs(to, "tags", &r->tags);
}
