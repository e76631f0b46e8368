/* SPDX-License-Identifier: MIT */
/* s3_list.c - what a bucket holds already, and whether it is the same */
#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/artifact_s3.h"
#include "wire/digest.h"
#include "wire/http.h"
#include "wire/xml_text.h"

void
s3_set_etag(struct object *o, const char *etag)
{
	if (!strncmp(etag, "W/", 2))
		etag += 2;
	if (*etag == '"')
		etag++;
	object_set_tag(o, etag, strcspn(etag, "\""));
}

/* --- the listing -------------------------------------------------------- */

/* One "<Contents>" element, cut out. */
static void
take_object(struct artifact_s3 *s, const char *xml, size_t prefix)
{
	cleanup_buf struct buf key = BUF_INIT;
	cleanup_buf struct buf size = BUF_INIT;
	cleanup_buf struct buf etag = BUF_INIT;
	struct object o = {.size = 0};

	if (!xml_text(xml, "Key", &key) || key.len <= prefix ||
	    !xml_text(xml, "Size", &size) || !xml_text(xml, "ETag", &etag))
		return;
	s3_set_etag(&o, etag.s);
	objects_add(&s->base, key.s + prefix, strtoll(size.s, NULL, 10), o.tag);
}

/* Cuts the answer into pieces; returns where to go on, NULL: at the end. */
static char *
take_page(struct artifact_s3 *s, char *xml, size_t prefix)
{
	cleanup_buf struct buf token = BUF_INIT;
	bool more = xml_text(xml, "NextContinuationToken", &token) && token.len;
	const char *object;

	while ((object = xml_cut(&xml, "Contents")))
		take_object(s, object, prefix);
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

int
s3_list(struct objects *o, char **token, int *status, struct err *err)
{
	struct artifact_s3 *s = container_of(o, struct artifact_s3, base);
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	cleanup_free char *prefix = s3_place_key(&s->place, "");
	cleanup_free char *query = list_query(prefix, *token);
	struct s3_call call = {.method = "GET", .query = query, .fd = -1};

	if (s3_send(s, &call, &r, err)) {
		*status = r.status;
		return -1;
	}
	mem_replace(token, take_page(s, r.body.s, strlen(prefix)));
	return 0;
}

int
s3_head_key(struct artifact_s3 *s, const char *key, struct object *ret,
            bool *hidden, struct err *err)
{
	cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
	struct s3_call call = {.method = "HEAD", .key = key, .fd = -1};
	const char *length;
	const char *etag;

	if (s3_send(s, &call, &r, err)) {
		/* Nothing there, or nothing that we may be told. */
		*hidden = r.status == 403;
		return r.status == 404 || r.status == 403 ? 0 : -1;
	}
	length = kvs_get(&r.headers, "content-length");
	etag = kvs_get(&r.headers, "etag");
	if (!length || !etag)
		return 0;
	ret->size = strtoll(length, NULL, 10);
	s3_set_etag(ret, etag);
	return 1;
}

int
s3_head(struct objects *o, const char *artifact, struct object *ret,
        bool *hidden, struct err *err)
{
	struct artifact_s3 *s = container_of(o, struct artifact_s3, base);
	cleanup_free char *key = s3_place_key(&s->place, artifact);

	return s3_head_key(s, key, ret, hidden, err);
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
md5_of_parts(int fd, off_t size, off_t part, unsigned char ret[DIGEST_MAX],
             struct err *err)
{
	cleanup_digest struct digest *all = NULL;

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

/* The size of 'n' parts, if they are ours or of boto3's default; 0: neither. */
static off_t
size_of_parts(off_t size, off_t n)
{
	const off_t sizes[] = {s3_part_size(size), S3_PARTS_FROM};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		if (n == (size + sizes[i] - 1) / sizes[i])
			return sizes[i];
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
	if (n && !size_of_parts(size, n))
		return 0;
	if (n ? md5_of_parts(fd, size, size_of_parts(size, n), hash, err)
	      : md5_of(fd, 0, size, hash, err))
		/* No MD5 here, or the file got shorter: it is not the same. */
		return err->kind == ERR_SYS ? -1 : 0;
	enc_hex(&hex, hash, MD5_SIZE);
	return !strncasecmp(hex.s, etag, digits);
}
