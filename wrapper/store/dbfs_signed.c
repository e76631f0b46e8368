/* SPDX-License-Identifier: MIT */
/* dbfs_signed.c - a file to where a workspace of Databricks signs for it */
#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/artifact_dbfs.h"
#include "wire/http.h"
#include "wire/json.h"

enum { FETCHES = 3, BLOCKS_MAX = 50000 };

static const off_t block_least = (off_t)64 << 20;

/* One file on its way. */
struct sending {
	struct artifact_dbfs *d;
	char *path; /* below the run */
	const struct body *b;
	struct cJSON *answer; /* owns the credential */
	const char *url;      /* signed; NULL: none yet */
	const char *type;     /* of the store behind it */
	struct kvs headers;   /* that belong to it */
	bool shrank;
	int fetches;
};

/* --- the credential ----------------------------------------------------- */

void
dbfs_headers(const struct cJSON *credential, struct kvs *to)
{
	const struct cJSON *h = json_first(json_get(credential, "headers"));

	for (; h; h = json_next(h)) {
		const char *name = json_str(h, "name");
		const char *value = json_str(h, "value");

		if (name && value && !strpbrk(name, "\r\n:") &&
		    !strpbrk(value, "\r\n"))
			kvs_set(to, name, value);
	}
}

static int
fetch(struct sending *s, struct err *err)
{
	cleanup_json struct cJSON *body = json_object();
	struct cJSON *paths = json_array();
	const struct cJSON *credential;

	json_push_str(paths, s->path);
	json_set_str(body, "run_id", s->d->run_id);
	json_set(body, "path", paths);
	json_free_ptr(&s->answer);
	kvs_free(&s->headers);
	s->fetches++;
	if (dbfs_post(s->d, "artifacts/credentials-for-write", body, &s->answer,
	              err))
		return -1;
	credential = json_first(json_get(s->answer, "credential_infos"));
	s->url = json_str(credential, "signed_uri");
	s->type = json_str(credential, "type");
	dbfs_headers(credential, &s->headers);
	if (s->url && s->type)
		return 0;
	return err_set(err, ERR_REMOTE,
	               "the workspace signs nothing for '%.200s'", s->path);
}

/* --- requests ----------------------------------------------------------- */

int
dbfs_send(struct artifact_dbfs *d, const struct dbfs_span *span,
          struct http_response *ret, bool *expired, struct err *err)
{
	const char *data = span->b ? span->b->data : NULL;
	struct http_request r = {
	    .method = span->method,
	    .url = span->url,
	    .headers = span->headers,
	    .data = data      ? data + span->offset
	            : span->b ? NULL
	                      : "",
	    .fd = span->b ? span->b->fd : -1,
	    .offset = span->offset,
	    .size = span->size,
	};

	*expired = false;
	if (http_do(d->cloud, &r, ret, err))
		return -1;
	if (ret->status / 100 == 2)
		return 0;
	*expired = ret->status == 401 || ret->status == 403;
	return http_fail(&r, ret, err);
}

/* With a fresh credential where the old one has ended. */
static int
send_span(struct sending *s, const char *method, const char *query,
          const struct kvs *more, const struct dbfs_span *what, struct err *err)
{
	for (;;) {
		cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
		cleanup_free char *url = mem_printf("%s%s%s", s->url,
		                                    !*query               ? ""
		                                    : strchr(s->url, '?') ? "&"
		                                                          : "?",
		                                    query);
		cleanup_kvs struct kvs headers = KVS_INIT;
		struct dbfs_span span = *what;
		bool expired;

		for (size_t i = 0; i < s->headers.n; i++)
			kvs_set(&headers, s->headers.v[i].key,
			        s->headers.v[i].value);
		for (size_t i = 0; more && i < more->n; i++)
			kvs_set(&headers, more->v[i].key, more->v[i].value);
		span.method = method;
		span.url = url;
		span.headers = &headers;
		if (!dbfs_send(s->d, &span, &r, &expired, err))
			return 0;
		s->shrank |= r.shrank;
		if (!expired || s->fetches == FETCHES || fetch(s, err))
			return -1;
	}
}

static struct dbfs_span
whole_of(const struct body *b)
{
	return (struct dbfs_span){.b = b, .size = b->size};
}

/* --- kinds of stores ---------------------------------------------------- */

