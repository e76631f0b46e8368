/* SPDX-License-Identifier: MIT */
/* dbfs_parts.c - a large file in parts, by URLs that a workspace signs */
#include "base/err.h"
#include "base/log.h"
#include "store/artifact_dbfs.h"
#include "store/objects.h"
#include "wire/http.h"
#include "wire/json.h"

#define MIB ((off_t)1 << 20)

enum { PARTS_MAX = 10000 };

struct upload {
	struct artifact_dbfs *d;
	const char *path;
	const struct body *b;
	struct cJSON *created;
	struct cJSON *etags;
};

bool
dbfs_wants_parts(off_t size)
{
	return size >=
	       objects_size_setting("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE",
	                            500 * MIB);
}

static off_t
part_size(off_t size)
{
	return objects_part_size(
	    size,
	    objects_size_setting("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE",
	                         10 * MIB),
	    PARTS_MAX);
}

static struct cJSON *
body_of(const struct upload *u)
{
	struct cJSON *body = json_object();

	json_set_str(body, "run_id", u->d->run_id);
	json_set_str(body, "path", u->path);
	return body;
}

static int
create(struct upload *u, int n, struct err *err)
{
	cleanup_json struct cJSON *body = body_of(u);

	json_set_int(body, "num_parts", n);
	return dbfs_post(u->d, "artifacts/create-multipart-upload", body,
	                 &u->created, err);
}

/* One part's URL anew, when the first has ended. */
static int
sign_again(const struct upload *u, int number, struct cJSON **ret,
           struct err *err)
{
	cleanup_json struct cJSON *body = body_of(u);

	json_set_str(body, "upload_id", json_str(u->created, "upload_id"));
	json_set_int(body, "part_number", number);
	return dbfs_post(u->d, "artifacts/get-presigned-upload-part-url", body,
	                 ret, err);
}

static int
send_once(const struct upload *u, int number, const struct cJSON *credential,
          struct http_response *ret, bool *expired, struct err *err)
{
	cleanup_kvs struct kvs headers = KVS_INIT;
	off_t part = part_size(u->b->size);
	off_t at = (number - 1) * part;
	off_t left = u->b->size - at;
	const struct dbfs_span span = {
	    .method = "PUT",
	    .url = json_str(credential, "signed_uri"),
	    .headers = &headers,
	    .b = u->b,
	    .offset = at,
	    .size = left < part ? left : part,
	};

	*expired = false;
	if (!span.url)
		return err_set(err, ERR_REMOTE, "part %d has no URL", number);
	dbfs_headers(credential, &headers);
	return dbfs_send(u->d, &span, ret, expired, err)
	           ? err_wrap(err, "part %d", number)
	           : 0;
}

static int
send_part(struct upload *u, int number, const struct cJSON *credential,
          struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_json struct cJSON *again = NULL;
	struct cJSON *told;
	const char *etag;
	bool expired;

	if (send_once(u, number, credential, &r, &expired, err)) {
		if (!expired || sign_again(u, number, &again, err))
			return -1;
		http_response_free(&r);
		if (send_once(u, number,
		              json_get(again, "upload_credential_info"), &r,
		              &expired, err))
			return -1;
	}
	etag = kvs_get(&r.headers, "etag");
	if (!etag)
		return err_set(err, ERR_REMOTE,
		               "the store's answer to part %d has no ETag",
		               number);
	told = json_object();
	json_set_int(told, "part_number", number);
	json_set_str(told, "etag", etag);
	json_push(u->etags, told);
	return 0;
}

static int
send_parts(struct upload *u, int n, struct err *err)
{
	const struct cJSON *c =
	    json_first(json_get(u->created, "upload_credential_infos"));

	for (int i = 0; i < n; i++, c = json_next(c))
		if (send_part(u, i + 1, c, err))
			return -1;
	return 0;
}

static int
complete(struct upload *u, struct err *err)
{
	cleanup_json struct cJSON *body = body_of(u);

	json_set_str(body, "upload_id", json_str(u->created, "upload_id"));
	json_set(body, "part_etags", u->etags);
	u->etags = NULL;
	return dbfs_post(u->d, "artifacts/complete-multipart-upload", body,
	                 NULL, err);
}

static void
abort_upload(const struct upload *u)
{
	const struct cJSON *c = json_get(u->created, "abort_credential_info");
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_kvs struct kvs headers = KVS_INIT;
	const struct dbfs_span span = {
	    .method = "DELETE",
	    .url = json_str(c, "signed_uri"),
	    .headers = &headers,
	};
	struct err ignored = ERR_INIT;
	bool expired;

	dbfs_headers(c, &headers);
	if (span.url && dbfs_send(u->d, &span, &r, &expired, &ignored))
		log_debug("%s", ignored.msg);
}

int
dbfs_put_parts(struct artifact_dbfs *d, const char *path, const struct body *b,
               struct err *err)
{
	struct upload u = {.d = d, .path = path, .b = b};
	off_t part = part_size(b->size);
	int n = (int)((b->size + part - 1) / part);
	int failed = create(&u, n, err);

	if (!failed) {
		u.etags = json_array();
		failed = send_parts(&u, n, err) || complete(&u, err) ? -1 : 0;
		if (failed)
			abort_upload(&u);
	}
	json_free(u.created);
	json_free(u.etags);
	return failed;
}
