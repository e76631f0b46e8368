/* SPDX-License-Identifier: MIT */
/* enc.h - ways to write bytes as text */
#pragma once

#include <stddef.h>

struct buf;

/* UTF-8 as it is; control bytes and what is not UTF-8 as \xNN. */
void enc_printable(struct buf *to, const char *s, size_t len);

/* Lower-case hexadecimal. */
void enc_hex(struct buf *to, const void *data, size_t len);

/* RFC 4648 base64, with padding. */
void enc_base64(struct buf *to, const void *data, size_t len);

/* Undoes it; -1 and nothing appended: it is no base64 with its padding. */
int enc_unbase64(struct buf *to, const char *s);

/* RFC 4648 base64url without padding, as JSON web tokens have it. */
void enc_base64url(struct buf *to, const void *data, size_t len);

/* As one word of a POSIX shell command, quoted only where it must be. */
void enc_shell(struct buf *to, const char *word);

/* RFC 3986 percent-encoding; keeps unreserved characters and 'keep'. */
void enc_percent(struct buf *to, const char *s, const char *keep);

/* Undoes enc_percent(); a '%' that starts no %XX stays as it is. */
void enc_unpercent(struct buf *to, const char *s);

/*
 * Length in bytes of the UTF-8 sequence at 's' (RFC 3629: no overlong forms,
 * no surrogates), 0 if there is none within 'len' bytes.
 */
size_t enc_utf8_len(const char *s, size_t len);
