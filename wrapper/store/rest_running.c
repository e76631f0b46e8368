/* SPDX-License-Identifier: MIT */
/* rest_running.c - runs of a tracking server that nobody has ended */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"
#include "store/tracking_rest.h"
#include "wire/json.h"

enum { PAGE = 1000, PAGES_MAX = 1000 };

static int
make_filter(const char *host, struct buf *to, struct err *err)
{
	if (strchr(host, '\''))
		return err_set(err, ERR_FORMAT,
		               "a server cannot be asked for the host %s",
		               host);
	buf_addf(to,
	         "attributes.status = 'RUNNING' and tags.`kmlflow.host` = '%s'",
	         host);
	return 0;
}

static int
ask(struct rest *r, const struct strv *experiments, const char *filter,
    const char *token, struct cJSON **ret, struct err *err)
{
	cleanup_json struct cJSON *body = json_object();
	struct cJSON *ids = json_array();
	const struct rest_call call = {
	    .method = "POST",
	    .path = "runs/search",
	    .body = body,
	};

	for (size_t i = 0; i < experiments->n; i++)
		json_push_str(ids, experiments->v[i]);
	json_set(body, "experiment_ids", ids);
	json_set_str(body, "filter", filter);
	json_set_str(body, "run_view_type", "ACTIVE_ONLY");
	json_set_int(body, "max_results", PAGE);
	if (token)
		json_set_str(body, "page_token", token);
	return rest_do(r, &call, ret, err);
}

static void
add_ids(const struct cJSON *page, struct strv *to)
{
	const struct cJSON *run = json_first(json_get(page, "runs"));

	for (; run; run = json_next(run)) {
		const struct cJSON *info = json_get(run, "info");
		const char *id = json_str(info, "run_id");

		if (!id)
			id = json_str(info, "run_uuid");
		if (id)
			strv_add(to, id);
	}
}

int
rest_running(struct tracking *base, const char *host, struct strv *ret,
             struct err *err)
{
	struct tracking_rest *t =
	    container_of(base, struct tracking_rest, base);
	cleanup_strv struct strv experiments = STRV_INIT;
	cleanup_buf struct buf filter = BUF_INIT;
	cleanup_free char *token = NULL;

	if (make_filter(host, &filter, err) ||
	    rest_all_experiments(&t->rest, &experiments, err))
		return -1;
	for (int i = 0; i < PAGES_MAX && experiments.n; i++) {
		cleanup_json struct cJSON *page = NULL;

		if (ask(&t->rest, &experiments, filter.s, token, &page, err))
			return -1;
		add_ids(page, ret);
		mem_replace(&token, mem_dup(json_str(page, "next_page_token")));
		if (!token || !*token)
			break;
	}
	return 0;
}
