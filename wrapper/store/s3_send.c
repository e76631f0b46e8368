/* SPDX-License-Identifier: MIT */
/* s3_send.c - one request to S3: signed, sent, sent again where it moved */
#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/log.h"
#include "store/artifact_s3.h"
#include "wire/digest.h"
#include "wire/http.h"
#include "wire/sigv4.h"

#define TRACKING_CA "MLFLOW_TRACKING_SERVER_CERT_PATH"

enum { ROUNDS = 6, RENEW_S = 120 };

/* A call on its way. */
struct sending {
	struct artifact_s3 *s;
	struct s3_call *call;
	struct buf url;
	struct buf path;
	struct buf host;
	struct buf payload;  /* what the signature says of the body */
	struct buf body_md5; /* for Content-MD5; empty: not said */
	struct kvs headers;
	struct digest *md5; /* of the bytes that leave; NULL: none */
	bool renewed;       /* the credentials, once */
};

static void
sending_free(struct sending *x)
{
	buf_free(&x->url);
	buf_free(&x->path);
	buf_free(&x->host);
	buf_free(&x->payload);
	buf_free(&x->body_md5);
	kvs_free(&x->headers);
	digest_free(x->md5);
}

/* --- signing ------------------------------------------------------------ */

static int
load_cred(struct artifact_s3 *s, struct err *err)
{
	struct cred_aws fresh;

	if (cred_aws_load(&fresh, err))
		return -1;
	cred_aws_free(&s->cred);
	s->cred = fresh;
	return 0;
}

/* Temporary ones are renewed a little before they end. */
static int
check_cred(struct artifact_s3 *s, struct err *err)
{
	int64_t now = clock_now_ms() / 1000;
	struct err ignored = ERR_INIT;

	if (s->anonymous)
		return 0;
	if (!s->cred.id)
		return load_cred(s, err);
	if (!s->cred.expires || now < s->cred.expires - RENEW_S)
		return 0;
	if (now < s->cred.expires) {
		load_cred(s, &ignored);
		return 0;
	}
	return load_cred(s, err);
}

static void
add_all(struct kvs *to, const struct kvs *from)
{
	for (size_t i = 0; from && i < from->n; i++)
		kvs_set(to, from->v[i].key, from->v[i].value);
}

static void
set_headers(struct sending *x, int64_t now)
{
	const struct artifact_s3 *s = x->s;
	char stamp[17];

	sigv4_stamp(now, stamp);
	kvs_free(&x->headers);
	kvs_set(&x->headers, "host", x->host.s);
	add_all(&x->headers, &s->args.all);
	add_all(&x->headers, x->call->headers);
	if (x->call->content_type)
		kvs_set(&x->headers, "content-type", x->call->content_type);
	if (x->body_md5.len)
		kvs_set(&x->headers, "content-md5", x->body_md5.s);
	if (s->anonymous)
		return;
	kvs_set(&x->headers, "x-amz-date", stamp);
	kvs_set(&x->headers, "x-amz-content-sha256", x->payload.s);
	if (s->cred.token)
		kvs_set(&x->headers, "x-amz-security-token", s->cred.token);
}

static int
sign(struct sending *x, struct err *err)
{
	cleanup_buf struct buf value = BUF_INIT;
	struct sigv4_request r = {
	    .method = x->call->method,
	    .path = x->path.s,
	    .query = x->call->query ? x->call->query : "",
	    .headers = &x->headers,
	    .payload = x->payload.s,
	    .region = x->s->place.region,
	    .service = "s3",
	    .time = clock_now_ms() / 1000,
	};

	set_headers(x, r.time);
	if (x->s->anonymous)
		return 0;
	if (sigv4_sign(&r, x->s->cred.id, x->s->cred.secret, &value, err))
		return -1;
	kvs_set(&x->headers, "authorization", value.s);
	return 0;
}

/* TLS guards the body as well as a signature would, without reading twice. */
static int
hash_body(struct sending *x, struct err *err)
{
	const struct s3_call *c = x->call;
	cleanup_digest struct digest *d = NULL;
	unsigned char hash[DIGEST_MAX];

	buf_reset(&x->payload);
	if (c->data || !c->size)
		return digest_sha256_hex(c->data ? c->data : "",
		                         (size_t)c->size, &x->payload, err);
	if (!strcmp(s3_place_scheme(&x->s->place), "https")) {
		buf_adds(&x->payload, SIGV4_UNSIGNED);
		return 0;
	}
	if (digest_new(DIGEST_SHA256, &d, err) ||
	    digest_add_file(d, c->fd, c->offset, c->size, err))
		return -1;
	digest_end(d, hash);
	enc_hex(&x->payload, hash, SHA256_SIZE);
	return 0;
}

static int
hash_md5(struct sending *x, struct err *err)
{
	const struct s3_call *c = x->call;
	cleanup_digest struct digest *d = NULL;
	unsigned char hash[DIGEST_MAX];

	buf_reset(&x->body_md5);
	if (strcmp(c->method, "PUT") != 0 || (!c->with_md5 && !x->s->wants_md5))
		return 0;
	if (digest_new(DIGEST_MD5, &d, err))
		return -1;
	if (c->data)
		digest_add(d, c->data, (size_t)c->size);
	else if (digest_add_file(d, c->fd, c->offset, c->size, err))
		return -1;
	digest_end(d, hash);
	enc_base64(&x->body_md5, hash, MD5_SIZE);
	return 0;
}

