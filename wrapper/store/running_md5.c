/* SPDX-License-Identifier: MIT */
/* running_md5.c - the MD5 of a file as its pieces are sent */
#include "store/running_md5.h"

#include "base/err.h"
#include "wire/digest.h"

void
running_md5_init(struct running_md5 *r)
{
	struct err ignored = ERR_INIT;

	*r = (struct running_md5){.at = 0};
	(void)digest_new(DIGEST_MD5, &r->digest, &ignored);
}

void
running_md5_free(struct running_md5 *r)
{
	digest_free(r->digest);
	r->digest = NULL;
}

void
running_md5_add(struct running_md5 *r, off_t at, const void *data, size_t len)
{
	off_t known = r->at - at;

	if (known < 0)
		r->torn = true;
	if (!r->digest || r->torn || known >= (off_t)len)
		return;
	digest_add(r->digest, (const char *)data + known, len - (size_t)known);
	r->at += (off_t)len - known;
}

bool
running_md5_end(struct running_md5 *r, off_t size, unsigned char ret[32])
{
	if (!r->digest || r->torn || r->at != size)
		return false;
	digest_end(r->digest, ret);
	running_md5_free(r);
	return true;
}
