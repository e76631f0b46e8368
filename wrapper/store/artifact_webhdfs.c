/* SPDX-License-Identifier: MIT */
/* artifact_webhdfs.c - artifacts in a Hadoop file system, by WebHDFS */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "store/artifact_impl.h"
#include "store/body.h"
#include "store/cred.h"
#include "store/refusal.h"
#include "store/webhdfs_place.h"
#include "wire/http.h"
#include "wire/json.h"

struct artifact_webhdfs {
	struct artifact base;
	struct webhdfs_place place;
	struct http *http;
	char temp[33]; /* part of the name that a file has while it comes */
};

static void
webhdfs_close(struct artifact *a)
{
	struct artifact_webhdfs *w =
	    container_of(a, struct artifact_webhdfs, base);

	http_free(w->http);
	webhdfs_place_free(&w->place);
	free(w);
}

/* --- refusals ----------------------------------------------------------- */

static const struct remedy remedies[] = {
    {"AccessControlException", "user '%C' may not write there", ERR_REMOTE},
    {"InvalidPathException", "such a name is not to be had there", ERR_FORMAT},
    {"SafeModeException", "the cluster is in safe mode", ERR_RETRY},
    {"StandbyException", "another name node is the active one", ERR_RETRY},
    {"RetriableException", NULL, ERR_RETRY},
    {"DSQuotaExceededException", "the directory's quota is used up",
     ERR_REMOTE},
    {"NSQuotaExceededException", "the directory's quota is used up",
     ERR_REMOTE},
    {"FileAlreadyExistsException", "something in the way is not a directory",
     ERR_CONFLICT},
    {"ParentNotDirectoryException", "something in the way is not a directory",
     ERR_CONFLICT},
    {"Unauthorized",
     "the cluster wants Kerberos, which kmlflow does not speak: name an "
     "HttpFS gateway that takes others in KMLFLOW_WEBHDFS_URL",
     ERR_REMOTE},
};

static int
fail(const struct artifact_webhdfs *w, const char *method, const char *path,
     const struct http_response *response, struct err *err)
{
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;
	cleanup_free char *uri = mem_printf("hdfs:%s", path);
	const struct cJSON *remote;
	const char *code;
	const char *message;
	struct refusal r = {
	    .method = method,
	    .uri = uri,
	    .host = w->place.gateway.host,
	    .status = response->status,
	    .source = w->place.user,
	    .remedies = remedies,
	    .n_remedies = ARRAY_LEN(remedies),
	};

	(void)json_parse(response->body.s, response->body.len, &o, &ignored);
	remote = json_get(o, "RemoteException");
	code = json_str(remote, "exception");
	message = json_str(remote, "message");
	if (!code && response->status == 401)
		code = "Unauthorized";
	r.code = code ? code : "";
	r.message = message ? message : "";
	return refusal_set(&r, err);
}

/* --- operations --------------------------------------------------------- */

/* One without a body; *yes: its answer does not say no. */
static int
operate(struct artifact_webhdfs *w, const struct http_request *request,
        const char *path, bool *yes, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;
	int got = http_do(w->http, request, &r, err);

	if (got < 0)
		return -1;
	if (!got && r.status / 100 != 2)
		return fail(w, request->method, path, &r, err);
	(void)json_parse(r.body.s, r.body.len, &o, &ignored);
	*yes = json_bool(o, "boolean", true);
	return 0;
}

static int
delete_file(struct artifact_webhdfs *w, const char *path, struct err *err)
{
	cleanup_buf struct buf url = BUF_INIT;
	struct http_request request = {.method = "DELETE", .data = ""};
	bool gone;

	webhdfs_place_url(&w->place, path, "DELETE", &url);
	request.url = url.s;
	return operate(w, &request, path, &gone, err);
}

struct renaming {
	struct artifact_webhdfs *w;
	const char *from;
};

/* After a lost answer: a second one would find nothing to rename. */
static int
is_renamed(void *ctx)
{
	const struct renaming *n = ctx;
	cleanup_buf struct buf url = BUF_INIT;
	struct http_request request = {.method = "GET"};
	struct err err = ERR_INIT;
	bool ignored;

	webhdfs_place_url(&n->w->place, n->from, "GETFILESTATUS", &url);
	request.url = url.s;
	return operate(n->w, &request, n->from, &ignored, &err) &&
	       err.kind == ERR_NOTFOUND;
}

static int
rename_file(struct artifact_webhdfs *w, const char *from, const char *to,
            bool *done, struct err *err)
{
	struct renaming n = {.w = w, .from = from};
	cleanup_buf struct buf url = BUF_INIT;
	struct http_request request = {
	    .method = "PUT",
	    .data = "",
	    .is_done = is_renamed,
	    .ctx = &n,
	};

	webhdfs_place_url(&w->place, from, "RENAME", &url);
	url_add_query(&url, "destination", to);
	url_add_query(&url, "renameoptions", "OVERWRITE");
	request.url = url.s;
	return operate(w, &request, to, done, err);
}

