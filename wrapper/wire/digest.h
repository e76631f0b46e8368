/* SPDX-License-Identifier: MIT */
/* digest.h - SHA-256, HMAC, MD5 and RSA, by libcrypto, loaded at first use */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct buf;
struct err;
struct digest; /* one that is being computed */

enum { SHA256_SIZE = 32, MD5_SIZE = 16, DIGEST_MAX = 32 };
enum digest_kind { DIGEST_SHA256, DIGEST_MD5 };

/*
 * ERR_CONFIG: the library cannot be loaded, or does not offer that digest (MD5
 * on machines that are held to FIPS 140).  digest_free() frees *ret.
 */
int digest_new(enum digest_kind kind, struct digest **ret, struct err *err);
void digest_free(struct digest *d); /* NULL is a no-op */
void digest_free_ptr(struct digest **d);
#define cleanup_digest __attribute__((cleanup(digest_free_ptr)))

/* Begins anew. */
void digest_reset(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);

/* The result; the next use must be digest_reset(). */
void digest_end(struct digest *d, unsigned char ret[DIGEST_MAX]);

/*
 * Adds 'size' bytes of 'fd' from 'offset' on.  ERR_FORMAT: there are fewer;
 * ERR_SYS: they cannot be read.
 */
int digest_add_file(struct digest *d, int fd, off_t offset, off_t size,
                    struct err *err);

/* All at once; what fails is as with digest_new(). */
int digest_sha256(const void *data, size_t len, unsigned char ret[SHA256_SIZE],
                  struct err *err);
int digest_hmac_sha256(const void *key, size_t key_len, const void *data,
                       size_t len, unsigned char ret[SHA256_SIZE],
                       struct err *err);

/* Appends the SHA-256 of 'data' in lower-case hexadecimal. */
int digest_sha256_hex(const void *data, size_t len, struct buf *to,
                      struct err *err);

/*
 * Appends the RSASSA-PKCS1-v1_5 signature with SHA-256 ("RS256" of RFC 7518)
 * by a private key in PEM.  ERR_CONFIG; no message shows any of the key.
 */
int digest_sign_rs256(const char *pem, const void *data, size_t len,
                      struct buf *to, struct err *err);
