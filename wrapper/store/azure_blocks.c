/* SPDX-License-Identifier: MIT */
/* azure_blocks.c - one large file as a blob of blocks */
#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/artifact_azure.h"
#include "store/running_md5.h"
#include "wire/digest.h"
#include "wire/http.h"

enum { BLOCKS_MAX = 50000 };

struct blocks {
	struct artifact_azure *s;
	const char *name;
	const struct body *b;
	char upload[33]; /* blocks of two uploads must not be mixed */
	struct running_md5 running;
	struct buf list;
};

/* All ids of a blob must be of the same length. */
static void
add_id(const struct blocks *w, int number, struct buf *to)
{
	cleanup_free char *text = mem_printf("%s-%06d", w->upload, number);

	enc_base64(to, text, strlen(text));
}

static int
send_block(struct blocks *w, int number, off_t offset, off_t size, bool *shrank,
           struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_buf struct buf id = BUF_INIT;
	cleanup_buf struct buf query = BUF_INIT;
	struct azure_call call = {
	    .method = "PUT",
	    .name = w->name,
	    .fd = w->b->fd,
	    .offset = offset,
	    .size = size,
	    .running = &w->running,
	};
	int got;

	add_id(w, number, &id);
	buf_addf(&w->list, "<Latest>%s</Latest>", id.s);
	buf_adds(&query, "blockid=");
	enc_percent(&query, id.s, "");
	buf_adds(&query, "&comp=block");
	call.query = query.s;
	got = azure_send(w->s, &call, &r, err);
	*shrank = r.shrank;
	return got ? err_wrap(err, "block %d", number) : 0;
}

/* Without its sum nobody could tell later what is there. */
static void
set_sum(struct blocks *w, struct kvs *headers)
{
	unsigned char hash[DIGEST_MAX];
	cleanup_buf struct buf text = BUF_INIT;

	if (!running_md5_end(&w->running, w->b->size, hash))
		return;
	enc_base64(&text, hash, MD5_SIZE);
	kvs_set(headers, "x-ms-blob-content-md5", text.s);
}

/* Doing it twice does no harm: the blocks are the blob's then. */
static int
commit(struct blocks *w, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_kvs struct kvs headers = KVS_INIT;
	struct azure_call call = {
	    .method = "PUT",
	    .name = w->name,
	    .query = "comp=blocklist",
	    .headers = &headers,
	    .fd = -1,
	};

	set_sum(w, &headers);
	kvs_set(&headers, "content-type", "application/xml");
	buf_adds(&w->list, "</BlockList>");
	call.data = w->list.s;
	call.size = (off_t)w->list.len;
	return azure_send(w->s, &call, &r, err);
}

static int
send_all(struct blocks *w, bool *shrank, struct err *err)
{
	off_t part =
	    objects_part_size(w->b->size, AZURE_BLOCKS_FROM, BLOCKS_MAX);
	int number = 1;

	buf_adds(&w->list, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
	                   "<BlockList>");
	for (off_t at = 0; at < w->b->size; at += part) {
		off_t left = w->b->size - at;

		if (send_block(w, number++, at, left < part ? left : part,
		               shrank, err))
			return -1;
	}
	return commit(w, err);
}

/* Blocks that belong to no blob are gone after a week: there is no abort. */
int
azure_put_blocks(struct artifact_azure *s, const char *name,
                 const struct body *b, bool *shrank, struct err *err)
{
	struct blocks w = {.s = s, .name = name, .b = b, .list = BUF_INIT};
	int got;

	clock_uuid_hex(w.upload);
	running_md5_init(&w.running);
	got = send_all(&w, shrank, err);
	running_md5_free(&w.running);
	buf_free(&w.list);
	return got;
}
