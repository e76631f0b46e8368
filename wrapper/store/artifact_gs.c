/* SPDX-License-Identifier: MIT */
/* artifact_gs.c - artifacts in a bucket of Google Cloud Storage */
#include "store/artifact_gs.h"

#include "base/enc.h"
#include "base/err.h"
#include "store/mime.h"
#include "store/object_uri.h"
#include "store/running_md5.h"
#include "wire/digest.h"
#include "wire/http.h"
#include "wire/json.h"

#define ENDPOINT "https://storage.googleapis.com"
#define CHUNK_VARIABLE "MLFLOW_GCS_UPLOAD_CHUNK_SIZE"
#define CHUNK_DEFAULT (400 * GS_CHUNK_UNIT) /* Google's own client's */

static void
gs_close(struct artifact *a)
{
	struct artifact_gs *s = container_of(a, struct artifact_gs, base.base);

	http_free(s->http);
	free(s->bucket);
	free(s->root);
	url_free(&s->endpoint);
	cred_google_free(&s->cred);
	objects_free(&s->base);
	free(s);
}

/* --- put ---------------------------------------------------------------- */

int
gs_check_sent(const struct http_response *response, struct running_md5 *running,
              off_t size, struct err *err)
{
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;
	cleanup_buf struct buf sum = BUF_INIT;
	unsigned char hash[DIGEST_MAX];
	const char *theirs;

	(void)json_parse(response->body.s, response->body.len, &o, &ignored);
	theirs = json_str(o, "md5Hash");
	if (!theirs || !running_md5_end(running, size, hash))
		return 0;
	enc_base64(&sum, hash, MD5_SIZE);
	if (!strcmp(theirs, sum.s))
		return 0;
	return err_set(err, ERR_RETRY,
	               "the store has other bytes than were sent");
}

static int
put_whole(struct artifact_gs *s, const char *name, const char *content_type,
          const struct body *b, bool *shrank, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_buf struct buf path = BUF_INIT;
	struct running_md5 running;
	struct gs_call call = {
	    .method = "POST",
	    .name = name,
	    .content_type = content_type,
	    .data = b->data,
	    .fd = b->fd,
	    .size = b->size,
	    .running = &running,
	};
	int got;

	buf_addf(&path,
	         "/upload/storage/v1/b/%s/o?uploadType=media&name=", s->bucket);
	enc_percent(&path, name, "");
	call.path = path.s;
	running_md5_init(&running);
	got = gs_send(s, &call, &r, err);
	*shrank = r.shrank;
	if (!got)
		got = gs_check_sent(&r, &running, b->size, err);
	running_md5_free(&running);
	return got;
}

static int
gs_put(struct objects *o, const char *artifact, const struct body *b,
       bool *shrank, struct err *err)
{
	struct artifact_gs *s = container_of(o, struct artifact_gs, base);
	cleanup_free char *name = object_uri_key(s->root, artifact);
	const char *type = mime_guess(artifact);

	return !b->data && b->size > GS_WHOLE_MAX
	           ? gs_put_resumable(s, name, type, b, shrank, err)
	           : put_whole(s, name, type, b, shrank, err);
}

/* --- what is there ------------------------------------------------------ */

static void
take_item(struct artifact_gs *s, const struct cJSON *item, size_t prefix)
{
	const char *name = json_str(item, "name");
	const char *size = json_str(item, "size");
	struct object o = {.size = 0};

	if (!name || strlen(name) <= prefix || !size)
		return;
	object_set_md5(&o, json_str(item, "md5Hash"));
	objects_add(&s->base, name + prefix, strtoll(size, NULL, 10), o.tag);
}

static int
gs_list(struct objects *o, char **token, int *status, struct err *err)
{
	struct artifact_gs *s = container_of(o, struct artifact_gs, base);
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_free char *prefix = object_uri_key(s->root, "");
	cleanup_buf struct buf path = BUF_INIT;
	cleanup_json struct cJSON *answer = NULL;
	struct gs_call call = {.method = "GET", .fd = -1};
	const struct cJSON *item;

	buf_addf(&path, "/storage/v1/b/%s/o", s->bucket);
	url_add_query(&path, "prefix", prefix);
	url_add_query(&path, "fields",
	              "items(name,size,md5Hash),nextPageToken");
	if (*token)
		url_add_query(&path, "pageToken", *token);
	call.path = path.s;
	if (gs_send(s, &call, &r, err)) {
		*status = r.status;
		return -1;
	}
	if (json_parse(r.body.s, r.body.len, &answer, err))
		return err_wrap(err, "list gs://%s", s->bucket);
	item = json_first(json_get(answer, "items"));
	for (; item; item = json_next(item))
		take_item(s, item, strlen(prefix));
	mem_replace(token, mem_dup(json_str(answer, "nextPageToken")));
	return 0;
}

