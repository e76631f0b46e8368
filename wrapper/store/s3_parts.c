/* SPDX-License-Identifier: MIT */
/* s3_parts.c - one large file into a bucket, in parts */
#include "base/buf.h"
#include "base/enc.h"
#include "base/log.h"
#include "store/half_sent.h"
#include "store/s3_upload.h"
#include "wire/http.h"
#include "wire/xml_text.h"

#define GIB ((off_t)1 << 30)

enum { PARTS_MAX = 10000 };

/* Twice as large for each eightfold of the file. */
off_t
s3_part_size(off_t size)
{
	off_t part = S3_PARTS_FROM;

	for (off_t limit = GIB; size > limit && limit < 8192 * GIB; limit *= 8)
		part *= 2;
	return objects_part_size(size, part, PARTS_MAX);
}

static int
create(struct s3_upload *u, struct err *err)
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
	mem_replace(&u->id, buf_detach(&encoded));
	return 0;
}

static void
abort_upload(struct s3_upload *u)
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

/* After a lost answer: a second "complete" would find no upload. */
static int
is_complete(void *ctx)
{
	const struct s3_upload *u = ctx;
	struct object there;
	bool hidden;
	struct err ignored = ERR_INIT;
	cleanup_free char *tail = mem_printf("-%d", u->n);

	return s3_head_key(u->s, u->whole->key, &there, &hidden, &ignored) >
	           0 &&
	       there.size == u->whole->size && strstr(there.tag, tail);
}

static int
complete(struct s3_upload *u, struct err *err)
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
	for (int i = 0; i < u->n; i++)
		buf_addf(&body,
		         "<Part><ETag>%s</ETag><PartNumber>%d</PartNumber>"
		         "</Part>",
		         u->etags[i], i + 1);
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

/* Where the object lies, for a note that another process reads. */
static char *
place_of(const struct s3_upload *u)
{
	cleanup_buf struct buf place = BUF_INIT;

	s3_place_host(&u->s->place, &place);
	s3_place_path(&u->s->place, u->whole->key, &place);
	return buf_detach(&place);
}

/* Goes on with what was begun, or begins. */
static int
begin(struct s3_upload *u, const char *place, struct err *err)
{
	const struct artifact *a = &u->s->base.base;
	struct err gone = ERR_INIT;

	u->id = half_sent_find(a, place, u->whole->size);
	if (u->id && !s3_find_parts(u, &gone))
		return 0;
	if (u->id && gone.kind == ERR_RETRY) {
		*err = gone;
		return -1;
	}
	half_sent_forget(a, place);
	if (create(u, err))
		return -1;
	half_sent_note(a, place, u->whole->size, u->id);
	return 0;
}

/* Whether another try, perhaps of another process, can use what is there. */
static bool
is_worth_keeping(const struct s3_upload *u, const struct err *err)
{
	return u->s->base.base.kept && err->kind == ERR_RETRY && !u->shrank;
}

static int
put(struct s3_upload *u, struct err *err)
{
	cleanup_free char *place = place_of(u);
	const struct artifact *a = &u->s->base.base;

	if (begin(u, place, err))
		return -1;
	if (!s3_send_parts(u, err) && !complete(u, err)) {
		half_sent_forget(a, place);
		return 0;
	}
	if (!is_worth_keeping(u, err)) {
		abort_upload(u);
		half_sent_forget(a, place);
	}
	return -1;
}

int
s3_put_parts(struct artifact_s3 *s, const struct s3_call *whole, bool *shrank,
             struct err *err)
{
	off_t part = s3_part_size(whole->size);
	struct s3_upload u = {
	    .s = s,
	    .whole = whole,
	    .part = part,
	    .n = (int)((whole->size + part - 1) / part),
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	};
	int failed;

	u.etags = mem_alloc((size_t)u.n * sizeof(*u.etags));
	failed = put(&u, err);
	*shrank = u.shrank;
	for (int i = 0; i < u.n; i++)
		free(u.etags[i]);
	free(u.etags);
	free(u.id);
	return failed;
}
