/* SPDX-License-Identifier: MIT */
/* gs_resumable.c - one large file by a session that can be taken up again */
#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/log.h"
#include "store/artifact_gs.h"
#include "store/running_md5.h"
#include "wire/http.h"
#include "wire/json.h"

enum { SESSIONS_MAX = 3 };

struct session {
	struct artifact_gs *s;
	const char *name;
	const char *content_type;
	const struct body *b;
	char *path;    /* who knows it may write: never shown */
	off_t at;      /* the store has what comes before */
	off_t sending; /* where the chunk under way begins */
	bool lost;     /* the store has forgotten the session */
	struct running_md5 running;
	struct http_response last; /* that ended it */
};

/* Of "https://host/path?query"; nobody else's host is asked. */
static const char *
path_of(const char *url)
{
	const char *s = url ? strstr(url, "://") : NULL;

	s = s ? strchr(s + 3, '/') : url;
	return s && *s == '/' ? s : NULL;
}

static int
begin(struct session *w, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_kvs struct kvs headers = KVS_INIT;
	cleanup_buf struct buf path = BUF_INIT;
	cleanup_json struct cJSON *object = json_object();
	cleanup_buf struct buf body = BUF_INIT;
	struct gs_call call = {
	    .method = "POST",
	    .name = w->name,
	    .headers = &headers,
	    .content_type = "application/json; charset=UTF-8",
	    .fd = -1,
	};
	const char *session;

	buf_addf(&path, "/upload/storage/v1/b/%s/o?uploadType=resumable&name=",
	         w->s->bucket);
	enc_percent(&path, w->name, "");
	json_set_str(object, "contentType", w->content_type);
	json_print(object, false, &body);
	call.path = path.s;
	call.data = body.s;
	call.size = (off_t)body.len;
	kvs_set(&headers, "x-upload-content-type", w->content_type);
	kvs_setf(&headers, "x-upload-content-length", "%lld",
	         (long long)w->b->size);
	if (gs_send(w->s, &call, &r, err))
		return -1;
	session = path_of(kvs_get(&r.headers, "location"));
	if (!session)
		return err_set(err, ERR_REMOTE,
		               "the store's answer names no upload");
	mem_replace(&w->path, mem_dup(session));
	w->at = 0;
	w->lost = false;
	return 0;
}

/* --- what the store has ------------------------------------------------- */

/*
 * "bytes=0-524287": the next is 524288.  Without one it has nothing.  Whole
 * units are kept, and what has come before is passed over by the store.
 */
static off_t
next_of(const struct http_response *r)
{
	const char *range = kvs_get(&r->headers, "range");
	const char *end = range ? strrchr(range, '-') : NULL;
	off_t next = end ? (off_t)strtoll(end + 1, NULL, 10) + 1 : 0;

	return next / GS_CHUNK_UNIT * GS_CHUNK_UNIT;
}

/* Whether the answer is of an object of that size, as far as it tells. */
static bool
is_whole(const struct http_response *r, off_t size)
{
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;
	const char *told;

	(void)json_parse(r->body.s, r->body.len, &o, &ignored);
	told = json_str(o, "size");
	return !told || strtoll(told, NULL, 10) == size;
}

/* Takes over the answer that says that all is there. */
static void
note_answer(struct session *w, struct http_response *r)
{
	if (r->status == 308) {
		w->at = next_of(r);
		return;
	}
	/* Ended too early: as good as forgotten. */
	if (!is_whole(r, w->b->size)) {
		w->lost = true;
		return;
	}
	w->at = w->b->size;
	http_response_free(&w->last);
	w->last = *r;
	*r = (struct http_response)HTTP_RESPONSE_INIT;
}

static int
put(struct session *w, const struct gs_call *body, const char *range,
    struct http_response *r, struct err *err)
{
	cleanup_kvs struct kvs headers = KVS_INIT;
	struct gs_call call = *body;
	int got;

