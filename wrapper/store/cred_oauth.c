/* SPDX-License-Identifier: MIT */
/* cred_oauth.c - access tokens (RFC 6749) from who hands them out */
#include "store/cred_oauth.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/refusal.h"
#include "wire/http.h"
#include "wire/json.h"
#include "wire/url.h"

enum { TEXT_MAX = 300 };

void
oauth_token_free(struct oauth_token *t)
{
	if (t->value)
		explicit_bzero(t->value, strlen(t->value));
	free(t->value);
	*t = (struct oauth_token){.value = NULL};
}

/* Some write numbers as strings. */
static int64_t
number(const struct cJSON *o, const char *key)
{
	const char *text = json_str(o, key);

	return text ? strtoll(text, NULL, 10) : json_int(o, key, 0);
}

static int64_t
expiry(const struct cJSON *o)
{
	int64_t in = number(o, "expires_in");
	int64_t on = number(o, "expires_on");

	if (on > 0)
		return on;
	return in > 0 ? clock_now_ms() / 1000 + in : 0;
}

/* --- refusals ----------------------------------------------------------- */

static int
refuse(const struct oauth_ask *a, const struct http_response *r,
       const struct cJSON *o, struct err *err)
{
	const char *code = json_str(o, "error");
	const char *description = json_str(o, "error_description");
	enum err_kind kind = ERR_REMOTE;
	cleanup_buf struct buf text = BUF_INIT;

	if (retry_is_transient(r->status))
		kind = ERR_RETRY;
	else if (r->status == 404)
		kind = ERR_NOTFOUND;
	buf_addf(&text, "%s%.80s%s", code ? " " : "", code ? code : "",
	         description ? ": " : "");
	buf_adds(&text, description ? description : "");
	for (size_t i = 0; a->form && i < a->form->n; i++)
		refusal_hide(&text, a->form->v[i].value);
	buf_cut(&text, strcspn(text.s, "\r\n"));
	return err_set(err, kind, "%s gives no token: %d%.*s", a->what,
	               r->status, TEXT_MAX, text.s);
}

/* --- asking ------------------------------------------------------------- */

static int
ask(const struct oauth_ask *a, struct http_response *ret, struct err *err)
{
	cleanup_buf struct buf body = BUF_INIT;
	struct cred_service s = {
	    .what = a->what,
	    .reach = a->reach,
	    .method = a->form ? "POST" : "GET",
	    .url = a->url,
	    .headers = a->headers,
	};
	int got;

	for (size_t i = 0; a->form && i < a->form->n; i++)
		cred_add_field(&body, a->form->v[i].key, a->form->v[i].value);
	if (a->form) {
		s.content_type = "application/x-www-form-urlencoded";
		s.body = body.s;
	}
	got = cred_ask(&s, ret, err);
	buf_wipe(&body);
	return got;
}

static int
take(const struct oauth_ask *a, const struct http_response *r,
     struct oauth_token *ret, struct err *err)
{
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;
	const char *token;

	(void)json_parse(r->body.s, r->body.len, &o, &ignored);
	if (r->status != 200)
		return refuse(a, r, o, err);
	token = json_str(o, "access_token");
	if (!token || !*token)
		return err_set(err, ERR_REMOTE, "%s answers without a token",
		               a->what);
	if (cred_check(&token, 1, a->what, err))
		return -1;
	*ret = (struct oauth_token){
	    .value = mem_dup(token),
	    .expires = expiry(o),
	};
	return 0;
}

int
oauth_ask(const struct oauth_ask *a, struct oauth_token *ret, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	int got;

	if (ask(a, &r, err))
		return -1;
	got = take(a, &r, ret, err);
	buf_wipe(&r.body);
	return got;
}

void
oauth_form_free(struct kvs *form)
{
	for (size_t i = 0; i < form->n; i++)
		explicit_bzero(form->v[i].value, strlen(form->v[i].value));
	kvs_free(form);
}

void
oauth_jwt_begin(struct buf *to, const char *header, const char *claims)
{
	enc_base64url(to, header, strlen(header));
	buf_addc(to, '.');
	enc_base64url(to, claims, strlen(claims));
}

int
oauth_check_url(const char *url, const char *name, struct err *err)
{
	cleanup_url struct url u = {.port = 0};

	if (url_parse(url, &u, err))
		return err_wrap(err, "%s", name);
	if (!strcmp(u.scheme, "https") || url_is_loopback(&u))
		return 0;
	return err_set(err, ERR_CONFIG,
	               "%s is neither https nor on this machine", name);
}
