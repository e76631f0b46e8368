/* SPDX-License-Identifier: MIT */
/* sending.c - one request to a store of objects: signed, sent, sent again */
#include "store/sending.h"

#include "base/enc.h"
#include "base/err.h"
#include "base/log.h"
#include "store/running_md5.h"
#include "wire/digest.h"

#define TRACKING_CA "MLFLOW_TRACKING_SERVER_CERT_PATH"

enum { ROUNDS = 6 };

/* --- what http.c asks back ---------------------------------------------- */

/* A signature is good for a quarter of an hour only. */
static void
before(void *ctx)
{
	struct sending *x = ctx;
	struct err ignored = ERR_INIT;

	if (x->ops->sign(x, &ignored))
		log_debug("%s", ignored.msg);
}

static void
tap(void *ctx, off_t at, const void *data, size_t len)
{
	struct sending *x = ctx;

	if (x->running)
		running_md5_add(x->running, x->request.offset + at, data, len);
	if (!x->md5)
		return;
	if (!at)
		digest_reset(x->md5);
	digest_add(x->md5, data, len);
}

static int
is_done(void *ctx)
{
	struct sending *x = ctx;

	return x->is_done(x->ctx);
}

/* --- one round ---------------------------------------------------------- */

static void
note_sum(struct sending *x)
{
	unsigned char hash[DIGEST_MAX];
	cleanup_buf struct buf hex = BUF_INIT;

	*x->sum = '\0';
	if (!x->md5)
		return;
	digest_end(x->md5, hash);
	digest_reset(x->md5);
	enc_hex(&hex, hash, MD5_SIZE);
	memcpy(x->sum, hex.s, sizeof(x->sum));
}

static int
send_once(struct sending *x, struct http_response *ret, struct err *err)
{
	struct http_request r = x->request;
	int got;

	http_response_free(ret);
	if (x->ops->prepare(x, err) || x->ops->sign(x, err))
		return -1;
	r.url = x->url.s;
	r.headers = &x->headers;
	r.no_redirects = true;
	r.before = before;
	r.tap = x->md5 || x->running ? tap : NULL;
	r.is_done = x->is_done ? is_done : NULL;
	r.ctx = x;
	got = http_do(x->http, &r, ret, err);
	note_sum(x);
	if (got < 0 && strstr(err->msg, TRACKING_CA))
		err_wrap(err, "for object stores AWS_CA_BUNDLE or "
		              "REQUESTS_CA_BUNDLE is what " TRACKING_CA
		              " is for a tracking server");
	return got;
}

static bool
is_good(const struct sending *x, const struct http_response *r)
{
	return x->ops->is_good ? x->ops->is_good(r) : r->status / 100 == 2;
}

/* Whether the same request would now end in another way. */
static bool
may_retry(struct sending *x, const struct http_response *r)
{
	struct err ignored = ERR_INIT;

	if (x->ops->again && x->ops->again(x, r))
		return true;
	if (x->renewed || !x->ops->is_expired || !x->ops->is_expired(x, r))
		return false;
	x->renewed = true;
	return !x->ops->renew(x, &ignored);
}

static int
send_all(struct sending *x, struct http_response *ret, struct err *err)
{
	for (int i = 0;; i++) {
		int got = send_once(x, ret, err);

		if (got || is_good(x, ret))
			return got;
		if (i + 1 == ROUNDS || !may_retry(x, ret))
			return x->ops->fail(x, ret, err);
	}
}

int
sending_do(struct sending *x, struct http_response *ret, struct err *err)
{
	struct err ignored = ERR_INIT;
	int got;

	x->is_done = x->request.is_done;
	x->ctx = x->request.ctx;
	/* A machine without MD5 goes without that check. */
	if (x->with_md5 && x->request.size && !x->request.data)
		(void)digest_new(DIGEST_MD5, &x->md5, &ignored);
	got = send_all(x, ret, err);
	digest_free(x->md5);
	x->md5 = NULL;
	buf_free(&x->url);
	kvs_free(&x->headers);
	return got;
}
