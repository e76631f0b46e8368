/* SPDX-License-Identifier: MIT */
/* proxy_parts.c - one large file in parts, by URLs that a server signs */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "store/artifact_proxy.h"
#include "store/objects.h"
#include "store/rest.h"
#include "wire/http.h"
#include "wire/json.h"

#define SERVICE "/api/2.0/mlflow-artifacts/mpu/"
#define MIB ((off_t)1 << 20)

enum { PARTS_MAX = 10000, RETRIES = 5, ATTEMPTS = 2, ANSWER_MAX = 64 << 20 };

/* MLflow's defaults: from 500 MiB on, 10 MiB each. */
static const off_t minimum_default = 500 * MIB;
static const off_t chunk_default = 10 * MIB;

struct upload {
	struct artifact_proxy *p;
	const char *key;
	char *dir; /* of the run and the key, encoded */
	char *name;
	int fd;
	off_t size;
	off_t chunk;
	int n;
	struct cJSON *created; /* the server's answer to "create" */
	struct cJSON *parts;   /* what "complete" is told */
};

/* --- whether ------------------------------------------------------------ */

/* Servers from 3.16 on tell; older ones know nothing of the question. */
static enum proxy_multipart
ask_server(struct artifact_proxy *p)
{
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_json struct cJSON *o = NULL;
	cleanup_free char *url =
	    mem_printf("%s/api/3.0/mlflow/server-info", p->where.server);
	struct http_request request;
	struct err ignored = ERR_INIT;

	proxy_request(p, "GET", url, &request);
	request.once = true;
	if (proxy_do(p, &request, &response, &ignored) ||
	    response.status != 200 ||
	    json_parse(response.body.s, response.body.len, &o, &ignored))
		return MULTIPART_OFF;
	return json_bool(o, "multipart_uploads_enabled", false) ? MULTIPART_ON
	                                                        : MULTIPART_OFF;
}

bool
proxy_wants_parts(struct artifact_proxy *p, off_t size)
{
	const char *wish = getenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD");

	if (!p->where.server ||
	    size < objects_size_setting(
		       "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE",
		       minimum_default))
		return false;
	if (p->multipart == MULTIPART_UNKNOWN && wish && *wish)
		p->multipart = !strcasecmp(wish, "true") || !strcmp(wish, "1")
		                   ? MULTIPART_ON
		                   : MULTIPART_OFF;
	if (p->multipart == MULTIPART_UNKNOWN)
		p->multipart = ask_server(p);
	return p->multipart == MULTIPART_ON;
}

/* --- talking to the server ---------------------------------------------- */

struct step {
	const char *verb; /* create, complete, abort */
	struct cJSON *body;
	int (*is_done)(void *ctx);
	bool once;
};

static int
post(struct upload *u, const struct step *step, struct http_response *response,
     struct err *err)
{
	cleanup_free char *url =
	    mem_printf("%s" SERVICE "%s/%s", u->p->where.server, step->verb,
	               u->dir);
	cleanup_buf struct buf body = BUF_INIT;
	struct http_request request;
	int got;

	proxy_request(u->p, "POST", url, &request);
	json_set_str(step->body, "path", u->name);
	json_print(step->body, false, &body);
	request.content_type = "application/json";
	request.data = body.s;
	request.size = (off_t)body.len;
	request.answer_max = ANSWER_MAX;
	request.is_done = step->is_done;
	request.once = step->once;
	request.ctx = u;
	got = proxy_do(u->p, &request, response, err);
	if (got || response->status / 100 == 2)
		return got;
	return proxy_fail(&request, response, err);
}

static void
set_upload_id(const struct upload *u, struct cJSON *body)
{
	json_set_str(body, "upload_id", json_str(u->created, "upload_id"));
}

static void
abort_upload(struct upload *u)
{
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_json struct cJSON *body = json_object();
	const struct step step = {.verb = "abort", .body = body, .once = true};
	struct err ignored = ERR_INIT;

	set_upload_id(u, body);
	if (post(u, &step, &response, &ignored))
		log_debug("%s", ignored.msg);
}

/* 1: this server, or what lies behind it, knows no parts. */
static int
create(struct upload *u, struct err *err)
{
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_json struct cJSON *body = json_object();
	const struct step step = {.verb = "create", .body = body};
	int status;

	json_set_int(body, "num_parts", u->n);
	if (post(u, &step, &response, err)) {
		status = response.status;
		return status == 501 || status == 404 || status == 405 ? 1 : -1;
	}
	return json_parse(response.body.s, response.body.len, &u->created, err)
	           ? -1
	           : 0;
}

/* After a lost answer: a second "complete" would find no upload. */
static int
is_complete(void *ctx)
{
	struct upload *u = ctx;
	struct err ignored = ERR_INIT;
	off_t size;

	proxy_free_dirs(u->p);
	return !proxy_size(u->p, u->key, &size, &ignored) && size == u->size;
}

