/* SPDX-License-Identifier: MIT */
/* artifact_azure.c - artifacts in a container of Azure's blobs */
#include "store/artifact_azure.h"

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/object_uri.h"
#include "wire/digest.h"
#include "wire/http.h"
#include "wire/xml_text.h"

static void
azure_close(struct artifact *a)
{
	struct artifact_azure *s =
	    container_of(a, struct artifact_azure, base.base);

	http_free(s->http);
	azure_place_free(&s->place);
	cred_azure_free(&s->cred);
	objects_free(&s->base);
	free(s);
}

/* --- put ---------------------------------------------------------------- */

static int
put_whole(struct artifact_azure *s, const char *name, const struct body *b,
          bool *shrank, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_kvs struct kvs headers = KVS_INIT;
	struct azure_call call = {
	    .method = "PUT",
	    .name = name,
	    .headers = &headers,
	    .data = b->data,
	    .fd = b->fd,
	    .size = b->size,
	};
	int got;

	kvs_set(&headers, "x-ms-blob-type", "BlockBlob");
	got = azure_send(s, &call, &r, err);
	*shrank = r.shrank;
	return got;
}

static int
azure_put(struct objects *o, const char *artifact, const struct body *b,
          bool *shrank, struct err *err)
{
	struct artifact_azure *s = container_of(o, struct artifact_azure, base);
	cleanup_free char *name = object_uri_key(s->place.root, artifact);

	return !b->data && b->size >= AZURE_BLOCKS_FROM
	           ? azure_put_blocks(s, name, b, shrank, err)
	           : put_whole(s, name, b, shrank, err);
}

/* --- what is there ------------------------------------------------------ */

static void
take_blob(struct artifact_azure *s, const char *xml, size_t prefix)
{
	cleanup_buf struct buf name = BUF_INIT;
	cleanup_buf struct buf size = BUF_INIT;
	cleanup_buf struct buf md5 = BUF_INIT;
	struct object o = {.size = 0};

	if (!xml_text(xml, "Name", &name) || name.len <= prefix ||
	    !xml_text(xml, "Content-Length", &size))
		return;
	xml_text(xml, "Content-MD5", &md5);
	object_set_md5(&o, md5.s);
	objects_add(&s->base, name.s + prefix, strtoll(size.s, NULL, 10),
	            o.tag);
}

static int
azure_list(struct objects *o, char **token, int *status, struct err *err)
{
	struct artifact_azure *s = container_of(o, struct artifact_azure, base);
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_free char *prefix = object_uri_key(s->place.root, "");
	cleanup_buf struct buf query = BUF_INIT;
	cleanup_buf struct buf next = BUF_INIT;
	struct azure_call call = {.method = "GET", .fd = -1};
	const char *blob;
	char *xml;

	buf_adds(&query, "comp=list&restype=container&prefix=");
	enc_percent(&query, prefix, "");
	if (*token) {
		buf_adds(&query, "&marker=");
		enc_percent(&query, *token, "");
	}
	call.query = query.s;
	if (azure_send(s, &call, &r, err)) {
		*status = r.status;
		return -1;
	}
	xml_text(r.body.s, "NextMarker", &next);
	xml = r.body.s;
	while ((blob = xml_cut(&xml, "Blob")))
		take_blob(s, blob, strlen(prefix));
	mem_replace(token, next.len ? buf_detach(&next) : NULL);
	return 0;
}

static int
azure_head(struct objects *o, const char *artifact, struct object *ret,
           bool *hidden, struct err *err)
{
	struct artifact_azure *s = container_of(o, struct artifact_azure, base);
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_free char *name = object_uri_key(s->place.root, artifact);
	struct azure_call call = {.method = "HEAD", .name = name, .fd = -1};
	const char *length;

	if (azure_send(s, &call, &r, err)) {
		*hidden = r.status == 403;
		return r.status == 404 || r.status == 403 ? 0 : -1;
	}
	length = kvs_get(&r.headers, "content-length");
	if (!length)
		return 0;
	ret->size = strtoll(length, NULL, 10);
	object_set_md5(ret, kvs_get(&r.headers, "content-md5"));
	return 1;
}

static const struct objects_ops object_ops = {
    .put = azure_put,
    .list = azure_list,
    .head = azure_head,
    .matches = objects_md5_matches,
};

/* --- open --------------------------------------------------------------- */

static int
open_parts(struct artifact_azure *s, const char *uri, struct err *err)
{
	cleanup_digest struct digest *probe = NULL;
	struct http_settings settings;

	if (azure_place_load(uri, &s->place, err) ||
	    digest_new(DIGEST_SHA256, &probe, err) ||
	    cred_settings(NULL, &settings, err))
		return -1;
	s->http = http_new(&settings);
	return 0;
}

static int
azure_open(const char *uri, struct artifact **ret, struct err *err)
{
	struct artifact_azure *s = mem_alloc(sizeof(*s));

	s->base.base.ops = &artifact_azure_ops;
	s->base.ops = &object_ops;
	if (open_parts(s, uri, err)) {
		azure_close(&s->base.base);
		return -1;
	}
	*ret = &s->base.base;
	return 0;
}

static const char *const schemes[] = {"wasbs", "abfss", NULL};

const struct artifact_ops artifact_azure_ops = {
    .schemes = schemes,
    .open = azure_open,
    .close = azure_close,
    .put = objects_put,
    .same = objects_same,
};
