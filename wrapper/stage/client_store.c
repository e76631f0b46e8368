/* SPDX-License-Identifier: MIT */
/* client_store.c - where an MLflow client inside CMD records without a store */
#include "stage/client_store.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "model/record.h"
#include "model/run.h"
#include "model/run_name.h"
#include "stage/spool.h"
#include "store/local_uri.h"
#include "store/tracking.h"

char *
client_store_path(const char *spool)
{
	return fs_join(spool, "store");
}

/* Of an experiment that is known by its id the name cannot be asked for. */
static char *
experiment_name(const struct record *r)
{
	if (r->experiment_name)
		return mem_dup(r->experiment_name);
	return r->experiment_id ? mem_printf("experiment %s", r->experiment_id)
	                        : mem_dup("Default");
}

static int
make_run(struct tracking *t, const struct record *r, struct client_store *c,
         struct err *err)
{
	cleanup_free char *wanted = experiment_name(r);
	cleanup_free char *by_chance = run_name_make(r->invocation_id);
	cleanup_free char *name = NULL;
	cleanup_run struct run run = {.id = NULL};
	const struct experiment_spec experiment = {
	    .name = wanted,
	    .create = true,
	};
	struct run_spec spec = {
	    .invocation_id = r->run_id ? r->run_id : r->invocation_id,
	    /* What a run that is there is called is not known. */
	    .name = r->run_id ? by_chance : r->run_name,
	    .user = r->user,
	    .start_time = r->start_time,
	    .tags = &r->tags,
	};

	if (tracking_experiment(t, &experiment, false, &c->experiment_id, &name,
	                        err))
		return -1;
	spec.experiment_id = c->experiment_id;
	if (tracking_create_run(t, &spec, &run, err))
		return -1;
	c->run_id = mem_steal(&run.id);
	return 0;
}

int
client_store_make(const struct spool *s, const struct record *r,
                  struct client_store *ret, struct err *err)
{
	cleanup_free char *path = client_store_path(s->dir);
	struct client_store c = {.uri = NULL};
	struct tracking *t = NULL;
	int failed = local_uri_absolute(path, &c.uri, err) ||
	             tracking_open(path, &t, err) || make_run(t, r, &c, err);

	tracking_close(t);
	if (failed) {
		client_store_free(&c);
		return -1;
	}
	*ret = c;
	return 0;
}

void
client_store_free(struct client_store *c)
{
	free(c->uri);
	free(c->experiment_id);
	free(c->run_id);
	*c = (struct client_store){.uri = NULL};
}
