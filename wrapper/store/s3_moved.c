/* SPDX-License-Identifier: MIT */
/* s3_moved.c - a bucket that is somewhere else than we thought */
#include <ctype.h>

#include "base/buf.h"
#include "base/log.h"
#include "store/artifact_s3.h"
#include "wire/http.h"
#include "wire/xml_text.h"

/* Where else the bucket lies, by an answer; true: somewhere new. */
static bool
take_region(struct artifact_s3 *s, const struct http_response *response)
{
	cleanup_buf struct buf text = BUF_INIT;
	const char *region = kvs_get(&response->headers, "x-amz-bucket-region");

	if (!region && xml_text(response->body.s, "Region", &text))
		region = text.s;
	if (!region || !*region || strlen(region) > 40 ||
	    !strcmp(region, s->place.region))
		return false;
	for (const char *p = region; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '-')
			return false;
	log_debug("bucket '%s' is in region '%s'", s->place.bucket, region);
	mem_replace(&s->place.region, mem_dup(region));
	mem_replace(&s->place.moved, NULL);
	return true;
}

/* A host that the store has named; no other may see what is signed. */
static bool
take_host(struct artifact_s3 *s, const char *host, size_t len)
{
	cleanup_free char *name = mem_ndup(host, len);
	cleanup_buf struct buf now = BUF_INIT;

	s3_place_host(&s->place, &now);
	if (!*name || !strcmp(name, now.s) || name[strcspn(name, " @\r\n\t")] ||
	    !s3_place_trusts(&s->place, name))
		return false;
	log_debug("bucket '%s' is at '%s'", s->place.bucket, name);
	mem_replace(&s->place.moved, mem_steal(&name));
	return true;
}

bool
s3_has_moved(struct artifact_s3 *s, const struct http_response *response)
{
	const char *location = kvs_get(&response->headers, "location");
	const char *scheme = s3_place_scheme(&s->place);
	size_t len = strlen(scheme);
	cleanup_buf struct buf text = BUF_INIT;

	/* 400 is for a request that was signed for another region. */
	if (response->status != 301 && response->status != 307 &&
	    response->status != 400)
		return false;
	if (take_region(s, response))
		return true;
	if (response->status == 400)
		return false;
	if (location && !strncmp(location, scheme, len) &&
	    !strncmp(location + len, "://", 3)) {
		location += len + 3;
		return take_host(s, location, strcspn(location, "/?#"));
	}
	return xml_text(response->body.s, "Endpoint", &text) &&
	       take_host(s, text.s, text.len);
}
