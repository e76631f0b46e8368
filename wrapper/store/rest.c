/* SPDX-License-Identifier: MIT */
/* rest.c - calls of MLflow's REST API, by whatever store needs them */
#include "store/rest.h"

#include "base/buf.h"
#include "base/err.h"
#include "store/databricks.h"
#include "wire/http.h"
#include "wire/json.h"
#include "wire/url.h"

#define API "/api/2.0/mlflow/"

/* Answers are lists of runs at most; what is longer is not meant well. */
enum { ANSWER_MAX = 64 << 20 };

static int
set_base(const char *uri, struct rest *r, struct err *err)
{
	cleanup_url struct url u = {.port = 0};
	cleanup_buf struct buf base = BUF_INIT;

	if (url_parse(uri, &u, err))
		return -1;
	if (strchr(uri, '?') || strchr(uri, '#'))
		return err_set(err, ERR_CONFIG,
		               "it must not have a query or a fragment");
	url_print(&base, &u);
	while (base.len && base.s[base.len - 1] == '/')
		buf_cut(&base, base.len - 1);
	r->base = buf_detach(&base);
	return 0;
}

/* The URI of the workspace where 'uri' is one of Databricks. */
static int
find_base(const char *uri, struct rest *r, struct err *err)
{
	cleanup_free char *host = NULL;

	if (databricks_is(uri) && databricks_host(uri, &host, err))
		return -1;
	return set_base(host ? host : uri, r, err);
}

int
rest_open(const char *uri, struct rest *ret, struct err *err)
{
	struct rest r = {.auth = REST_AUTH_INIT};
	struct http_settings settings;

	if (find_base(uri, &r, err)) {
		rest_close(&r);
		return err_wrap(err, "tracking URI");
	}
	if (rest_auth_open(uri, &r.auth, err) ||
	    http_settings_load(&settings, err)) {
		rest_close(&r);
		return -1;
	}
	r.http = http_new(&settings);
	*ret = r;
	return 0;
}

void
rest_close(struct rest *r)
{
	http_free(r->http);
	free(r->base);
	rest_auth_close(&r->auth);
	*r = (struct rest){.http = NULL};
}

/* MLflow's word for what went wrong, "" where it is not MLflow who answers. */
static char *
error_code(const struct http_response *response)
{
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;
	const char *code = NULL;

	if (!json_parse(response->body.s, response->body.len, &o, &ignored))
		code = json_str(o, "error_code");
	return mem_dup(code ? code : "");
}

bool
rest_is_final(const struct http_response *response)
{
	static const char *const codes[] = {"INVALID_STATE", "DATA_LOSS",
	                                    "INVALID_PARAMETER_VALUE",
	                                    "RESOURCE_ALREADY_EXISTS",
	                                    "RESOURCE_DOES_NOT_EXIST"};
	cleanup_free char *code = NULL;

	if (response->status != 500)
		return false;
	code = error_code(response);
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (!strcmp(codes[i], code))
			return true;
	return false;
}

static void
advise(struct err *err, const char *what)
{
	size_t used = strlen(err->msg);

	snprintf(err->msg + used, sizeof(err->msg) - used, "; %s", what);
}

static void
advise_refused(const struct http_request *request,
               const struct http_response *response, struct err *err)
{
	bool known =
	    request->headers && kvs_get(request->headers, "Authorization");

	if (response->status == 401)
		advise(err, known ? "the user name, password or token is wrong "
		                    "or has expired"
		                  : "set MLFLOW_TRACKING_USERNAME and "
		                    "MLFLOW_TRACKING_PASSWORD, or "
		                    "MLFLOW_TRACKING_TOKEN");
	else if (strcasestr(response->body.s, "host header"))
		advise(err, "the server must be told of this name by its "
		            "option --allowed-hosts");
	else
		advise(err, known
		                ? "this user may not do that, or the token is "
		                  "wrong or has expired"
		                : "perhaps the server wants "
		                  "MLFLOW_TRACKING_USERNAME and _PASSWORD, "
		                  "or MLFLOW_TRACKING_TOKEN");
}

int
rest_fail(const struct http_request *request,
          const struct http_response *response, struct err *err)
{
	cleanup_free char *code = error_code(response);
	int status = response->status;

	http_fail(request, response, err);
	if (status == 401 || status == 403) {
		advise_refused(request, response, err);
	} else if (!strcmp(code, "RESOURCE_ALREADY_EXISTS") || status == 409) {
		err->kind = ERR_CONFLICT;
	} else if (status == 413) {
		err->kind = ERR_FORMAT;
		advise(err, "the server, or a proxy before it, takes no more "
		            "in one request");
	} else if (status == 400 || status == 422) {
		err->kind = ERR_FORMAT;
	} else if (status == 404 && strcmp(code, "RESOURCE_DOES_NOT_EXIST")) {
		err->kind = ERR_REMOTE;
		advise(err, "is this the address of an MLflow server, and the "
		            "path in it right?");
	}
	return -1;
}

static int
read_answer(const struct http_request *request,
            const struct http_response *response, struct cJSON **answer,
            struct err *err)
{
	cleanup_json struct cJSON *o = NULL;
	struct err bad = ERR_INIT;

	if (response->status / 100 != 2)
		return rest_fail(request, response, err);
	if (json_parse(response->body.s, response->body.len, &o, &bad) ||
	    !json_is_object(o)) {
		http_fail(request, response, err);
		err->kind = ERR_REMOTE;
		advise(err, "this is not the JSON of MLflow: a log-in page, or "
		            "another server?");
		return -1;
	}
	if (answer) {
		*answer = o;
		o = NULL;
	}
	return 0;
}

int
rest_do(struct rest *r, const struct rest_call *call, struct cJSON **answer,
        struct err *err)
{
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_buf struct buf url = BUF_INIT;
	cleanup_buf struct buf body = BUF_INIT;
	struct http_request request = {
	    .method = call->method,
	    .headers = &r->auth.headers,
	    .fd = -1,
	    .answer_max = ANSWER_MAX,
	    .once = call->once,
	    .is_final = rest_is_final,
	    .is_done = call->is_done,
	    .ctx = call->ctx,
	};
	int got;

	buf_addf(&url, "%s" API "%s", r->base, call->path);
	for (size_t i = 0; call->query && i < call->query->n; i++)
		url_add_query(&url, call->query->v[i].key,
		              call->query->v[i].value);
	request.url = url.s;
	if (call->body) {
		json_print(call->body, false, &body);
		request.content_type = "application/json";
		request.data = body.s;
		request.size = (off_t)body.len;
	}
	got = rest_auth_do(&r->auth, r->http, &request, &response, err);
	return got ? got : read_answer(&request, &response, answer, err);
}
