/* SPDX-License-Identifier: MIT */
/* s3_list.c - what a bucket holds already, and whether it is the same */
#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/log.h"
#include "store/artifact_s3.h"
#include "wire/digest.h"
#include "wire/http.h"
#include "wire/xml_text.h"

enum { PAGES_MAX = 100 };

void
s3_copy_etag(char ret[64], const char *etag)
{
	size_t len;

	if (!strncmp(etag, "W/", 2))
		etag += 2;
	if (*etag == '"')
		etag++;
	len = strcspn(etag, "\"");
	snprintf(ret, 64, "%.*s", len < 64 ? (int)len : 0, etag);
}

/* --- the listing -------------------------------------------------------- */

/* One "<Contents>" element, cut out. */
static void
take_object(struct artifact_s3 *s, const char *xml, size_t prefix)
{
	cleanup_buf struct buf key = BUF_INIT;
	cleanup_buf struct buf size = BUF_INIT;
	cleanup_buf struct buf etag = BUF_INIT;
	struct s3_object *o;
	void **at;

	if (!xml_text(xml, "Key", &key) || key.len <= prefix ||
	    !xml_text(xml, "Size", &size) || !xml_text(xml, "ETag", &etag))
		return;
	at = map_at(&s->there, key.s + prefix);
	if (!*at)
		*at = mem_alloc(sizeof(*o));
	o = *at;
	o->size = strtoll(size.s, NULL, 10);
	s3_copy_etag(o->etag, etag.s);
}

/* Cuts the answer into pieces; returns where to go on, NULL: at the end. */
static char *
take_page(struct artifact_s3 *s, char *xml, size_t prefix)
{
	cleanup_buf struct buf token = BUF_INIT;
	char *next;
	bool more = xml_text(xml, "NextContinuationToken", &token) && token.len;

	while ((xml = strstr(xml, "<Contents>"))) {
		next = strstr(xml, "</Contents>");
		if (!next)
			break;
		*next = '\0';
		take_object(s, xml, prefix);
		xml = next + 1;
	}
	return more ? buf_detach(&token) : NULL;
}

static char *
list_query(const char *prefix, const char *token)
{
	cleanup_buf struct buf query = BUF_INIT;

	if (token) {
		buf_adds(&query, "continuation-token=");
		enc_percent(&query, token, "");
		buf_addc(&query, '&');
	}
	buf_adds(&query, "list-type=2&prefix=");
	enc_percent(&query, prefix, "");
	return buf_detach(&query);
}

/* 0: all of it is known; 1: there is more than we want to know. */
static int
read_list(struct artifact_s3 *s, int *status, struct err *err)
{
	cleanup_free char *prefix = s3_place_key(&s->place, "");
	cleanup_free char *token = NULL;

	for (int i = 0; i < PAGES_MAX; i++) {
		cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
		cleanup_free char *query = list_query(prefix, token);
		struct s3_call call = {
		    .method = "GET",
		    .query = query,
		    .fd = -1,
		};

		if (s3_send(s, &call, &r, err)) {
			*status = r.status;
			return -1;
		}
		mem_replace(&token, take_page(s, r.body.s, strlen(prefix)));
		if (!token)
			return 0;
	}
	return 1;
}

/* Who may only write is not told what is there: each file is asked for. */
static int
load_list(struct artifact_s3 *s, struct err *err)
{
	int status = 0;
	int got = read_list(s, &status, err);

	if (got < 0 && status != 403 && status != 405 && status != 501)
		return -1;
	if (got < 0)
		log_debug("%s", err->msg);
	s->listing = got ? LISTING_PART : LISTING_WHOLE;
	return 0;
}

int
s3_head(struct artifact_s3 *s, const char *key, struct s3_object *ret,
        struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	struct s3_call call = {.method = "HEAD", .key = key, .fd = -1};
	const char *length;
	const char *etag;

	if (s3_send(s, &call, &r, err)) {
		/* Nothing there, or nothing that we may be told. */
		if (r.status == 403)
			s->listing = LISTING_NONE;
		return r.status == 404 || r.status == 403 ? 0 : -1;
	}
	length = kvs_get(&r.headers, "content-length");
	etag = kvs_get(&r.headers, "etag");
	if (!length || !etag)
		return 0;
	ret->size = strtoll(length, NULL, 10);
	s3_copy_etag(ret->etag, etag);
	return 1;
}

int
s3_find(struct artifact_s3 *s, const char *artifact, struct s3_object *ret,
        struct err *err)
{
	const struct s3_object *o;
	cleanup_free char *key = NULL;

	if (s->listing == LISTING_UNKNOWN && load_list(s, err))
		return -1;
	o = map_get(&s->there, artifact);
	if (o) {
		*ret = *o;
		return 1;
	}
	if (s->listing != LISTING_PART)
		return 0;
	key = s3_place_key(&s->place, artifact);
	return s3_head(s, key, ret, err);
}

/* --- ETags -------------------------------------------------------------- */

static int
md5_of(int fd, off_t offset, off_t size, unsigned char ret[DIGEST_MAX],
       struct err *err)
{
	cleanup_digest struct digest *d = NULL;

	if (digest_new(DIGEST_MD5, &d, err) ||
	    digest_add_file(d, fd, offset, size, err))
		return -1;
	digest_end(d, ret);
	return 0;
}

/* Of parts: the MD5 of the parts' MD5s, and how many they are. */
static int
md5_of_parts(int fd, off_t size, unsigned char ret[DIGEST_MAX], struct err *err)
{
	cleanup_digest struct digest *all = NULL;
	off_t part = s3_part_size(size);

	if (digest_new(DIGEST_MD5, &all, err))
		return -1;
	for (off_t at = 0; at < size; at += part) {
		off_t left = size - at;

		if (md5_of(fd, at, left < part ? left : part, ret, err))
			return -1;
		digest_add(all, ret, MD5_SIZE);
	}
	digest_end(all, ret);
	return 0;
}

int
s3_etag_matches(const char *etag, int fd, off_t size, struct err *err)
{
	size_t digits = strspn(etag, "0123456789abcdefABCDEF");
	cleanup_buf struct buf hex = BUF_INIT;
	unsigned char hash[DIGEST_MAX];
	off_t n = 0;

	if (digits != 2 * (size_t)MD5_SIZE)
		return 0;
	if (etag[digits] == '-')
		n = strtoll(etag + digits + 1, NULL, 10);
	else if (etag[digits])
		return 0;
	if (n && n != (size + s3_part_size(size) - 1) / s3_part_size(size))
		return 0;
	if (n ? md5_of_parts(fd, size, hash, err)
	      : md5_of(fd, 0, size, hash, err))
		/* No MD5 here, or the file got shorter: it is not the same. */
		return err->kind == ERR_SYS ? -1 : 0;
	enc_hex(&hex, hash, MD5_SIZE);
	return !strncasecmp(hex.s, etag, digits);
}
