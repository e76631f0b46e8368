/* SPDX-License-Identifier: MIT */
/* gs_send.c - one request to Google Cloud Storage, and what it refuses */
#include "base/err.h"
#include "store/artifact_gs.h"
#include "store/refusal.h"
#include "store/sending.h"
#include "wire/json.h"

struct gs_sending {
	struct sending base;
	struct artifact_gs *s;
	const struct gs_call *call;
};

static struct gs_sending *
of(struct sending *x)
{
	return container_of(x, struct gs_sending, base);
}

/* --- signing ------------------------------------------------------------ */

static int
load_cred(void *ctx, struct err *err)
{
	struct artifact_gs *s = ctx;
	struct cred_google fresh;

	if (cred_google_load(&fresh, err))
		return -1;
	cred_google_free(&s->cred);
	s->cred = fresh;
	s->known = true;
	return 0;
}

static int
prepare(struct sending *base, struct err *err)
{
	struct gs_sending *x = of(base);
	struct artifact_gs *s = x->s;
	struct url u = s->endpoint;

	if (cred_keep(s->known, s->cred.token.expires, load_cred, s, err))
		return -1;
	u.rest = mem_printf("%s%s", s->endpoint.rest, x->call->path);
	buf_reset(&base->url);
	url_print(&base->url, &u);
	free(u.rest);
	if (s->cred.anonymous || !strcmp(u.scheme, "https") ||
	    url_is_loopback(&u))
		return 0;
	return err_set(err, ERR_CONFIG,
	               "credentials do not go to '%s', which is neither https "
	               "nor on this machine",
	               u.host);
}

static int
sign(struct sending *base, struct err *err)
{
	const struct gs_sending *x = of(base);
	const struct cred_google *cred = &x->s->cred;
	const struct kvs *more = x->call->headers;

	(void)err;
	kvs_free(&base->headers);
	for (size_t i = 0; more && i < more->n; i++)
		kvs_set(&base->headers, more->v[i].key, more->v[i].value);
	if (x->call->content_type)
		kvs_set(&base->headers, "content-type", x->call->content_type);
	if (cred->anonymous)
		return 0;
	kvs_setf(&base->headers, "authorization", "Bearer %s",
	         cred->token.value);
	if (cred->project)
		kvs_set(&base->headers, "x-goog-user-project", cred->project);
	return 0;
}

static bool
is_expired(struct sending *x, const struct http_response *r)
{
	return r->status == 401 && !of(x)->s->cred.anonymous;
}

static int
renew(struct sending *x, struct err *err)
{
	return load_cred(of(x)->s, err);
}

/* --- refusals ----------------------------------------------------------- */

static const struct remedy remedies[] = {
    {"notFound",
     "make bucket '%B', or give the experiment another artifact location",
     ERR_REMOTE},
    {"required",
     "the store wants to know who it is: set GOOGLE_APPLICATION_CREDENTIALS, "
     "or run 'gcloud auth application-default login'",
     ERR_REMOTE},
    {"authError", "the store does not take the credentials from %C",
     ERR_REMOTE},
    {"forbidden",
     "the credentials from %C need storage.objects.create and .delete (and "
     ".list) on bucket '%B'",
     ERR_REMOTE},
    {"insufficientPermissions",
     "the credentials from %C are not for storage: they lack its scope",
     ERR_REMOTE},
    {"userProjectMissing",
     "bucket '%B' lets the requester pay: set GOOGLE_CLOUD_QUOTA_PROJECT",
     ERR_REMOTE},
    {"retentionPolicyNotMet",
     "bucket '%B' keeps what it has: the object may not be replaced yet",
     ERR_REMOTE},
    {"accountDisabled", "the billing account behind bucket '%B' is closed",
     ERR_REMOTE},
    {"rateLimitExceeded", NULL, ERR_RETRY},
    {"userRateLimitExceeded", NULL, ERR_RETRY},
    {"backendError", NULL, ERR_RETRY},
};

static const char *
reason_of_status(int status)
{
	switch (status) {
	case 401:
		return "required";
	case 403:
		return "forbidden";
	case 404:
		return "notFound";
	default:
		return "";
	}
}

/* Uploads are refused in plain text where all else says it in JSON. */
static const char *
message_of(const struct cJSON *error, const struct http_response *response)
{
	const char *message = json_str(error, "message");

	if (message)
		return message;
	return strchr("<{", *response->body.s) ? "" : response->body.s;
}

static int
fail(struct sending *base, const struct http_response *response,
     struct err *err)
{
	const struct gs_sending *x = of(base);
	const struct artifact_gs *s = x->s;
	const char *name = x->call->name;
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;
	const struct cJSON *error;
	const char *reason;
	cleanup_free char *uri = mem_printf("gs://%s%s%s", s->bucket,
	                                    name ? "/" : "", name ? name : "");
	struct refusal r = {
	    .method = x->call->method,
	    .uri = uri,
	    .host = s->endpoint.host,
	    .status = response->status,
	    .bucket = s->bucket,
	    .source = s->cred.source,
	    .secrets = {s->cred.token.value},
	    .remedies = remedies,
	    .n_remedies = ARRAY_LEN(remedies),
	};

	(void)json_parse(response->body.s, response->body.len, &o, &ignored);
	error = json_get(o, "error");
	reason = json_str(json_first(json_get(error, "errors")), "reason");
	r.code = reason && !strchr(reason, ' ')
	             ? reason
	             : reason_of_status(response->status);
	if (!strcmp(r.code, "required") && !s->cred.anonymous)
		r.code = "authError";
	r.message = message_of(error, response);
	return refusal_set(&r, err);
}

/* --- sending ------------------------------------------------------------ */

static bool
is_good(const struct http_response *r)
{
	return r->status / 100 == 2;
}

static bool
is_good_in_session(const struct http_response *r)
{
	return r->status / 100 == 2 || r->status == 308;
}

static const struct sending_ops plain_ops = {
    .prepare = prepare,
    .sign = sign,
    .is_expired = is_expired,
    .renew = renew,
    .is_good = is_good,
    .fail = fail,
};

static const struct sending_ops session_ops = {
    .prepare = prepare,
    .sign = sign,
    .is_expired = is_expired,
    .renew = renew,
    .is_good = is_good_in_session,
    .fail = fail,
};

int
gs_send(struct artifact_gs *s, const struct gs_call *c,
        struct http_response *ret, struct err *err)
{
	struct gs_sending x = {
	    .base =
		{
		    .ops = c->session ? &session_ops : &plain_ops,
		    .http = s->http,
		    .request =
			{
			    .method = c->method,
			    .data = c->data,
			    .fd = c->fd,
			    .offset = c->offset,
			    .size = c->size,
			    .once = c->once,
			    .is_done = c->is_done,
			    .ctx = c->ctx,
			},
		    .running = c->running,
		    SENDING_INIT,
		},
	    .s = s,
	    .call = c,
	};

	return sending_do(&x.base, ret, err);
}
