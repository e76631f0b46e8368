/* SPDX-License-Identifier: MIT */
/* running_md5.h - the MD5 of a file as its pieces are sent, each perhaps twice
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct digest;

struct running_md5 {
	struct digest *digest; /* NULL: this machine has none */
	off_t at;              /* what has been added so far */
	bool torn;             /* a piece was left out */
};

void running_md5_init(struct running_md5 *r);
void running_md5_free(struct running_md5 *r);

/* What was added already is passed over. */
void running_md5_add(struct running_md5 *r, off_t at, const void *data,
                     size_t len);

/* False: not known of all 'size' bytes.  Ends it. */
bool running_md5_end(struct running_md5 *r, off_t size, unsigned char ret[32]);
