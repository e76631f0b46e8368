/* SPDX-License-Identifier: MIT */
/* s3_found.c - parts of an upload that the store has already */
#include "base/buf.h"
#include "base/log.h"
#include "store/s3_upload.h"
#include "wire/http.h"
#include "wire/xml_text.h"

enum { PAGES_MAX = 100 };

/* 1: those are the bytes of our file; parts without an MD5 are sent again. */
static int
is_same(const struct s3_upload *u, int i, const char *etag, struct err *err)
{
	struct object there = {.size = 0};
	char hex[33];

	if (u->s->odd_etags)
		return 0;
	s3_set_etag(&there, etag);
	if (objects_md5_hex(u->whole->fd, s3_part_offset(u, i),
	                    s3_part_length(u, i), hex, err))
		return err->kind == ERR_SYS ? -1 : 0;
	return !strcasecmp(hex, there.tag);
}

/* One "<Part>" element, cut out. */
static int
take_part(struct s3_upload *u, const char *xml, struct err *err)
{
	cleanup_buf struct buf number = BUF_INIT;
	cleanup_buf struct buf size = BUF_INIT;
	cleanup_buf struct buf etag = BUF_INIT;
	long i;
	int same;

	if (!xml_text(xml, "PartNumber", &number) ||
	    !xml_text(xml, "Size", &size) || !xml_text(xml, "ETag", &etag))
		return 0;
	i = strtol(number.s, NULL, 10) - 1;
	if (i < 0 || i >= u->n || strpbrk(etag.s, "<>&") ||
	    strtoll(size.s, NULL, 10) != s3_part_length(u, (int)i))
		return 0;
	same = is_same(u, (int)i, etag.s, err);
	if (same > 0)
		mem_replace(&u->etags[i], mem_dup(etag.s));
	return same < 0 ? -1 : 0;
}

/* *marker: where to go on; empty: that was the last page. */
static int
take_page(struct s3_upload *u, char *xml, struct buf *marker, struct err *err)
{
	cleanup_buf struct buf more = BUF_INIT;
	const char *part;

	buf_reset(marker);
	if (xml_text(xml, "IsTruncated", &more) && !strcmp(more.s, "true"))
		xml_text(xml, "NextPartNumberMarker", marker);
	if (marker->s[strspn(marker->s, "0123456789")])
		buf_reset(marker);
	while ((part = xml_cut(&xml, "Part")))
		if (take_part(u, part, err))
			return -1;
	return 0;
}

int
s3_find_parts(struct s3_upload *u, struct err *err)
{
	cleanup_buf struct buf marker = BUF_INIT;
	int found = 0;

	for (int i = 0; i < PAGES_MAX && (!i || marker.len); i++) {
		cleanup_response struct http_response r = HTTP_RESPONSE_INIT;
		cleanup_free char *query =
		    i ? mem_printf("part-number-marker=%s&uploadId=%s",
		                   marker.s, u->id)
		      : mem_printf("uploadId=%s", u->id);
		struct s3_call call = {
		    .method = "GET",
		    .key = u->whole->key,
		    .query = query,
		    .fd = -1,
		};

		if (s3_send(u->s, &call, &r, err)) {
			if (r.status == 404)
				err->kind = ERR_NOTFOUND;
			return -1;
		}
		if (take_page(u, r.body.s, &marker, err))
			return -1;
	}
	for (int i = 0; i < u->n; i++)
		found += u->etags[i] != NULL;
	log_debug("%d of %d parts are there already", found, u->n);
	return 0;
}
