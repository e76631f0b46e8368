/* SPDX-License-Identifier: MIT */
/* artifact_proxy.c - artifacts behind a tracking server, or any http server */
#include "store/artifact_proxy.h"

#include "base/buf.h"
#include "base/err.h"
#include "store/body.h"
#include "store/mime.h"
#include "store/rest.h"
#include "store/rest_login.h"
#include "wire/http.h"
#include "wire/url.h"

enum { COMPARE_MAX = 64 << 20 /* larger files are not read back */ };

static void
proxy_close(struct artifact *a)
{
	struct artifact_proxy *p = container_of(a, struct artifact_proxy, base);

	http_free(p->http);
	http_free(p->cloud);
	proxy_uri_free(&p->where);
	rest_auth_close(&p->auth);
	proxy_free_dirs(p);
	map_free(&p->put, NULL);
	strv_free(&p->notes);
	free(p);
}

/*
 * Our name and password are for the tracking server.  An artifact URI is what
 * somebody else wrote down: another host gets nothing of them.
 */
static int
load_auth(struct artifact_proxy *p, const char *uri, const char *tracking_uri,
          struct err *err)
{
	struct rest_auth *auth = &p->auth;
	struct err ignored = ERR_INIT;
	cleanup_url struct url u = {.port = 0};

	*auth = (struct rest_auth)REST_AUTH_INIT;
	if (p->where.known && rest_auth_open(tracking_uri, auth, err))
		return -1;
	/* What is written into the URI itself is for its host. */
	if (url_parse(uri, &u, &ignored) || !u.userinfo)
		return 0;
	auth->netrc = false;
	auth->renewable = false;
	return rest_login_userinfo(uri, &auth->headers, err) < 0 ? -1 : 0;
}

static int
proxy_open(const char *uri, const char *tracking_uri, struct artifact **ret,
           struct err *err)
{
	struct artifact_proxy *p = mem_alloc(sizeof(*p));
	struct http_settings settings;

	p->base.ops = &artifact_proxy_ops;
	if (proxy_uri_resolve(uri, tracking_uri, &p->where, err) ||
	    load_auth(p, uri, tracking_uri, err) ||
	    http_settings_load(&settings, err)) {
		proxy_close(&p->base);
		return -1;
	}
	p->http = http_new(&settings);
	*ret = &p->base;
	return 0;
}

/* A server without artifacts says 503, today and tomorrow. */
static bool
is_final(const struct http_response *response)
{
	return rest_is_final(response) ||
	       (response->status == 503 &&
	        strstr(response->body.s, "serve-artifacts"));
}

void
proxy_request(const struct artifact_proxy *p, const char *method,
              const char *url, struct http_request *ret)
{
	*ret = (struct http_request){
	    .method = method,
	    .url = url,
	    .headers = &p->auth.headers,
	    .fd = -1,
	    .is_final = is_final,
	};
}

int
proxy_do(struct artifact_proxy *p, const struct http_request *request,
         struct http_response *ret, struct err *err)
{
	return rest_auth_do(&p->auth, p->http, request, ret, err);
}

int
proxy_fail(const struct http_request *request,
           const struct http_response *response, struct err *err)
{
	size_t used;

	rest_fail(request, response, err);
	if (response->status != 413)
		return -1;
	/* The file is as good as any: it stays to be sent. */
	err->kind = ERR_REMOTE;
	used = strlen(err->msg);
	snprintf(err->msg + used, sizeof(err->msg) - used,
	         " (nginx: client_max_body_size), unless it is sent in parts: "
	         "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD");
	return -1;
}

/* --- put ---------------------------------------------------------------- */

struct putting {
	struct artifact_proxy *p;
	const char *key;
	const char *url;
};

static int
send_body(void *ctx, const struct body *b, bool *shrank, struct err *err)
{
	const struct putting *w = ctx;
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	struct http_request r;

	proxy_request(w->p, "PUT", w->url, &r);
	r.content_type = mime_type(w->key);
	r.data = b->data;
	r.fd = b->fd;
	r.size = b->size;
	if (proxy_do(w->p, &r, &response, err)) {
		*shrank = response.shrank;
		return -1;
	}
	return response.status / 100 == 2 ? 0 : proxy_fail(&r, &response, err);
}

static int
put_whole(struct artifact_proxy *p, const char *key, int fd, off_t size,
          struct err *err)
{
	cleanup_buf struct buf url = BUF_INIT;
	struct putting w = {.p = p, .key = key};

	buf_addf(&url, "%s/", p->where.url);
	if (proxy_uri_add_key(&url, key, NULL, err))
		return -1;
	w.url = url.s;
	return body_send(fd, size, send_body, &w, err);
}

static int
proxy_put(struct artifact *a, const char *key, int fd, off_t size,
          struct err *err)
{
	struct artifact_proxy *p = container_of(a, struct artifact_proxy, base);
	cleanup_buf struct buf ignored = BUF_INIT;
	bool bent;
	int got = 1;

	if (proxy_uri_add_key(&ignored, key, &bent, err))
		return err_wrap(err, "artifact '%s'", key);
	if (bent && p->where.server)
		strv_take(&p->notes,
		          mem_printf("artifact '%s': servers decode %%XX in "
		                     "names and may keep it under another one",
		                     key));
	*map_at(&p->put, key) = p;
	if (proxy_wants_parts(p, size))
		got = proxy_put_parts(p, key, fd, size, err);
	if (got > 0)
		got = put_whole(p, key, fd, size, err);
	return got ? err_wrap(err, "artifact '%s'", key) : 0;
}

static int
proxy_same(struct artifact *a, const char *key, int fd, off_t size,
           struct err *err)
{
	struct artifact_proxy *p = container_of(a, struct artifact_proxy, base);
	off_t there = -1;

	/* What we have put is put again because it has changed. */
	if (map_get(&p->put, key) || size > COMPARE_MAX || strpbrk(key, "#%"))
		return 0;
	if (proxy_size(p, key, &there, err))
		return -1;
	return there == size ? proxy_compare(p, key, size, fd, err) : 0;
}

static void
proxy_notes(struct artifact *a, struct strv *to)
{
	struct artifact_proxy *p = container_of(a, struct artifact_proxy, base);

	for (size_t i = 0; i < p->notes.n; i++)
		strv_add(to, p->notes.v[i]);
	strv_free(&p->notes);
}

static const char *const schemes[] = {"mlflow-artifacts", "http", "https",
                                      NULL};

const struct artifact_ops artifact_proxy_ops = {
    .schemes = schemes,
    .open_by = proxy_open,
    .close = proxy_close,
    .put = proxy_put,
    .same = proxy_same,
    .notes = proxy_notes,
};
