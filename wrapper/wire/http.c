/* SPDX-License-Identifier: MIT */
/* http.c - requests to a server: sent, repeated where that helps, answered */
#include "wire/http.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "wire/exchange.h"
#include "wire/url.h"

enum {
	REDIRECTS_MAX = 10,
	WAIT_SLICE_MS = 100,
	WAIT_MAX_MS = 120 * 1000,
	PATIENCE_ANSWER = 5,
};

struct http {
	struct http_settings settings;
	struct exchange *exchange; /* NULL until the first request */
	int64_t patience_ns;       /* 0: no hurry */
	int64_t spent_ns;          /* of it */
};

static enum http_stop (*stop_wanted)(void);

/*
 * The site that did not answer after all repeats: whoever asks it next tries
 * once, so that a run with many files does not wait for each of them.
 */
static pthread_mutex_t down_lock = PTHREAD_MUTEX_INITIALIZER;
static char down_site[256];

void http_set_stop(enum http_stop (*wanted)(void))
{
	stop_wanted = wanted;
}

bool
http_is_to_stop(void)
{
	return stop_wanted && stop_wanted() != HTTP_GO;
}

bool
http_is_to_stop_at_once(void)
{
	return stop_wanted && stop_wanted() == HTTP_AT_ONCE;
}

struct http *
http_new(struct http_settings *settings)
{
	struct http *h = mem_alloc(sizeof(*h));

	h->settings = *settings;
	*settings = (struct http_settings){.redirects = false};
	return h;
}

void
http_free(struct http *h)
{
	if (!h)
		return;
	exchange_free(h->exchange);
	http_settings_free(&h->settings);
	free(h);
}

void
http_response_free(struct http_response *r)
{
	kvs_free(&r->headers);
	buf_free(&r->body);
	*r = (struct http_response)HTTP_RESPONSE_INIT;
}

void
http_set_patience(struct http *h, int ms)
{
	h->patience_ns = (int64_t)ms * 1000000;
	h->spent_ns = 0;
}

/* Milliseconds that are left of 'times' our patience; 0: no hurry; -1: none. */
static int64_t
left_of(const struct http *h, int times, int64_t began)
{
	int64_t left =
	    h->patience_ns * times - h->spent_ns - (clock_mono_ns() - began);

	if (!h->patience_ns)
		return 0;
	return left >= 1000000 ? left / 1000000 : -1;
}

static void
site_of(const char *url, char ret[sizeof(down_site)])
{
	struct err ignored = ERR_INIT;
	cleanup_url struct url u = {.port = 0};

	*ret = '\0';
	if (!url_parse(url, &u, &ignored))
		snprintf(ret, sizeof(down_site), "%s:%d", u.host, u.port);
}

static void
note_site(const char *url, bool down)
{
	char site[sizeof(down_site)];

	site_of(url, site);
	pthread_mutex_lock(&down_lock);
	if (down)
		memcpy(down_site, site, sizeof(site));
	else if (!strcmp(down_site, site))
		*down_site = '\0';
	pthread_mutex_unlock(&down_lock);
}

static bool
is_down(const char *url)
{
	char site[sizeof(down_site)];
	bool ret;

	site_of(url, site);
	pthread_mutex_lock(&down_lock);
	ret = *site && !strcmp(down_site, site);
	pthread_mutex_unlock(&down_lock);
	return ret;
}

/* --- redirects ---------------------------------------------------------- */

static bool
is_redirect(const struct http_response *r)
{
	return (r->status == 301 || r->status == 302 || r->status == 303 ||
	        r->status == 307 || r->status == 308) &&
	       kvs_get(&r->headers, "location");
}

/* RFC 3986 5.2, as far as servers use it. */
static void
resolve(const struct url *base, const char *location, struct buf *to)
{
	size_t path = strcspn(base->rest, "?");
	struct url u = *base;
	cleanup_free char *rest = NULL;

	if (strstr(location, "://") &&
	    strcspn(location, "/?#") >= strcspn(location, ":")) {
		buf_adds(to, location);
		return;
	}
	if (!strncmp(location, "//", 2)) {
		buf_addf(to, "%s:%s", base->scheme, location);
		return;
	}
	while (path && base->rest[path - 1] != '/')
		path--;
	rest = *location == '/'
	           ? mem_dup(location)
	           : mem_printf("%.*s%s", (int)path, base->rest, location);
	u.rest = rest;
	url_print(to, &u);
}

/* http to https of the same host, as MLflow's client allows it. */
static bool
is_upgrade(const struct url *from, const struct url *to)
{
	return !strcmp(from->host, to->host) && !strcmp(from->scheme, "http") &&
	       !strcmp(to->scheme, "https") && from->port == 80 &&
	       to->port == 443;
}

/*
 * Where to go next.  The method stays as it is, but for "303 See Other": a
 * POST that became a GET would only confuse an API.
 */