static int
complete(struct upload *u, struct err *err)
{
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_json struct cJSON *body = json_object();
	const struct step step = {
	    .verb = "complete",
	    .body = body,
	    .is_done = is_complete,
	};

	set_upload_id(u, body);
	json_set(body, "parts", u->parts);
	u->parts = NULL;
	return post(u, &step, &response, err) < 0 ? -1 : 0;
}

/* --- parts -------------------------------------------------------------- */

static int
open_cloud(struct artifact_proxy *p, struct err *err)
{
	const char *insecure = getenv("MLFLOW_S3_IGNORE_TLS");
	struct http_settings settings;

	if (p->cloud)
		return 0;
	if (http_settings_load(&settings, err))
		return -1;
	/* The certificate is for the tracking server. */
	mem_replace(&settings.client_cert, NULL);
	settings.insecure = insecure && !strcasecmp(insecure, "true");
	settings.retry.max = RETRIES;
	p->cloud = http_new(&settings);
	return 0;
}

/* The URL and its headers carry what opens them: nothing of ours is added. */
static int
send_part(struct upload *u, int i, const struct cJSON *credential,
          struct err *err)
{
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_kvs struct kvs headers = KVS_INIT;
	const char *url = json_str(credential, "url");
	off_t offset = (off_t)i * u->chunk;
	off_t left = u->size - offset;
	struct http_request request = {
	    .method = "PUT",
	    .url = url,
	    .headers = &headers,
	    .fd = u->fd,
	    .offset = offset,
	    .size = left < u->chunk ? left : u->chunk,
	    .once = i == 0,
	};
	struct cJSON *part;
	const char *etag;

	if (!url)
		return err_set(err, ERR_REMOTE, "part %d has no URL", i + 1);
	json_kvs(credential, "headers", &headers);
	if (http_do(u->p->cloud, &request, &response, err))
		return -1;
	if (response.status / 100 != 2)
		return http_fail(&request, &response, err);
	etag = kvs_get(&response.headers, "etag");
	part = json_object();
	json_set_int(part, "part_number",
	             json_int(credential, "part_number", i + 1));
	json_set_str(part, "etag", etag ? etag : "");
	json_set_str(part, "url", url);
	json_push(u->parts, part);
	return 0;
}

/* 1: not even the first could be sent, so the store cannot be reached. */
static int
send_parts(struct upload *u, struct err *err)
{
	const struct cJSON *c = json_first(json_get(u->created, "credentials"));

	u->parts = json_array();
	for (int i = 0; i < u->n; i++, c = json_next(c)) {
		if (!c)
			return err_set(err, ERR_REMOTE,
			               "the server signed %d of %d parts", i,
			               u->n);
		if (send_part(u, i, c, err))
			return i ? -1 : 1;
	}
	return 0;
}

static int
attempt(struct upload *u, struct err *err)
{
	int got = create(u, err);

	if (got) {
		u->p->multipart = got > 0 ? MULTIPART_OFF : u->p->multipart;
		return got;
	}
	got = send_parts(u, err);
	if (!got)
		got = complete(u, err);
	if (got)
		abort_upload(u);
	if (got > 0)
		log_debug("%s; sent as a whole instead", err->msg);
	json_free_ptr(&u->created);
	json_free_ptr(&u->parts);
	return got;
}

static int
prepare(struct upload *u, struct err *err)
{
	cleanup_buf struct buf dir = BUF_INIT;
	cleanup_free char *parent = fs_dirname(u->key);
	off_t least = (u->size + PARTS_MAX - 1) / PARTS_MAX;

	u->chunk = objects_size_setting("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE",
	                                chunk_default);
	if (u->chunk < least)
		u->chunk = (least + MIB - 1) / MIB * MIB;
	u->n = (int)((u->size + u->chunk - 1) / u->chunk);
	u->name = fs_basename(u->key);
	buf_adds(&dir, u->p->where.root);
	if (strchr(u->key, '/')) {
		buf_addc(&dir, '/');
		if (proxy_uri_add_key(&dir, parent, NULL, err))
			return -1;
	}
	u->dir = buf_detach(&dir);
	return open_cloud(u->p, err);
}

int
proxy_put_parts(struct artifact_proxy *p, const char *key, int fd, off_t size,
                struct err *err)
{
	struct upload u = {.p = p, .key = key, .fd = fd, .size = size};
	int got = -1;

	/* Signatures last an hour: what took longer begins anew, once. */
	if (!prepare(&u, err)) {
		got = attempt(&u, err);
		if (got < 0 && err->kind != ERR_RETRY)
			got = attempt(&u, err);
	}
	free(u.dir);
	free(u.name);
	return got;
}
