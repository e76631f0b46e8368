/* SPDX-License-Identifier: MIT */
/* buf.h - a growing string of bytes */
#pragma once

#include "base/mem.h"

/*
 * 's' is never NULL and always ends in a NUL that 'len' does not count, so a
 * buf can be passed wherever a C string is read.  The bytes may contain NUL.
 */
struct buf {
	char *s;
	size_t len;
	size_t cap; /* 0: 's' is the shared empty string */
};

extern char buf_empty[1];
#define BUF_INIT                                                               \
	{                                                                      \
		.s = buf_empty                                                 \
	}

void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
void buf_reserve(struct buf *b, size_t more);

/* Cut to 'len' bytes (no longer than now), or to nothing. */
void buf_cut(struct buf *b, size_t len);
void buf_reset(struct buf *b);
void buf_wipe(struct buf *b); /* overwrites what was there: a secret */

/* The bytes as heap memory, owned by the caller; 'b' is empty afterwards. */
char *buf_detach(struct buf *b);

void buf_free(struct buf *b);
#define cleanup_buf __attribute__((cleanup(buf_free)))