static int
gs_head(struct objects *o, const char *artifact, struct object *ret,
        bool *hidden, struct err *err)
{
	struct artifact_gs *s = container_of(o, struct artifact_gs, base);
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_free char *name = object_uri_key(s->root, artifact);
	cleanup_buf struct buf path = BUF_INIT;
	cleanup_json struct cJSON *answer = NULL;
	struct gs_call call = {.method = "GET", .name = name, .fd = -1};
	const char *size;

	buf_addf(&path, "/storage/v1/b/%s/o/", s->bucket);
	enc_percent(&path, name, "");
	call.path = path.s;
	if (gs_send(s, &call, &r, err)) {
		*hidden = r.status == 403;
		return r.status == 404 || r.status == 403 ? 0 : -1;
	}
	if (json_parse(r.body.s, r.body.len, &answer, err))
		return err_wrap(err, "gs://%s", s->bucket);
	size = json_str(answer, "size");
	if (!size)
		return 0;
	ret->size = strtoll(size, NULL, 10);
	object_set_md5(ret, json_str(answer, "md5Hash"));
	return 1;
}

static const struct objects_ops object_ops = {
    .put = gs_put,
    .list = gs_list,
    .head = gs_head,
    .matches = objects_md5_matches,
};

/* --- open --------------------------------------------------------------- */

/* An emulator is not told who we are; another endpoint is. */
static int
load_endpoint(struct artifact_gs *s, struct err *err)
{
	const char *emulator = cred_env("STORAGE_EMULATOR_HOST");
	const char *other = cred_env("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE");
	const char *name = emulator ? "STORAGE_EMULATOR_HOST"
	                            : "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE";
	const char *given = emulator ? emulator : other;
	cleanup_free char *url =
	    mem_printf("%s%s", given && !strstr(given, "://") ? "http://" : "",
	               given ? given : ENDPOINT);
	char *rest;

	if (url_parse(url, &s->endpoint, err))
		return err_wrap(err, "%s", name);
	if (s->endpoint.userinfo || strchr(s->endpoint.rest, '?'))
		return err_set(err, ERR_CONFIG,
		               "%s must be a URL without user and query", name);
	rest = s->endpoint.rest;
	while (*rest && rest[strlen(rest) - 1] == '/')
		rest[strlen(rest) - 1] = '\0';
	s->cred.anonymous = s->known = emulator != NULL;
	return 0;
}

static int
load_chunk(struct artifact_gs *s, struct err *err)
{
	const char *value = cred_env(CHUNK_VARIABLE);
	long long n;
	char *end;

	s->chunk = CHUNK_DEFAULT;
	if (!value || !strcasecmp(value, "none"))
		return 0;
	n = strtoll(value, &end, 10);
	if (*end || n <= 0 || n % GS_CHUNK_UNIT)
		return err_set(err, ERR_CONFIG,
		               CHUNK_VARIABLE " is '%.40s', but must be a "
		                              "multiple of 262144",
		               value);
	s->chunk = n;
	return 0;
}

static int
open_parts(struct artifact_gs *s, const char *uri, struct err *err)
{
	cleanup_digest struct digest *probe = NULL;
	struct http_settings settings;

	if (object_uri_parse(uri, "gs://BUCKET/PATH", &s->bucket, &s->root,
	                     err))
		return -1;
	if (!object_uri_is_bucket(s->bucket))
		return err_set(err, ERR_CONFIG,
		               "artifact URI: '%.100s' is no name of a bucket",
		               s->bucket);
	if (load_endpoint(s, err) || load_chunk(s, err) ||
	    digest_new(DIGEST_SHA256, &probe, err) ||
	    cred_settings(NULL, &settings, err))
		return -1;
	s->http = http_new(&settings);
	return 0;
}

static int
gs_open(const char *uri, struct artifact **ret, struct err *err)
{
	struct artifact_gs *s = mem_alloc(sizeof(*s));

	s->base.base.ops = &artifact_gs_ops;
	s->base.ops = &object_ops;
	if (open_parts(s, uri, err)) {
		gs_close(&s->base.base);
		return -1;
	}
	*ret = &s->base.base;
	return 0;
}

static const char *const schemes[] = {"gs", NULL};

const struct artifact_ops artifact_gs_ops = {
    .schemes = schemes,
    .open = gs_open,
    .close = gs_close,
    .put = objects_put,
    .same = objects_same,
};
