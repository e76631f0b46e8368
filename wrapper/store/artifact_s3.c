/* SPDX-License-Identifier: MIT */
/* artifact_s3.c - artifacts in a bucket of S3, or of what speaks like it */
#include "store/artifact_s3.h"

#include "base/err.h"
#include "store/cred.h"
#include "store/mime.h"
#include "wire/digest.h"
#include "wire/http.h"

static void
s3_close(struct artifact *a)
{
	struct artifact_s3 *s = container_of(a, struct artifact_s3, base.base);

	http_free(s->http);
	s3_place_free(&s->place);
	s3_args_free(&s->args);
	cred_aws_free(&s->cred);
	objects_free(&s->base);
	free(s->uri);
	free(s);
}

/* --- open --------------------------------------------------------------- */

static int
load_settings(struct http_settings *ret, struct err *err)
{
	const char *ignore = cred_env("MLFLOW_S3_IGNORE_TLS");

	if (ignore && strcasecmp(ignore, "true") != 0 &&
	    strcmp(ignore, "1") != 0 && strcasecmp(ignore, "false") != 0 &&
	    strcmp(ignore, "0") != 0)
		return err_set(err, ERR_CONFIG,
		               "MLFLOW_S3_IGNORE_TLS is '%.40s', but must be "
		               "true or false",
		               ignore);
	if (cred_settings("AWS_CA_BUNDLE", ret, err))
		return -1;
	ret->insecure =
	    ignore && (!strcasecmp(ignore, "true") || !strcmp(ignore, "1"));
	return 0;
}

static int
open_parts(struct artifact_s3 *s, const char *uri, struct err *err)
{
	const char *version =
	    cred_env("MLFLOW_EXPERIMENTAL_S3_SIGNATURE_VERSION");
	cleanup_digest struct digest *probe = NULL;
	struct http_settings settings;

	s->anonymous = version && !strcasecmp(version, "unsigned");
	if (s3_place_load(uri, &s->place, err) || s3_args_load(&s->args, err) ||
	    digest_new(DIGEST_SHA256, &probe, err) ||
	    load_settings(&settings, err))
		return -1;
	s->http = http_new(&settings);
	return 0;
}

/* --- put ---------------------------------------------------------------- */

/* Whether an ETag is one that could be the MD5 of the bytes. */
static bool
is_md5(const char *etag)
{
	return strlen(etag) == 2 * (size_t)MD5_SIZE &&
	       strspn(etag, "0123456789abcdefABCDEF") == 2 * (size_t)MD5_SIZE;
}

bool
s3_check_sent(struct artifact_s3 *s, const struct s3_call *c,
              const struct http_response *response)
{
	const char *etag = kvs_get(&response->headers, "etag");
	const char *cipher =
	    kvs_get(&response->headers, "x-amz-server-side-encryption");
	struct object plain = {.size = 0};

	/* The store has compared Content-MD5; a key makes other ETags. */
	if (s->odd_etags || !*c->md5 || !etag || c->with_md5 || s->wants_md5 ||
	    (cipher && !strncmp(cipher, "aws:kms", 7)))
		return true;
	s3_set_etag(&plain, etag);
	return !is_md5(plain.tag) || !strcasecmp(plain.tag, c->md5);
}

static int
put_whole(struct artifact_s3 *s, const struct s3_call *whole, bool *shrank,
          struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	struct s3_call call = *whole;

	if (s3_send(s, &call, &r, err)) {
		*shrank = r.shrank;
		return -1;
	}
	if (s3_check_sent(s, &call, &r))
		return 0;
	/*
	 * Damaged on the way, or a store that makes ETags in a way of its own:
	 * what it says to Content-MD5 tells which.
	 */
	http_response_free(&r);
	call.with_md5 = true;
	if (s3_send(s, &call, &r, err)) {
		*shrank = r.shrank;
		return -1;
	}
	return 0;
}

/* Python's guess of "x.csv.gz" has two halves: text/csv and gzip. */
static const char *
encoding_of(const char *key)
{
	static const struct {
		const char *end;
		const char *encoding;
	} ends[] = {
	    {".gz", "gzip"},  {".Z", "compress"}, {".bz2", "bzip2"},
	    {".xz", "xz"},    {".br", "br"},      {".tgz", "gzip"},
	    {".taz", "gzip"}, {".tz", "gzip"},    {".tbz2", "bzip2"},
	    {".txz", "xz"},   {".svgz", "gzip"},
	};
	const char *dot = strrchr(key, '.');

	if (!dot || dot == key || dot[-1] == '/' || strchr(dot, '/'))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (!strcmp(dot, ends[i].end))
			return ends[i].encoding;
	return NULL;
}

static void
object_headers(const struct artifact_s3 *s, const char *key, struct kvs *to)
{
	const char *encoding = encoding_of(key);

	if (encoding)
		kvs_set(to, "content-encoding", encoding);
	for (size_t i = 0; i < s->args.object.n; i++)
		kvs_set(to, s->args.object.v[i].key, s->args.object.v[i].value);
}

static int
s3_put(struct objects *o, const char *artifact, const struct body *b,
       bool *shrank, struct err *err)
{
	struct artifact_s3 *s = container_of(o, struct artifact_s3, base);
	cleanup_free char *whole = s3_place_key(&s->place, artifact);
	cleanup_kvs struct kvs headers = KVS_INIT;
	struct s3_call call = {
	    .method = "PUT",
	    .key = whole,
	    .headers = &headers,
	    .content_type = s->args.content_type ? s->args.content_type
	                                         : mime_type(artifact),
	    .data = b->data,
	    .fd = b->fd,
	    .size = b->size,
	};

	object_headers(s, artifact, &headers);
	return !b->data && b->size >= S3_PARTS_FROM
	           ? s3_put_parts(s, &call, shrank, err)
	           : put_whole(s, &call, shrank, err);
}

static const struct objects_ops object_ops = {
    .put = s3_put,
    .list = s3_list,
    .head = s3_head,
    .matches = s3_etag_matches,
};

static int
s3_open(const char *uri, struct artifact **ret, struct err *err)
{
	struct artifact_s3 *s = mem_alloc(sizeof(*s));

	s->base.base.ops = &artifact_s3_ops;
	s->base.ops = &object_ops;
	s->uri = mem_dup(uri);
	if (open_parts(s, uri, err)) {
		s3_close(&s->base.base);
		return -1;
	}
	*ret = &s->base.base;
	return 0;
}

struct artifact_s3 *
s3_twin(const struct artifact_s3 *s, struct err *err)
{
	struct artifact *a;
	struct artifact_s3 *twin;

	if (s3_open(s->uri, &a, err))
		return NULL;
	twin = container_of(a, struct artifact_s3, base.base);
	twin->cred = (struct cred_aws){
	    .id = mem_dup(s->cred.id),
	    .secret = mem_dup(s->cred.secret),
	    .token = mem_dup(s->cred.token),
	    .source = mem_dup(s->cred.source),
	    .expires = s->cred.expires,
	};
	/* What the store has told meanwhile. */
	mem_replace(&twin->place.region, mem_dup(s->place.region));
	mem_replace(&twin->place.moved, mem_dup(s->place.moved));
	twin->wants_md5 = s->wants_md5;
	twin->odd_etags = s->odd_etags;
	return twin;
}

static const char *const schemes[] = {"s3", "r2", NULL};

const struct artifact_ops artifact_s3_ops = {
    .schemes = schemes,
    .open = s3_open,
    .close = s3_close,
    .put = objects_put,
    .same = objects_same,
};
