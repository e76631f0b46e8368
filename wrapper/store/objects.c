/* SPDX-License-Identifier: MIT */
/* objects.c - what all stores of objects share */
#include "store/objects.h"

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/log.h"
#include "wire/digest.h"

#define MIB ((off_t)1 << 20)

enum { PAGES_MAX = 100 };

void
objects_free(struct objects *o)
{
	map_free(&o->there, free);
	map_free(&o->put, NULL);
}

/* --- what is there ------------------------------------------------------ */

void
object_set_tag(struct object *o, const char *tag, size_t len)
{
	snprintf(o->tag, sizeof(o->tag), "%.*s",
	         len < sizeof(o->tag) ? (int)len : 0, tag);
}

void
object_set_md5(struct object *o, const char *md5)
{
	cleanup_buf struct buf raw = BUF_INIT;
	cleanup_buf struct buf hex = BUF_INIT;

	if (md5 && !enc_unbase64(&raw, md5) && raw.len == MD5_SIZE)
		enc_hex(&hex, raw.s, raw.len);
	object_set_tag(o, hex.s, hex.len);
}

void
objects_add(struct objects *o, const char *artifact, off_t size,
            const char *tag)
{
	void **at = map_at(&o->there, artifact);
	struct object *object;

	if (!*at)
		*at = mem_alloc(sizeof(*object));
	object = *at;
	object->size = size;
	object_set_tag(object, tag, strlen(tag));
}

/* 0: all of it is known; 1: there is more than we want to know. */
static int
read_list(struct objects *o, int *status, struct err *err)
{
	cleanup_free char *token = NULL;

	for (int i = 0; i < PAGES_MAX; i++) {
		if (o->ops->list(o, &token, status, err))
			return -1;
		if (!token)
			return 0;
	}
	return 1;
}

/* Who may only write is not told what is there: each file is asked for. */
static int
load_list(struct objects *o, struct err *err)
{
	int status = 0;
	int got = read_list(o, &status, err);

	if (got < 0 && status != 403 && status != 405 && status != 501)
		return -1;
	if (got < 0)
		log_debug("%s", err->msg);
	o->listing = got ? LISTING_PART : LISTING_WHOLE;
	return 0;
}

/* 1: known to be there, see *ret; 0: not, or the store does not tell. */
static int
find(struct objects *o, const char *artifact, struct object *ret,
     struct err *err)
{
	const struct object *object;
	bool hidden = false;
	int got;

	if (o->listing == LISTING_UNKNOWN && load_list(o, err))
		return -1;
	object = map_get(&o->there, artifact);
	if (object) {
		*ret = *object;
		return 1;
	}
	if (o->listing != LISTING_PART)
		return 0;
	got = o->ops->head(o, artifact, ret, &hidden, err);
	if (hidden)
		o->listing = LISTING_NONE;
	return got;
}

/* --- the verbs ---------------------------------------------------------- */

struct putting {
	struct objects *o;
	const char *artifact;
};

static int
put_body(void *ctx, const struct body *b, bool *shrank, struct err *err)
{
	const struct putting *p = ctx;

	return p->o->ops->put(p->o, p->artifact, b, shrank, err);
}

int
objects_put(struct artifact *a, const char *key, int fd, off_t size,
            struct err *err)
{
	struct objects *o = container_of(a, struct objects, base);
	struct putting p = {.o = o, .artifact = key};

	*map_at(&o->put, key) = o;
	return body_send(fd, size, put_body, &p, err)
	           ? err_wrap(err, "artifact '%s'", key)
	           : 0;
}

int
objects_same(struct artifact *a, const char *key, int fd, off_t size,
             struct err *err)
{
	struct objects *o = container_of(a, struct objects, base);
	struct object there;
	int got;

	/* What we have put is put again because it has changed. */
	if (map_get(&o->put, key))
		return 0;
	got = find(o, key, &there, err);
	if (got > 0)
		got = there.size == size && *there.tag
		          ? o->ops->matches(there.tag, fd, size, err)
		          : 0;
	return got < 0 ? err_wrap(err, "artifact '%s'", key) : got;
}

/* --- sums and parts ----------------------------------------------------- */

int
objects_md5_hex(int fd, off_t offset, off_t size, char ret[33], struct err *err)
{
	cleanup_digest struct digest *d = NULL;
	cleanup_buf struct buf hex = BUF_INIT;
	unsigned char hash[DIGEST_MAX];

	if (digest_new(DIGEST_MD5, &d, err) ||
	    digest_add_file(d, fd, offset, size, err))
		return -1;
	digest_end(d, hash);
	enc_hex(&hex, hash, MD5_SIZE);
	memcpy(ret, hex.s, 2 * (size_t)MD5_SIZE + 1);
	return 0;
}

int
objects_md5_matches(const char *tag, int fd, off_t size, struct err *err)
{
	char hex[33];

	/* No MD5 here, or the file got shorter: it is not the same. */
	if (objects_md5_hex(fd, 0, size, hex, err))
		return err->kind == ERR_SYS ? -1 : 0;
	return !strcasecmp(hex, tag);
}

off_t
objects_part_size(off_t size, off_t least, int max)
{
	off_t needed = (size + max - 1) / max;

	return needed <= least ? least : (needed + MIB - 1) / MIB * MIB;
}

off_t
objects_size_setting(const char *name, off_t fallback)
{
	const char *value = getenv(name);
	char *end;
	long long n;

	if (!value || !*value)
		return fallback;
	n = strtoll(value, &end, 10);
	return *end || n <= 0 ? fallback : (off_t)n;
}