/* --- what http.c asks back ---------------------------------------------- */

/* A signature is good for a quarter of an hour only. */
static void
before(void *ctx)
{
	struct sending *x = ctx;
	struct err ignored = ERR_INIT;

	if (sign(x, &ignored))
		log_debug("%s", ignored.msg);
}

static void
tap(void *ctx, off_t at, const void *data, size_t len)
{
	struct sending *x = ctx;

	if (!at)
		digest_reset(x->md5);
	digest_add(x->md5, data, len);
}

static int
is_done(void *ctx)
{
	struct sending *x = ctx;

	return x->call->is_done(x->call->ctx);
}

/* --- once more ---------------------------------------------------------- */

static bool
is_expired(const struct http_response *response)
{
	return s3_is_code(response, "ExpiredToken") ||
	       s3_is_code(response, "TokenRefreshRequired");
}

/* Whether the same call would now end in another way. */
static bool
may_retry(struct sending *x, const struct http_response *response)
{
	struct artifact_s3 *s = x->s;
	struct err ignored = ERR_INIT;

	if (s3_has_moved(s, response))
		return true;
	/* The file changed between hashing and sending, or we were slow. */
	if (s3_is_code(response, "XAmzContentSHA256Mismatch") ||
	    s3_is_code(response, "BadDigest") ||
	    s3_is_code(response, "RequestTimeout"))
		return true;
	if (is_expired(response) && !x->renewed && !s->anonymous) {
		x->renewed = true;
		return !load_cred(s, &ignored);
	}
	/* Buckets with retention insist on a checksum. */
	if (s3_is_code(response, "InvalidRequest") && !s->wants_md5 &&
	    strstr(response->body.s, "Content-MD5")) {
		s->wants_md5 = true;
		return true;
	}
	return false;
}

/* --- one round ---------------------------------------------------------- */

static int
prepare(struct sending *x, struct err *err)
{
	const struct s3_place *p = &x->s->place;
	const struct s3_call *c = x->call;

	buf_reset(&x->url);
	buf_reset(&x->path);
	buf_reset(&x->host);
	s3_place_host(p, &x->host);
	s3_place_path(p, c->key, &x->path);
	buf_addf(&x->url, "%s://%s%s%s%s", s3_place_scheme(p), x->host.s,
	         x->path.s, c->query ? "?" : "", c->query ? c->query : "");
	if (check_cred(x->s, err) || hash_body(x, err) || hash_md5(x, err))
		return -1;
	return sign(x, err);
}

static void
note_md5(struct sending *x)
{
	unsigned char hash[DIGEST_MAX];
	cleanup_buf struct buf hex = BUF_INIT;

	*x->call->md5 = '\0';
	if (!x->md5)
		return;
	digest_end(x->md5, hash);
	digest_reset(x->md5);
	enc_hex(&hex, hash, MD5_SIZE);
	memcpy(x->call->md5, hex.s, sizeof(x->call->md5));
}

static int
send_once(struct sending *x, struct http_response *ret, struct err *err)
{
	struct s3_call *c = x->call;
	struct http_request r = {.method = c->method, .fd = c->fd};
	int got;

	http_response_free(ret);
	if (prepare(x, err))
		return -1;
	r.url = x->url.s;
	r.headers = &x->headers;
	r.data = c->data;
	r.offset = c->offset;
	r.size = c->size;
	r.once = c->once;
	r.no_redirects = true;
	r.before = before;
	r.tap = x->md5 ? tap : NULL;
	r.is_done = c->is_done ? is_done : NULL;
	r.ctx = x;
	got = http_do(x->s->http, &r, ret, err);
	note_md5(x);
	return got;
}

int
s3_send(struct artifact_s3 *s, struct s3_call *c, struct http_response *ret,
        struct err *err)
{
	struct sending x = {
	    .s = s,
	    .call = c,
	    .url = BUF_INIT,
	    .path = BUF_INIT,
	    .host = BUF_INIT,
	    .payload = BUF_INIT,
	    .body_md5 = BUF_INIT,
	};
	struct err ignored = ERR_INIT;
	int got = -1;

	/* A machine without MD5 goes without that check. */
	if (c->size && !c->data && !s->odd_etags)
		(void)digest_new(DIGEST_MD5, &x.md5, &ignored);
	for (int i = 0; i < ROUNDS; i++) {
		got = send_once(&x, ret, err);
		if (got < 0 && strstr(err->msg, TRACKING_CA))
			err_wrap(err,
			         "for S3 AWS_CA_BUNDLE is what " TRACKING_CA
			         " is for a tracking server");
		if (got)
			break;
		if (ret->status / 100 == 2)
			break;
		if (i + 1 < ROUNDS && may_retry(&x, ret))
			continue;
		got = s3_fail(s, c, ret, err);
		break;
	}
	sending_free(&x);
	return got;
}
