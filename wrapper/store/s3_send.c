/* SPDX-License-Identifier: MIT */
/* s3_send.c - one request to S3: signed, sent, sent again where it moved */
#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/artifact_s3.h"
#include "store/cred.h"
#include "store/sending.h"
#include "wire/digest.h"
#include "wire/sigv4.h"

/* A call on its way. */
struct s3_sending {
	struct sending base;
	struct artifact_s3 *s;
	struct s3_call *call;
	struct buf path;
	struct buf host;
	struct buf payload;  /* what the signature says of the body */
	struct buf body_md5; /* for Content-MD5; empty: not said */
};

static struct s3_sending *
of(struct sending *x)
{
	return container_of(x, struct s3_sending, base);
}

/* --- signing ------------------------------------------------------------ */

static int
load_cred(void *ctx, struct err *err)
{
	struct artifact_s3 *s = ctx;
	struct cred_aws fresh;

	if (cred_aws_load(&fresh, err))
		return -1;
	cred_aws_free(&s->cred);
	s->cred = fresh;
	return 0;
}

static void
add_all(struct kvs *to, const struct kvs *from)
{
	for (size_t i = 0; from && i < from->n; i++)
		kvs_set(to, from->v[i].key, from->v[i].value);
}

static void
set_headers(struct s3_sending *x, int64_t now)
{
	const struct artifact_s3 *s = x->s;
	char stamp[17];

	sigv4_stamp(now, stamp);
	kvs_free(&x->base.headers);
	kvs_set(&x->base.headers, "host", x->host.s);
	add_all(&x->base.headers, &s->args.all);
	add_all(&x->base.headers, x->call->headers);
	if (x->call->content_type)
		kvs_set(&x->base.headers, "content-type",
		        x->call->content_type);
	if (x->body_md5.len)
		kvs_set(&x->base.headers, "content-md5", x->body_md5.s);
	if (s->anonymous)
		return;
	kvs_set(&x->base.headers, "x-amz-date", stamp);
	kvs_set(&x->base.headers, "x-amz-content-sha256", x->payload.s);
	if (s->cred.token)
		kvs_set(&x->base.headers, "x-amz-security-token",
		        s->cred.token);
}

static int
sign(struct sending *base, struct err *err)
{
	struct s3_sending *x = of(base);
	cleanup_buf struct buf value = BUF_INIT;
	struct sigv4_request r = {
	    .method = x->call->method,
	    .path = x->path.s,
	    .query = x->call->query ? x->call->query : "",
	    .headers = &base->headers,
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
	kvs_set(&base->headers, "authorization", value.s);
	return 0;
}

/* TLS guards the body as well as a signature would, without reading twice. */
static int
hash_body(struct s3_sending *x, struct err *err)
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
hash_md5(struct s3_sending *x, struct err *err)
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

static int
prepare(struct sending *base, struct err *err)
{
	struct s3_sending *x = of(base);
	struct artifact_s3 *s = x->s;
	const struct s3_call *c = x->call;

	buf_reset(&base->url);
	buf_reset(&x->path);
	buf_reset(&x->host);
	s3_place_host(&s->place, &x->host);
	s3_place_path(&s->place, c->key, &x->path);
	buf_addf(&base->url, "%s://%s%s%s%s", s3_place_scheme(&s->place),
	         x->host.s, x->path.s, c->query ? "?" : "",
	         c->query ? c->query : "");
	if (!s->anonymous &&
	    cred_keep(s->cred.id, s->cred.expires, load_cred, s, err))
		return -1;
	return hash_body(x, err) || hash_md5(x, err) ? -1 : 0;
}

/* --- once more ---------------------------------------------------------- */

static bool
is_expired(struct sending *x, const struct http_response *response)
{
	return !of(x)->s->anonymous &&
	       (s3_is_code(response, "ExpiredToken") ||
	        s3_is_code(response, "TokenRefreshRequired"));
}

static int
renew(struct sending *x, struct err *err)
{
	return load_cred(of(x)->s, err);
}

static bool
again(struct sending *x, const struct http_response *response)
{
	struct artifact_s3 *s = of(x)->s;

	if (s3_has_moved(s, response))
		return true;
	/* The file changed between hashing and sending, or we were slow. */
	if (s3_is_code(response, "XAmzContentSHA256Mismatch") ||
	    s3_is_code(response, "BadDigest") ||
	    s3_is_code(response, "RequestTimeout"))
		return true;
	/* Buckets with retention insist on a checksum. */
	if (s3_is_code(response, "InvalidRequest") && !s->wants_md5 &&
	    strstr(response->body.s, "Content-MD5")) {
		s->wants_md5 = true;
		return true;
	}
	return false;
}

static int
fail(struct sending *x, const struct http_response *response, struct err *err)
{
	return s3_fail(of(x)->s, of(x)->call, response, err);
}

static const struct sending_ops sending_ops = {
    .prepare = prepare,
    .sign = sign,
    .is_expired = is_expired,
    .renew = renew,
    .again = again,
    .fail = fail,
};

int
s3_send(struct artifact_s3 *s, struct s3_call *c, struct http_response *ret,
        struct err *err)
{
	struct s3_sending x = {
	    .base =
		{
		    .ops = &sending_ops,
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
		    .with_md5 = !s->odd_etags,
		    SENDING_INIT,
		},
	    .s = s,
	    .call = c,
	    .path = BUF_INIT,
	    .host = BUF_INIT,
	    .payload = BUF_INIT,
	    .body_md5 = BUF_INIT,
	};
	int got = sending_do(&x.base, ret, err);

	memcpy(c->md5, x.base.sum, sizeof(c->md5));
	buf_free(&x.path);
	buf_free(&x.host);
	buf_free(&x.payload);
	buf_free(&x.body_md5);
	return got;
}
