/* SPDX-License-Identifier: MIT */
/* childenv.c - the environment that CMD gets */
#include "stage/childenv.h"

#include <unistd.h>

#include "base/mem.h"
#include "kmlflow/env.h"
#include "model/record.h"
#include "model/tracking_uri.h"
#include "stage/client_store.h"

/* Replaces NAME=…, or takes it out when 'value' is NULL. */
static void
set(struct strv *env, const char *name, const char *value)
{
	size_t len = strlen(name);
	char *pair = value ? mem_printf("%s=%s", name, value) : NULL;

	for (size_t i = 0; i < env->n; i++) {
		if (strncmp(env->v[i], name, len) != 0 || env->v[i][len] != '=')
			continue;
		free(env->v[i]);
		if (pair) {
			env->v[i] = pair;
			return;
		}
		memmove(env->v + i, env->v + i + 1,
		        (env->n - i) * sizeof(*env->v));
		env->n--;
		return;
	}
	if (pair)
		strv_take(env, pair);
}

/* A sanitizer's runtime insists on being the first. */
static bool
starts_with_sanitizer(const char *preload)
{
	size_t len = strcspn(preload, ": ");
	const char *slash = memrchr(preload, '/', len);
	const char *name = slash ? slash + 1 : preload;

	return !strncmp(name, "libasan", 7) || !strncmp(name, "libtsan", 7) ||
	       !strncmp(name, "libubsan", 8) || !strncmp(name, "liblsan", 7) ||
	       !strncmp(name, "libclang_rt", 11);
}

/* An exec within an exec has the library already. */
static bool
has_library(const char *preload, const char *library)
{
	size_t len = strlen(library);

	for (;;) {
		size_t one = strcspn(preload, ": ");

		if (one == len && !strncmp(preload, library, len))
			return true;
		if (!preload[one])
			return false;
		preload += one + 1;
	}
}

static void
set_preload(struct strv *env, const char *library)
{
	const char *old = getenv("LD_PRELOAD");
	cleanup_free char *both = NULL;

	if (!old || !*old)
		both = mem_dup(library);
	else if (has_library(old, library))
		return;
	else if (starts_with_sanitizer(old))
		both = mem_printf("%s:%s", old, library);
	else
		both = mem_printf("%s:%s", library, old);
	set(env, "LD_PRELOAD", both);
}

static void
set_store(struct strv *env, const char *uri)
{
	set(env, "MLFLOW_TRACKING_URI", uri);
	/* MLflow 3.13 and later refuse a directory without it. */
	if (uri_is_directory(uri) && !getenv("MLFLOW_ALLOW_FILE_STORE"))
		set(env, "MLFLOW_ALLOW_FILE_STORE", "true");
}

static void
set_run(struct strv *env, const char *id)
{
	set(env, "MLFLOW_RUN_ID", id);
	set(env, KMLFLOW_ENV_RUN_ID, id);
}

static void
set_tracking(struct strv *env, const struct record *r)
{
	set_store(env, r->tracking_uri);
	set(env, "MLFLOW_EXPERIMENT_ID", r->experiment_id);
	/* Both set and disagreeing is an error of MLflow's client. */
	set(env, "MLFLOW_EXPERIMENT_NAME",
	    r->experiment_id ? NULL : r->experiment_name);
	set_run(env, r->run_id);
}

/* An exec within must not go and ask for the store either. */
static void
set_client(struct strv *env, const struct client_store *c)
{
	set_store(env, c->uri);
	set(env, "MLFLOW_EXPERIMENT_ID", c->experiment_id);
	set(env, "MLFLOW_EXPERIMENT_NAME", NULL);
	set_run(env, c->run_id);
	set(env, "KMLFLOW_MODE", "offline");
}

void
childenv_build(const struct childenv_request *request, struct strv *ret)
{
	const struct kvs *credentials = request->credentials;

	for (char **e = environ; *e; e++)
		strv_add(ret, *e);
	for (size_t i = 0; credentials && i < credentials->n; i++)
		set(ret, credentials->v[i].key, credentials->v[i].value);
	if (request->export_run_id && request->client)
		set_client(ret, request->client);
	else if (request->export_run_id)
		set_tracking(ret, request->record);
	if (request->spool)
		set(ret, KMLFLOW_ENV_SPOOL, request->spool);
	if (!request->library)
		return;
	set_preload(ret, request->library);
	set(ret, KMLFLOW_ENV_IMAGE, request->image);
}