/* Gateways do not know the option: what is there goes first, but only then. */
static int
settle(struct artifact_webhdfs *w, const char *temp, const char *path,
       struct err *err)
{
	bool done = false;

	if (rename_file(w, temp, path, &done, err))
		return -1;
	if (done)
		return 0;
	if (delete_file(w, path, err) || rename_file(w, temp, path, &done, err))
		return -1;
	return done ? 0
	            : err_set(err, ERR_CONFLICT, "'hdfs:%s' cannot be replaced",
	                      path);
}

/* --- put ---------------------------------------------------------------- */

/* Which node takes the bytes; gateways may take them at once. */
static int
ask_where(struct artifact_webhdfs *w, const char *path, char **ret,
          struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_buf struct buf url = BUF_INIT;
	struct http_request request = {
	    .method = "PUT",
	    .data = "",
	    .fd = -1,
	    .no_redirects = true,
	};
	const char *where;

	webhdfs_place_url(&w->place, path, "CREATE", &url);
	url_add_query(&url, "overwrite", "true");
	request.url = url.s;
	if (http_do(w->http, &request, &r, err))
		return -1;
	where = kvs_get(&r.headers, "location");
	if (r.status != 307 || !where)
		return r.status / 100 == 2
		           ? err_set(err, ERR_REMOTE,
		                     "the answer names no node that takes "
		                     "the file")
		           : fail(w, "PUT", path, &r, err);
	*ret = mem_dup(where);
	return 0;
}

static int
send_bytes(struct artifact_webhdfs *w, const char *path, const struct body *b,
           bool *shrank, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_free char *where = NULL;
	struct http_request request = {
	    .method = "PUT",
	    .content_type = "application/octet-stream",
	    .data = b->data,
	    .fd = b->fd,
	    .size = b->size,
	    .no_redirects = true,
	};

	if (ask_where(w, path, &where, err))
		return -1;
	request.url = where;
	if (http_do(w->http, &request, &r, err)) {
		*shrank = r.shrank;
		return -1;
	}
	return r.status / 100 == 2 ? 0 : fail(w, "PUT", path, &r, err);
}

struct putting {
	struct artifact_webhdfs *w;
	const char *key;
};

/* No reader may see half a file: it gets its name when it is whole. */
static int
put_body(void *ctx, const struct body *b, bool *shrank, struct err *err)
{
	const struct putting *p = ctx;
	struct artifact_webhdfs *w = p->w;
	cleanup_free char *path = fs_join(w->place.root, p->key);
	cleanup_free char *dir = fs_dirname(path);
	cleanup_free char *name = mem_printf(".kmlflow-%s.part", w->temp);
	cleanup_free char *temp = fs_join(dir, name);
	struct err ignored = ERR_INIT;

	if (!send_bytes(w, temp, b, shrank, err) && !settle(w, temp, path, err))
		return 0;
	if (err->kind != ERR_RETRY && delete_file(w, temp, &ignored))
		log_debug("%s", ignored.msg);
	return -1;
}

static int
webhdfs_put(struct artifact *a, const char *key, int fd, off_t size,
            struct err *err)
{
	struct putting p = {
	    .w = container_of(a, struct artifact_webhdfs, base),
	    .key = key,
	};

	return body_send(fd, size, put_body, &p, err)
	           ? err_wrap(err, "artifact '%s'", key)
	           : 0;
}

/* Its sums are of its blocks: to tell would take all of the file. */
static int
webhdfs_same(struct artifact *a, const char *key, int fd, off_t size,
             struct err *err)
{
	(void)a, (void)key, (void)fd, (void)size, (void)err;
	return 0;
}

/* --- open --------------------------------------------------------------- */

static int
webhdfs_open(const char *uri, struct artifact **ret, struct err *err)
{
	struct artifact_webhdfs *w = mem_alloc(sizeof(*w));
	struct http_settings settings;

	w->base.ops = &artifact_webhdfs_ops;
	if (webhdfs_place_load(uri, &w->place, err) ||
	    cred_settings(NULL, &settings, err)) {
		webhdfs_close(&w->base);
		return -1;
	}
	w->http = http_new(&settings);
	clock_uuid_hex(w->temp);
	*ret = &w->base;
	return 0;
}

static const char *const schemes[] = {"hdfs", "viewfs", NULL};

const struct artifact_ops artifact_webhdfs_ops = {
    .schemes = schemes,
    .open = webhdfs_open,
    .close = webhdfs_close,
    .put = webhdfs_put,
    .same = webhdfs_same,
};
