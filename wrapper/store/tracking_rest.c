/* SPDX-License-Identifier: MIT */
/* tracking_rest.c - a tracking server, MLflow 1.x to 3.x */
#include "store/tracking_rest.h"

#include "base/err.h"
#include "base/mem.h"
#include "store/databricks.h"
#include "store/key.h"
#include "wire/http.h"

static void
close_rest(struct tracking *base)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);

	rest_close(&t->rest);
	free(t->experiment_id);
	free(t->experiment_name);
	free(t);
}

static int
open_rest(const char *uri, struct tracking **ret, struct err *err)
{
	struct tracking_rest *t;
	struct rest rest;

	if (rest_open(uri, &rest, err))
		return -1;
	t = mem_alloc(sizeof(*t));
	t->base.ops = &tracking_rest_ops;
	t->rest = rest;
	*ret = &t->base;
	return 0;
}

/* By the version: 500 from 1.28 on, 6000 from 2.8 on. */
static int
limit_of_version(const char *version)
{
	char *end;
	long major = strtol(version, &end, 10);
	long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;

	if (end == version || major > 2 || (major == 2 && minor >= 8))
		return PARAM_VALUE_MAX;
	return major == 2 || minor >= 28 ? 500 : 250;
}

/* /version came with 2.1; 404 means older, and 500 is the likelier then. */
static void
ask_param_limit(struct tracking *base)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_free char *url = mem_printf("%s/version", t->rest.base);
	const struct http_request request = {
	    .method = "GET",
	    .url = url,
	    .fd = -1,
	    .answer_max = 4096,
	    .once = true,
	};
	struct err ignored = ERR_INIT;

	base->param_limit = PARAM_VALUE_MAX;
	/* It tells no version. */
	if (databricks_is(t->rest.auth.uri))
		return;
	if (rest_auth_do(&t->rest.auth, t->rest.http, &request, &response,
	                 &ignored))
		return;
	if (response.status == 200)
		base->param_limit = limit_of_version(response.body.s);
	else if (response.status == 404)
		base->param_limit = 500;
}

static void
set_patience(struct tracking *base, int ms)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);

	http_set_patience(t->rest.http, ms);
}

static const char *const schemes[] = {"http", "https", "databricks", NULL};

const struct tracking_ops tracking_rest_ops = {
    .schemes = schemes,
    .open = open_rest,
    .close = close_rest,
    .experiment = rest_experiment,
    .create_run = rest_create_run,
    .get_run = rest_get_run,
    .read = rest_read,
    .last_steps = rest_last_steps,
    .find_by_tag = rest_find_by_tag,
    .running = rest_running,
    .log = rest_log,
    .set_status = rest_set_status,
    .delete_tag = rest_delete_tag,
    .ask_param_limit = ask_param_limit,
    .set_patience = set_patience,
};
