/* SPDX-License-Identifier: MIT */
/* body.h - sending files that change while they are sent */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct err;

/* What is sent: 'size' bytes at 'data', or of 'fd' where that is NULL. */
struct body {
	const void *data;
	int fd;
	off_t size;
};

/* Sends once; *shrank: it failed because the file got shorter. */
typedef int body_sender(void *ctx, const struct body *b, bool *shrank,
                        struct err *err);

/*
 * Sends the first 'size' bytes of 'fd'; a file that gets shorter meanwhile is
 * sent again as it is then.  With 0 all that can be read is sent, which must
 * not be more than 64 MiB: ERR_FORMAT.
 */
int body_send(int fd, off_t size, body_sender *send, void *ctx,
              struct err *err);
