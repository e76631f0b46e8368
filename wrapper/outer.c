/* SPDX-License-Identifier: MIT */
/* outer.c - the run that an exec finds itself in, by its environment */
#include "outer.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "kmlflow/env.h"
#include "model/tracking_uri.h"
#include "session.h"
#include "stage/client_store.h"
#include "store/local_uri.h"

const char *
outer_run(bool *foreign)
{
	const char *ours = getenv(KMLFLOW_ENV_RUN_ID);
	const char *any = getenv("MLFLOW_RUN_ID");

	*foreign = any && *any && (!ours || strcmp(ours, any) != 0);
	if (*foreign)
		return any;
	return ours && *ours ? ours : NULL;
}

char *
outer_store_uri(const struct plan *p, bool foreign)
{
	const char *uri = getenv("MLFLOW_TRACKING_URI");
	const struct project nowhere = {.root = NULL};

	if (!foreign || !uri || !*uri)
		return mem_dup(p->settings.tracking.uri);
	return uri_absolute(uri, &nowhere, p->cwd);
}

/* Whether 'uri' is the client store of that spool. */
static bool
is_store_of(const char *uri, const char *spool)
{
	cleanup_free char *store = client_store_path(spool);
	cleanup_free char *path = NULL;
	struct err ignored = ERR_INIT;

	return !local_uri_path(uri, &path, &ignored) && !strcmp(path, store);
}

static void
take_experiment(struct plan *p, const struct record *outer)
{
	const struct tracking_settings *t = &p->settings.tracking;
	const char *id = getenv("MLFLOW_EXPERIMENT_ID");

	/* The id of the client store means nothing elsewhere. */
	if (!id || !t->experiment_id || strcmp(id, t->experiment_id) != 0)
		return;
	mem_replace(&p->settings.tracking.experiment_id,
	            mem_dup(outer->experiment_id));
	mem_replace(&p->settings.tracking.experiment_name,
	            mem_dup(outer->experiment_name));
}

int
outer_spool(struct plan *p, struct err *err)
{
	const char *spool = getenv(KMLFLOW_ENV_SPOOL);
	cleanup_record struct record outer = {.run_id = NULL};
	cleanup_free char *path = NULL;

	if (!spool || !*spool)
		return 0;
	path = fs_join(spool, "run.json");
	if (!is_store_of(p->record.tracking_uri, spool)) {
		mem_replace(&p->record.parent_spool, mem_dup(spool));
		return 0;
	}
	if (record_load(path, &outer, err))
		return err_wrap(err, "the run around");
	mem_replace(&p->record.tracking_uri, mem_dup(outer.tracking_uri));
	mem_replace(&p->record.parent_spool, mem_dup(spool));
	take_experiment(p, &outer);
	return 0;
}
