/* SPDX-License-Identifier: MIT */
/* publish_run.c - the run that exec could not tell the store of */
#include "stage/publish_run.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/record.h"
#include "model/redact.h"
#include "model/run.h"
#include "stage/attempt.h"
#include "stage/publish_client.h"
#include "stage/spool.h"
#include "store/artifact.h"
#include "store/tracking.h"

enum { PATIENCE_MS = 2000, PATIENCE_MAX_S = 600 };

int
publish_patience(void)
{
	const char *value = getenv("KMLFLOW_START_TIMEOUT");
	char *end;
	double seconds;

	if (!value || !*value)
		return PATIENCE_MS;
	seconds = strtod(value, &end);
	if (*end || !(seconds > 0) || seconds > PATIENCE_MAX_S)
		return PATIENCE_MS;
	return seconds < 0.001 ? 1 : (int)(seconds * 1000);
}

static void
take(struct record *r, struct run *run)
{
	mem_replace(&r->run_id, mem_steal(&run->id));
	mem_replace(&r->run_name, mem_steal(&run->name));
	mem_replace(&r->artifact_uri, mem_steal(&run->artifact_uri));
	if (!r->experiment_id)
		mem_replace(&r->experiment_id, mem_steal(&run->experiment_id));
	if (!r->experiment_name)
		mem_replace(&r->experiment_name,
		            mem_steal(&run->experiment_name));
}

static int
find_experiment(struct tracking *t, struct record *r, struct err *err)
{
	const struct experiment_spec spec = {
	    .id = r->experiment_id,
	    .name = r->experiment_id ? NULL : r->experiment_name,
	    .create = r->experiment.create,
	    .restore_if_deleted = r->experiment.restore,
	    .artifact_location = r->experiment.location,
	    .tags = &r->experiment.tags,
	};
	cleanup_free char *id = NULL;
	cleanup_free char *name = NULL;

	if (tracking_experiment(t, &spec, false, &id, &name, err))
		return -1;
	mem_replace(&r->experiment_id, mem_steal(&id));
	mem_replace(&r->experiment_name, mem_steal(&name));
	return 0;
}

/*
 * A parent that had no store either is known by its invocation until it is
 * published; this run waits for it as long as its spool is there.
 */
static int
find_parent(struct tracking *t, struct record *r, struct err *err)
{
	const char *parent = kvs_get(&r->tags, "mlflow.parentRunId");
	cleanup_free char *id = NULL;

	if (!parent)
		return 0;
	id = publish_client_resolve(t, parent, err);
	if (!id && err->kind != ERR_NONE)
		return -1;
	if (id)
		kvs_set(&r->tags, "mlflow.parentRunId", id);
	else if (r->parent_spool && fs_is_dir(r->parent_spool))
		return err_set(err, ERR_RETRY,
		               "the run around it is to be sent first, from "
		               "'%s'",
		               r->parent_spool);
	return 0;
}

static int
join(struct tracking *t, struct record *r, struct err *err)
{
	const struct run_data data = {.tags = &r->tags};
	cleanup_run struct run run = {.id = NULL};

	/* Without tags it is an attempt that others came after. */
	bool last = !r->joined && r->tags.n;

	if (tracking_get_run(t, r->run_id, &run, err) ||
	    (last && attempt_forget(t, r->run_id, err)) ||
	    tracking_log(t, r->run_id, &data, NULL, err))
		return -1;
	take(r, &run);
	return 0;
}

static int
make(struct tracking *t, struct record *r, struct err *err)
{
	cleanup_run struct run run = {.id = NULL};
	struct run_spec spec = {
	    .invocation_id = r->invocation_id,
	    .name = r->run_name,
	    .user = r->user,
	    .start_time = r->start_time,
	    .tags = &r->tags,
	};

	if (find_parent(t, r, err) || find_experiment(t, r, err))
		return -1;
	if (r->key && attempt_continue(t, r, err))
		return -1;
	if (r->run_id)
		return join(t, r, err);
	spec.experiment_id = r->experiment_id;
	if (tracking_create_run(t, &spec, &run, err))
		return -1;
	take(r, &run);
	return 0;
}

int
publish_run(struct tracking *t, struct spool *s, struct record *r,
            struct err *err)
{
	cleanup_free char *path = spool_path(s, "run.json");

	if (r->run_id ? join(t, r, err) : make(t, r, err))
		return -1;
	r->pending = false;
	return record_save(r, path, err);
}

char *
publish_stray_note(const struct record *r)
{
	cleanup_buf struct buf server = BUF_INIT;

	if (!r->artifact_uri ||
	    !artifact_is_stray(r->artifact_uri, r->tracking_uri))
		return NULL;
	redact_url(&server, r->tracking_uri);
	return mem_printf("%s keeps artifacts in '%s', which is a directory of "
	                  "this machine here: the server will not find them; "
	                  "start it with --serve-artifacts, or give the "
	                  "experiment another artifact location",
	                  server.s, r->artifact_uri);
}
