/* SPDX-License-Identifier: MIT */
/* digest.c - SHA-256, HMAC, MD5 and RSA, by libcrypto, loaded at first use */
#include "wire/digest.h"

#include <dlfcn.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"

enum { CHUNK = 128 << 10, BLOCK = 64, RSA_MAX = 2048 };

/* clang-format off */
#define FUNCTIONS(X) \
	X(EVP_MD_CTX_new) X(EVP_MD_CTX_free) X(EVP_DigestInit_ex) \
	X(EVP_DigestUpdate) X(EVP_DigestFinal_ex) X(EVP_sha256) X(EVP_md5) \
	X(EVP_DigestSignInit) X(EVP_DigestSign) X(EVP_PKEY_free) \
	X(BIO_new_mem_buf) X(BIO_free) X(PEM_read_bio_PrivateKey)
/* clang-format on */

#define MEMBER(name) __typeof__(name) *name;
static struct {
	FUNCTIONS(MEMBER)
} lib;

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static const char *load_problem;

static void *
open_library(void)
{
	static const char *const names[] = {"libcrypto.so.3",
	                                    "libcrypto.so.1.1"};
	void *ret = NULL;

	for (size_t i = 0; i < ARRAY_LEN(names) && !ret; i++)
		ret = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	return ret;
}

static void
load(void)
{
	void *library = open_library();
	void *symbol;

	if (!library) {
		load_problem = "libcrypto.so.3 cannot be loaded, which object "
			       "stores need: install libssl3 (Debian), "
			       "openssl-libs (Fedora), libcrypto3 (Alpine) or "
			       "openssl (Arch)";
		return;
	}
#define BIND(name)                                                             \
	symbol = dlsym(library, #name);                                        \
	memcpy(&lib.name, &symbol, sizeof(symbol));                            \
	if (!symbol)                                                           \
		load_problem = "libcrypto lacks " #name;
	FUNCTIONS(BIND)
}

struct digest {
	EVP_MD_CTX *ctx;
	const EVP_MD *md;
};

void
digest_free(struct digest *d)
{
	if (!d)
		return;
	lib.EVP_MD_CTX_free(d->ctx);
	free(d);
}

void
digest_free_ptr(struct digest **d)
{
	digest_free(*d);
}

int
digest_new(enum digest_kind kind, struct digest **ret, struct err *err)
{
	struct digest *d;

	pthread_once(&load_once, load);
	if (load_problem)
		return err_set(err, ERR_CONFIG, "%s", load_problem);
	d = mem_alloc(sizeof(*d));
	d->ctx = lib.EVP_MD_CTX_new();
	d->md = kind == DIGEST_MD5 ? lib.EVP_md5() : lib.EVP_sha256();
	if (!d->ctx || !d->md ||
	    lib.EVP_DigestInit_ex(d->ctx, d->md, NULL) != 1) {
		digest_free(d);
		return err_set(err, ERR_CONFIG, "libcrypto offers no %s",
		               kind == DIGEST_MD5 ? "MD5" : "SHA-256");
	}
	*ret = d;
	return 0;
}

void
digest_reset(struct digest *d)
{
	lib.EVP_DigestInit_ex(d->ctx, d->md, NULL);
}

void
digest_add(struct digest *d, const void *data, size_t len)
{
	lib.EVP_DigestUpdate(d->ctx, data, len);
}

void
digest_end(struct digest *d, unsigned char ret[DIGEST_MAX])
{
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	lib.EVP_DigestFinal_ex(d->ctx, out, &len);
	memcpy(ret, out, len < DIGEST_MAX ? len : DIGEST_MAX);
}

int
digest_add_file(struct digest *d, int fd, off_t offset, off_t size,
                struct err *err)
{
	cleanup_free char *chunk = mem_alloc(CHUNK);

	while (size) {
		size_t want = size < CHUNK ? (size_t)size : CHUNK;
		ssize_t got = pread(fd, chunk, want, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, "read");
		if (!got)
			return err_set(err, ERR_FORMAT, "the file got shorter");
		digest_add(d, chunk, (size_t)got);
		offset += got;
		size -= got;
	}
	return 0;
}

int
digest_sha256(const void *data, size_t len, unsigned char ret[SHA256_SIZE],
              struct err *err)
{
	cleanup_digest struct digest *d = NULL;

	if (digest_new(DIGEST_SHA256, &d, err))
		return -1;
	digest_add(d, data, len);
	digest_end(d, ret);
	return 0;
}

/* RFC 2104. */
int
digest_hmac_sha256(const void *key, size_t key_len, const void *data,
                   size_t len, unsigned char ret[SHA256_SIZE], struct err *err)
{
	cleanup_digest struct digest *d = NULL;
	unsigned char pad[BLOCK] = {0};

	if (digest_new(DIGEST_SHA256, &d, err))
		return -1;
	if (key_len > BLOCK) {
		digest_add(d, key, key_len);
		digest_end(d, pad);
		digest_reset(d);
	} else if (key_len) {
		memcpy(pad, key, key_len);
	}
	for (size_t i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36;
	digest_add(d, pad, BLOCK);
	digest_add(d, data, len);
	digest_end(d, ret);
	digest_reset(d);
	for (size_t i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	digest_add(d, pad, BLOCK);
	digest_add(d, ret, SHA256_SIZE);
	digest_end(d, ret);
	explicit_bzero(pad, sizeof(pad));
	return 0;
}

int
digest_sha256_hex(const void *data, size_t len, struct buf *to, struct err *err)
{
	unsigned char hash[SHA256_SIZE];

	if (digest_sha256(data, len, hash, err))
		return -1;
	enc_hex(to, hash, sizeof(hash));
	return 0;
}

/* --- signatures --------------------------------------------------------- */

static int
sign(EVP_PKEY *key, const void *data, size_t len, struct buf *to,
     struct err *err)
{
	EVP_MD_CTX *ctx = lib.EVP_MD_CTX_new();
	unsigned char out[RSA_MAX];
	size_t used = sizeof(out);
	bool good = ctx &&
	            lib.EVP_DigestSignInit(ctx, NULL, lib.EVP_sha256(), NULL,
	                                   key) == 1 &&
	            lib.EVP_DigestSign(ctx, out, &used, data, len) == 1;

	lib.EVP_MD_CTX_free(ctx);
	if (!good)
		return err_set(err, ERR_CONFIG, "the key cannot sign");
	buf_add(to, out, used);
	return 0;
}

/* A key that wants a password is not asked for on the terminal. */
static int
no_password(char *to, int size, int writing, void *ctx)
{
	(void)to, (void)size, (void)writing, (void)ctx;
	return -1;
}

int
digest_sign_rs256(const char *pem, const void *data, size_t len, struct buf *to,
                  struct err *err)
{
	EVP_PKEY *key;
	BIO *bio;
	int got;

	pthread_once(&load_once, load);
	if (load_problem)
		return err_set(err, ERR_CONFIG, "%s", load_problem);
	bio = lib.BIO_new_mem_buf(pem, -1);
	key = bio ? lib.PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL)
	          : NULL;
	lib.BIO_free(bio);
	if (!key)
		return err_set(err, ERR_CONFIG, "not a private key in PEM");
	got = sign(key, data, len, to, err);
	lib.EVP_PKEY_free(key);
	return got;
}
