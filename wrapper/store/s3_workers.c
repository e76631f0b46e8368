/* SPDX-License-Identifier: MIT */
/* s3_workers.c - parts of an upload, a few at a time */
#include <stdatomic.h>

#include "base/buf.h"
#include "base/log.h"
#include "store/s3_upload.h"
#include "wire/http.h"

/*
 * Beside the thread that wants a file stored, for one file and for all that
 * are stored at the same time: each has buffers and a connection of its own.
 */
enum { HELPERS_OF_ONE = 3, HELPERS_MAX = 6 };

static atomic_int helpers;

off_t
s3_part_offset(const struct s3_upload *u, int i)
{
	return i * u->part;
}

off_t
s3_part_length(const struct s3_upload *u, int i)
{
	off_t left = u->whole->size - s3_part_offset(u, i);

	return left < u->part ? left : u->part;
}

/* *etag: what the store says of it; owned. */
static int
send_part(struct artifact_s3 *s, const struct s3_upload *u, int i, char **etag,
          bool *shrank, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_free char *query =
	    mem_printf("partNumber=%d&uploadId=%s", i + 1, u->id);
	struct s3_call call = {
	    .method = "PUT",
	    .key = u->whole->key,
	    .query = query,
	    .fd = u->whole->fd,
	    .offset = s3_part_offset(u, i),
	    .size = s3_part_length(u, i),
	    .with_md5 = u->whole->with_md5,
	};
	const char *told;

	if (s3_send(s, &call, &r, err)) {
		*shrank = r.shrank;
		return err_wrap(err, "part %d", i + 1);
	}
	told = kvs_get(&r.headers, "etag");
	if (!told || strpbrk(told, "<>&"))
		return err_set(err, ERR_REMOTE,
		               "the store's answer to part %d has no ETag",
		               i + 1);
	if (!s3_check_sent(s, &call, &r))
		return err_set(err, ERR_RETRY,
		               "part %d: the store has other bytes than were "
		               "sent",
		               i + 1);
	*etag = mem_dup(told);
	return 0;
}

/* The next part to send; -1: none. */
static int
next_part(struct s3_upload *u)
{
	int i = -1;

	pthread_mutex_lock(&u->lock);
	while (!u->failed && u->next < u->n && u->etags[u->next])
		u->next++;
	if (!u->failed && u->next < u->n)
		i = u->next++;
	pthread_mutex_unlock(&u->lock);
	return i;
}

static void
work(struct artifact_s3 *s, struct s3_upload *u)
{
	int i;

	while ((i = next_part(u)) >= 0) {
		struct err err = ERR_INIT;
		bool shrank = false;
		char *etag = NULL;
		int failed = send_part(s, u, i, &etag, &shrank, &err);

		pthread_mutex_lock(&u->lock);
		u->etags[i] = etag;
		u->shrank |= shrank;
		if (failed && !u->failed)
			u->err = err;
		u->failed |= failed != 0;
		pthread_mutex_unlock(&u->lock);
	}
}

/* A store of its own: one is for one thread at a time. */
static void *
help(void *arg)
{
	struct s3_upload *u = arg;
	struct artifact_s3 *s;
	struct err err = ERR_INIT;

	pthread_mutex_lock(&u->lock);
	s = s3_twin(u->s, &err);
	pthread_mutex_unlock(&u->lock);
	if (!s) {
		log_debug("%s", err.msg);
		return NULL;
	}
	work(s, u);
	artifact_close(&s->base.base);
	return NULL;
}

static bool
take_helper(void)
{
	if (atomic_fetch_add(&helpers, 1) < HELPERS_MAX)
		return true;
	atomic_fetch_sub(&helpers, 1);
	return false;
}

static int
missing(const struct s3_upload *u)
{
	int n = 0;

	for (int i = 0; i < u->n; i++)
		n += !u->etags[i];
	return n;
}

int
s3_send_parts(struct s3_upload *u, struct err *err)
{
	pthread_t threads[HELPERS_OF_ONE];
	int wanted = missing(u) - 1;
	int n = 0;

	if (wanted > HELPERS_OF_ONE)
		wanted = HELPERS_OF_ONE;
	while (n < wanted && take_helper()) {
		if (pthread_create(&threads[n], NULL, help, u)) {
			atomic_fetch_sub(&helpers, 1);
			break;
		}
		n++;
	}
	work(u->s, u);
	for (int i = 0; i < n; i++) {
		pthread_join(threads[i], NULL);
		atomic_fetch_sub(&helpers, 1);
	}
	if (!u->failed)
		return 0;
	*err = u->err;
	return -1;
}