static int
redirect(const struct http *h, struct http_request *r,
         const struct http_response *response, char **url, struct err *err)
{
	const char *location = kvs_get(&response->headers, "location");
	cleanup_url struct url from = {.port = 0};
	cleanup_url struct url to = {.port = 0};
	cleanup_buf struct buf target = BUF_INIT;
	cleanup_buf struct buf shown = BUF_INIT;

	url_public(&shown, location);
	if (!h->settings.redirects)
		return err_set(err, ERR_CONFIG,
		               "%d redirects to '%.200s', which "
		               "MLFLOW_ALLOW_HTTP_REDIRECTS forbids: use that "
		               "address",
		               response->status, shown.s);
	if (url_parse(r->url, &from, err))
		return -1;
	resolve(&from, location, &target);
	if (url_parse(target.s, &to, err))
		return err_wrap(err, "redirect to '%.200s'", shown.s);
	if (!strcmp(from.scheme, "https") && !strcmp(to.scheme, "http"))
		return err_set(err, ERR_REMOTE,
		               "redirects from https to unencrypted '%.200s'",
		               shown.s);
	if (!url_same_site(&from, &to) && !is_upgrade(&from, &to)) {
		r->headers = NULL;
		log_debug("redirected to '%.200s', without credentials",
		          shown.s);
	}
	buf_reset(&target);
	url_print(&target, &to);
	mem_replace(url, buf_detach(&target));
	r->url = *url;
	if (response->status != 303)
		return 0;
	r->method = "GET";
	r->size = 0;
	r->content_type = NULL;
	return 0;
}

/* One try, through all redirects. */
static enum exchange_fate
try_once(struct http *h, const struct http_request *request, int64_t began,
         struct http_response *ret, struct err *err)
{
	struct http_request r = *request;
	cleanup_free char *url = NULL;

	for (int i = 0; i < REDIRECTS_MAX; i++) {
		const struct exchange_limits limits = {
		    .connect_ms = h->patience_ns / 1000000,
		    .all_ms = left_of(h, PATIENCE_ANSWER, began),
		    .stop = http_is_to_stop_at_once,
		};
		enum exchange_fate fate;

		if (limits.all_ms < 0) {
			err_set(err, ERR_RETRY, "no answer in time");
			return EXCHANGE_LOST;
		}
		http_response_free(ret);
		fate = exchange_do(h->exchange, &r, &limits, ret, err);
		if (fate != EXCHANGE_ANSWERED || r.no_redirects ||
		    !is_redirect(ret))
			return fate;
		if (redirect(h, &r, ret, &url, err))
			return EXCHANGE_FAILED;
	}
	err_set(err, ERR_REMOTE, "redirects without end");
	return EXCHANGE_FAILED;
}

/* --- repeats ------------------------------------------------------------ */

bool
http_wait(int64_t ms)
{
	int64_t end = clock_mono_ns() / 1000000 + ms;

	for (;;) {
		int64_t left = end - clock_mono_ns() / 1000000;

		if (http_is_to_stop())
			return false;
		if (left <= 0)
			return true;
		usleep(
		    (useconds_t)(left < WAIT_SLICE_MS ? left : WAIT_SLICE_MS) *
		    1000);
	}
}

/* Milliseconds until repeat 'n'; -1: there is none. */
static int64_t
next_wait(const struct http *h, const struct http_request *request, int n,
          const struct http_response *response, int64_t began)
{
	const struct retry_policy *p = &h->settings.retry;
	double chance = (double)clock_random(1 << 20) / (1 << 20);
	int64_t asked = -1;
	int64_t wait;
	int64_t limit;

	if (request->once || n > p->max || is_down(request->url))
		return -1;
	if (p->respect_server)
		asked =
		    retry_after_ms(kvs_get(&response->headers, "retry-after"),
		                   clock_now_ms());
	wait = asked >= 0 ? asked : retry_backoff_ms(p, n, chance);
	limit = left_of(h, 1, began);
	if (wait > WAIT_MAX_MS || limit < 0 || (limit && wait >= limit))
		return -1;
	return wait;
}

static bool
may_repeat(const struct http_request *request, enum exchange_fate fate,
           const struct http_response *response)
{
	if (fate == EXCHANGE_ANSWERED)
		return retry_is_transient(response->status) &&
		       !(request->is_final && request->is_final(response));
	return fate != EXCHANGE_FAILED;
}

/* Whether the server has done what it gave no answer to. */
static bool
is_settled(const struct http_request *request, enum exchange_fate fate)
{
	return request->is_done && fate != EXCHANGE_UNSENT &&
	       request->is_done(request->ctx) > 0;
}

static int
conclude(const struct http *h, const struct http_request *request,
         enum exchange_fate fate, const struct http_response *response,
         struct err *err)
{
	cleanup_buf struct buf url = BUF_INIT;
	bool silent = fate == EXCHANGE_UNSENT || fate == EXCHANGE_LOST;

	if (!h->patience_ns && (fate == EXCHANGE_ANSWERED || silent) &&
	    !http_is_to_stop())
		note_site(request->url, silent || response->status == 502 ||
		                            response->status == 503 ||
		                            response->status == 504);
	if (fate == EXCHANGE_ANSWERED)
		return 0;
	url_public(&url, request->url);
	return err_wrap(err, "%s %.300s", request->method, url.s);
}

int
http_do(struct http *h, const struct http_request *request,
        struct http_response *ret, struct err *err)
{
	int64_t began = clock_mono_ns();
	enum exchange_fate fate;

	if (!h->exchange && exchange_new(&h->settings, &h->exchange, err))
		return -1;
	for (int n = 1;; n++) {
		int64_t wait;

		if (request->before)
			request->before(request->ctx);
		fate = try_once(h, request, began, ret, err);
		if (!may_repeat(request, fate, ret))
			break;
		wait = next_wait(h, request, n, ret, began);
		if (wait >= 0)
			log_debug("%s: %s; again in %.1f s", request->method,
			          fate == EXCHANGE_ANSWERED ? "busy" : err->msg,
			          (double)wait / 1000);
		if (wait >= 0 && !http_wait(wait))
			break;
		if (is_settled(request, fate))
			return 1;
		if (wait < 0)
			break;
	}
	h->spent_ns += clock_mono_ns() - began;
	return conclude(h, request, fate, ret, err);
}
