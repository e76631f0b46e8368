/* SPDX-License-Identifier: MIT */
/* transfer.c - bytes of one exchange as they come and go */
#include "wire/transfer.h"

#include <ctype.h>
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/http.h"

enum {
	ANSWER_MAX = 16 << 20,
	HEADERS_MAX = 256 << 10,
	HEADER_MAX = 8 << 10,
	SLOW_BYTES = 64, /* a second; an answer that comes slower is stuck */
};

static int64_t
now_ms(void)
{
	return clock_mono_ns() / 1000000;
}

static int
give_up(struct transfer *t, enum err_kind kind, const char *why)
{
	t->bad_kind = kind;
	t->bad = why;
	return -1;
}

void
transfer_begin(struct transfer *t)
{
	t->moved_at = now_ms();
}

static bool
is_wanted(const char *name)
{
	static const char *const wanted[] = {
	    "content-type",
	    "content-length",
	    "retry-after",
	    "location",
	    "etag",
	    "range",
	    "content-md5",
	    "x-ms-error-code",
	    "x-amz-bucket-region",
	    "x-amz-server-side-encryption",
	};

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (!strcmp(wanted[i], name))
			return true;
	return false;
}

static void
keep_header(struct http_response *r, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	cleanup_free char *name = NULL;
	cleanup_free char *value = NULL;

	if (!colon || len > HEADER_MAX)
		return;
	name = mem_ndup(line, (size_t)(colon - line));
	for (char *p = name; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	if (!is_wanted(name))
		return;
	colon++;
	len -= (size_t)(colon - line);
	for (; len && isspace((unsigned char)*colon); len--)
		colon++;
	while (len && isspace((unsigned char)colon[len - 1]))
		len--;
	value = mem_ndup(colon, len);
	kvs_set(&r->headers, name, value);
}

int
transfer_header(struct transfer *t, const char *line, size_t len)
{
	t->header_bytes += len;
	if (t->header_bytes > HEADERS_MAX)
		return give_up(t, ERR_REMOTE, "the headers never end");
	/* A status line, perhaps after that of a "100 Continue". */
	if (len > 5 && !strncmp(line, "HTTP/", 5))
		kvs_free(&t->response->headers);
	else
		keep_header(t->response, line, len);
	return 0;
}

int
transfer_body(struct transfer *t, int status, const void *data, size_t len)
{
	const struct http_request *r = t->request;
	struct buf *body = &t->response->body;
	size_t max = r->answer_max ? r->answer_max : ANSWER_MAX;

	if (!t->answered_at)
		t->answered_at = now_ms();
	if (r->sink && status / 100 == 2)
		return r->sink(r->ctx, data, len)
		           ? 0
		           : give_up(t, ERR_NONE, "enough");
	if (len > max - body->len)
		return give_up(t, ERR_REMOTE, "the answer is far too long");
	buf_add(body, data, len);
	return 0;
}

ssize_t
transfer_read(struct transfer *t, void *to, size_t max)
{
	const struct http_request *r = t->request;
	off_t left = r->size - t->sent;
	ssize_t got;

	if ((off_t)max > left)
		max = (size_t)left;
	if (!max)
		return 0;
	if (r->data) {
		memcpy(to, (const char *)r->data + t->sent, max);
		got = (ssize_t)max;
	} else {
		do
			got = pread(r->fd, to, max, r->offset + t->sent);
		while (got < 0 && errno == EINTR);
	}
	if (got < 0)
		return give_up(t, ERR_SYS, "the file cannot be read");
	t->response->shrank = got == 0;
	if (!got)
		return give_up(t, ERR_SYS, "the file got shorter");
	if (r->tap)
		r->tap(r->ctx, t->sent, to, (size_t)got);
	t->sent += got;
	return got;
}

/* Whether an answer has begun and does not get on. */
static bool
crawls(const struct transfer *t, int64_t down, int64_t now)
{
	int64_t since = now - t->answered_at;

	return t->answered_at && since > t->timeout_ms &&
	       down < since / 1000 * SLOW_BYTES;
}

int
transfer_progress(struct transfer *t, int64_t down, int64_t up)
{
	int64_t now = now_ms();

	if (t->stop && t->stop())
		return give_up(t, ERR_RETRY, "interrupted");
	if (down + up != t->moved) {
		t->moved = down + up;
		t->moved_at = now;
	}
	if (now - t->moved_at <= t->timeout_ms && !crawls(t, down, now))
		return 0;
	return give_up(t, ERR_RETRY,
	               "the server makes no progress (waited as long as "
	               "MLFLOW_HTTP_REQUEST_TIMEOUT says)");
}