	kvs_set(&headers, "content-range", range);
	call.method = "PUT";
	call.path = w->path;
	call.name = w->name;
	call.headers = &headers;
	call.session = true;
	got = gs_send(w->s, &call, r, err);
	if (got < 0 && (r->status == 404 || r->status == 410))
		w->lost = true;
	return got;
}

static int
ask(struct session *w, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_free char *range =
	    mem_printf("bytes */%lld", (long long)w->b->size);
	struct gs_call call = {.data = "", .fd = -1};

	if (put(w, &call, range, &r, err) < 0)
		return -1;
	note_answer(w, &r);
	return 0;
}

/* After a chunk without an answer: what has come is not sent again. */
static int
has_moved_on(void *ctx)
{
	struct session *w = ctx;
	struct err ignored = ERR_INIT;

	if (ask(w, &ignored)) {
		log_debug("%s", ignored.msg);
		return w->lost;
	}
	return w->at > w->sending;
}

/* --- chunks ------------------------------------------------------------- */

static int
send_chunk(struct session *w, bool *shrank, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	off_t left = w->b->size - w->at;
	off_t size = left < w->s->chunk ? left : w->s->chunk;
	cleanup_free char *range =
	    mem_printf("bytes %lld-%lld/%lld", (long long)w->at,
	               (long long)(w->at + size - 1), (long long)w->b->size);
	struct gs_call call = {
	    .fd = w->b->fd,
	    .offset = w->at,
	    .size = size,
	    .is_done = has_moved_on,
	    .ctx = w,
	    .running = &w->running,
	};
	int got;

	w->sending = w->at;
	got = put(w, &call, range, &r, err);
	*shrank = r.shrank;
	if (got < 0)
		return -1;
	if (!got)
		note_answer(w, &r);
	if (w->at < w->sending || w->at > w->b->size)
		return err_set(err, ERR_REMOTE,
		               "the store has lost its place in the upload");
	return 0;
}

static void
give_up(struct session *w)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	struct gs_call call = {
	    .method = "DELETE",
	    .path = w->path,
	    .name = w->name,
	    .data = "",
	    .fd = -1,
	    .once = true,
	};
	struct err ignored = ERR_INIT;

	/* 499 is what a session that has been ended answers. */
	if (gs_send(w->s, &call, &r, &ignored) && r.status != 499)
		log_debug("%s", ignored.msg);
}

/* 1: the store has forgotten the session. */
static int
attempt(struct session *w, bool *shrank, struct err *err)
{
	int still = 0;

	if (begin(w, err))
		return -1;
	while (w->at < w->b->size || !w->last.status) {
		off_t before = w->at;

		if (send_chunk(w, shrank, err)) {
			if (w->lost)
				return 1;
			give_up(w);
			return -1;
		}
		if (w->lost)
			return 1;
		still = w->at == before ? still + 1 : 0;
		if (still > SESSIONS_MAX) {
			give_up(w);
			return err_set(err, ERR_RETRY,
			               "the store takes no more of the file");
		}
	}
	return 0;
}

int
gs_put_resumable(struct artifact_gs *s, const char *name,
                 const char *content_type, const struct body *b, bool *shrank,
                 struct err *err)
{
	struct session w = {
	    .s = s,
	    .name = name,
	    .content_type = content_type,
	    .b = b,
	    .last = HTTP_RESPONSE_INIT,
	};
	int got = 1;

	for (int i = 0; i < SESSIONS_MAX && got > 0; i++) {
		running_md5_init(&w.running);
		got = attempt(&w, shrank, err);
		if (!got)
			got = gs_check_sent(&w.last, &w.running, b->size, err);
		running_md5_free(&w.running);
	}
	if (got > 0)
		got = err_set(err, ERR_RETRY,
		              "the store forgets the upload, again and again");
	http_response_free(&w.last);
	free(w.path);
	return got;
}