static int
put_once(struct sending *s, struct err *err)
{
	struct dbfs_span span = whole_of(s->b);

	return send_span(s, "PUT", "", NULL, &span, err);
}

static off_t
block_size(off_t size)
{
	off_t least = (size + BLOCKS_MAX - 1) / BLOCKS_MAX;

	return least > block_least ? least : block_least;
}

/* Azure's blobs: blocks, then the list that makes them a blob. */
static int
put_blocks(struct sending *s, struct err *err)
{
	cleanup_kvs struct kvs kind = KVS_INIT;
	cleanup_buf struct buf list = BUF_INIT;
	off_t block = block_size(s->b->size);
	struct body listed = {.fd = -1};
	struct dbfs_span all;
	int n = 0;

	kvs_set(&kind, "x-ms-blob-type", "BlockBlob");
	if (s->b->size <= block) {
		struct dbfs_span span = whole_of(s->b);

		return send_span(s, "PUT", "", &kind, &span, err);
	}
	buf_adds(&list, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
	                "<BlockList>");
	for (off_t at = 0; at < s->b->size; at += block) {
		off_t left = s->b->size - at;
		struct dbfs_span span = {
		    .b = s->b,
		    .offset = at,
		    .size = left < block ? left : block,
		};
		cleanup_free char *number = mem_printf("%09d", n++);
		cleanup_buf struct buf id = BUF_INIT;
		cleanup_buf struct buf query = BUF_INIT;

		enc_base64(&id, number, strlen(number));
		buf_adds(&query, "comp=block&blockid=");
		enc_percent(&query, id.s, "");
		if (send_span(s, "PUT", query.s, &kind, &span, err))
			return -1;
		buf_addf(&list, "<Uncommitted>%s</Uncommitted>", id.s);
	}
	buf_adds(&list, "</BlockList>");
	listed.data = list.s;
	listed.size = (off_t)list.len;
	all = whole_of(&listed);
	return send_span(s, "PUT", "comp=blocklist", NULL, &all, err);
}

/* Azure's Data Lake: an empty file, what is appended, and where it ends. */
static int
put_lake(struct sending *s, struct err *err)
{
	const struct dbfs_span nothing = {.b = NULL};
	off_t block = block_size(s->b->size);
	cleanup_free char *flush =
	    mem_printf("action=flush&position=%lld", (long long)s->b->size);

	if (send_span(s, "PUT", "resource=file", NULL, &nothing, err))
		return -1;
	for (off_t at = 0; at < s->b->size; at += block) {
		off_t left = s->b->size - at;
		struct dbfs_span span = {
		    .b = s->b,
		    .offset = at,
		    .size = left < block ? left : block,
		};
		cleanup_free char *query =
		    mem_printf("action=append&position=%lld", (long long)at);

		if (send_span(s, "PATCH", query, NULL, &span, err))
			return -1;
	}
	return send_span(s, "PATCH", flush, NULL, &nothing, err);
}

static int
put_s3(struct sending *s, struct err *err)
{
	if (s->b->data || !dbfs_wants_parts(s->b->size))
		return put_once(s, err);
	return dbfs_put_parts(s->d, s->path, s->b, err);
}

static const struct {
	const char *type;
	int (*put)(struct sending *s, struct err *err);
} kinds[] = {
    {"AWS_PRESIGNED_URL", put_s3},
    {"GCP_SIGNED_URL", put_once},
    {"AZURE_SAS_URI", put_blocks},
    {"AZURE_ADLS_GEN2_SAS_URI", put_lake},
};

static int
put(struct sending *s, struct err *err)
{
	if (fetch(s, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i].type, s->type))
			return kinds[i].put(s, err);
	return err_set(err, ERR_REMOTE,
	               "the workspace signs for a store of the kind '%.60s', "
	               "which this build does not know",
	               s->type);
}

int
dbfs_put_signed(struct artifact_dbfs *d, const char *key, const struct body *b,
                bool *shrank, struct err *err)
{
	struct sending s = {
	    .d = d,
	    .path = mem_printf("%s%s%s", d->below, *d->below ? "/" : "", key),
	    .b = b,
	    .headers = KVS_INIT,
	};
	int failed = put(&s, err);

	*shrank = s.shrank;
	json_free(s.answer);
	kvs_free(&s.headers);
	free(s.path);
	return failed;
}
