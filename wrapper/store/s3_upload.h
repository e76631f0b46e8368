/* SPDX-License-Identifier: MIT */
/* s3_upload.h - an upload in parts on its way, for its files alone */
#pragma once

#include <pthread.h>

#include "base/err.h"
#include "store/artifact_s3.h"

struct s3_upload {
	struct artifact_s3 *s;
	const struct s3_call *whole;
	char *id; /* encoded */
	off_t part;
	int n;
	char **etags; /* of each part that the store has; NULL: not yet */

	pthread_mutex_t lock; /* of all below, and of 'etags' */
	int next;             /* the part to look at next, from 0 on */
	bool failed;          /* 'err' and 'shrank' tell how */
	bool shrank;
	struct err err;
};

/* The offset and size of part 'i', from 0 on. */
off_t s3_part_offset(const struct s3_upload *u, int i);
off_t s3_part_length(const struct s3_upload *u, int i);

/*
 * Sets the ETags of those parts that an earlier process has sent, as far as
 * the store shows that their bytes are the file's.  ERR_NOTFOUND: the store
 * knows no such upload.
 */
int s3_find_parts(struct s3_upload *u, struct err *err);

/* Sends all that have no ETag yet, a few at a time. */
int s3_send_parts(struct s3_upload *u, struct err *err);
