/* SPDX-License-Identifier: MIT */
/* s3_parts.c - one large file into a bucket, in parts */
#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/strv.h"
#include "store/artifact_s3.h"
#include "wire/http.h"
#include "wire/xml_text.h"

enum { PARTS_MAX = 10000 };

struct upload {
	struct artifact_s3 *s;
	const struct s3_call *whole;
	char *id; /* encoded */
	struct strv etags;
};

off_t
s3_part_size(off_t size)
{
	return objects_part_size(size, S3_PARTS_FROM, PARTS_MAX);
}

static int
create(struct upload *u, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_buf struct buf id = BUF_INIT;
	cleanup_buf struct buf encoded = BUF_INIT;
	struct s3_call call = {
	    .method = "POST",
	    .key = u->whole->key,
	    .query = "uploads=",
	    .headers = u->whole->headers,
	    .content_type = u->whole->content_type,
	    .data = "",
	    .fd = -1,
	};

	if (s3_send(u->s, &call, &r, err))
		return -1;
	if (!xml_text(r.body.s, "UploadId", &id) || !id.len)
		return err_set(err, ERR_REMOTE,
		               "the store's answer names no upload");
	enc_percent(&encoded, id.s, "");
	u->id = buf_detach(&encoded);
	return 0;
}

static void
abort_upload(struct upload *u)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_free char *query = mem_printf("uploadId=%s", u->id);
	struct s3_call call = {
	    .method = "DELETE",
	    .key = u->whole->key,
	    .query = query,
	    .content_type = "application/xml",
	    .data = "",
	    .fd = -1,
	    .once = true,
	};
	struct err ignored = ERR_INIT;

	if (s3_send(u->s, &call, &r, &ignored))
		log_debug("%s", ignored.msg);
}

static int
send_part(struct upload *u, int number, off_t offset, bool *shrank,
          struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_free char *query =
	    mem_printf("partNumber=%d&uploadId=%s", number, u->id);
	off_t part = s3_part_size(u->whole->size);
	off_t left = u->whole->size - offset;
	struct s3_call call = {
	    .method = "PUT",
	    .key = u->whole->key,
	    .query = query,
	    .fd = u->whole->fd,
	    .offset = offset,
	    .size = left < part ? left : part,
	    .with_md5 = u->whole->with_md5,
	};
	const char *etag;

	if (s3_send(u->s, &call, &r, err)) {
		*shrank = r.shrank;
		return err_wrap(err, "part %d", number);
	}
	etag = kvs_get(&r.headers, "etag");
	if (!etag || strpbrk(etag, "<>&"))
		return err_set(err, ERR_REMOTE,
		               "the store's answer to part %d has no ETag",
		               number);
	if (!s3_check_sent(u->s, &call, &r))
		return err_set(err, ERR_RETRY,
		               "part %d: the store has other bytes than were "
		               "sent",
		               number);
	strv_add(&u->etags, etag);
	return 0;
}

/* After a lost answer: a second "complete" would find no upload. */
static int
is_complete(void *ctx)
{
	const struct upload *u = ctx;
	struct object there;
	bool hidden;
	struct err ignored = ERR_INIT;
	cleanup_free char *tail = mem_printf("-%zu", u->etags.n);

	return s3_head_key(u->s, u->whole->key, &there, &hidden, &ignored) >
	           0 &&
	       there.size == u->whole->size && strstr(there.tag, tail);
}

static int
complete(struct upload *u, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_free char *query = mem_printf("uploadId=%s", u->id);
	cleanup_buf struct buf body = BUF_INIT;
	struct s3_call call = {
	    .method = "POST",
	    .key = u->whole->key,
	    .query = query,
	    .content_type = "application/xml",
	    .fd = -1,
	    .is_done = is_complete,
	    .ctx = u,
	};
	int got;

	buf_adds(&body, "<CompleteMultipartUpload xmlns=\"http://"
	                "s3.amazonaws.com/doc/2006-03-01/\">");
	for (size_t i = 0; i < u->etags.n; i++)
		buf_addf(&body,
		         "<Part><ETag>%s</ETag><PartNumber>%zu</PartNumber>"
		         "</Part>",
		         u->etags.v[i], i + 1);
	buf_adds(&body, "</CompleteMultipartUpload>");
	call.data = body.s;
	call.size = (off_t)body.len;
	got = s3_send(u->s, &call, &r, err);
	if (got < 0)
		return -1;
	/* The status is sent before the work is done: the body tells. */
	if (!got && strstr(r.body.s, "<Error>"))
		return s3_fail(u->s, &call, &r, err);
	return 0;
}

static int
send_all(struct upload *u, bool *shrank, struct err *err)
{
	off_t part = s3_part_size(u->whole->size);
	int number = 1;

	for (off_t at = 0; at < u->whole->size; at += part)
		if (send_part(u, number++, at, shrank, err))
			return -1;
	return complete(u, err);
}

int
s3_put_parts(struct artifact_s3 *s, const struct s3_call *whole, bool *shrank,
             struct err *err)
{
	struct upload u = {.s = s, .whole = whole};
	int got = create(&u, err);

	if (!got) {
		got = send_all(&u, shrank, err);
		if (got)
			abort_upload(&u);
	}
	free(u.id);
	strv_free(&u.etags);
	return got;
}
