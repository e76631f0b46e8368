/* SPDX-License-Identifier: MIT */
/* digest.c - SHA-256, HMAC and MD5, by libcrypto, loaded at first use */
#include "wire/digest.h"

#include <dlfcn.h>
#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"

enum { CHUNK = 128 << 10, BLOCK = 64 };

/* clang-format off */
#define FUNCTIONS(X) \
	X(MD_CTX_new) X(MD_CTX_free) X(DigestInit_ex) X(DigestUpdate) \
	X(DigestFinal_ex) X(sha256) X(md5)
/* clang-format on */

#define MEMBER(name) __typeof__(EVP_##name) *name;
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
	symbol = dlsym(library, "EVP_" #name);                                 \
	memcpy(&lib.name, &symbol, sizeof(symbol));                            \
	if (!symbol)                                                           \
		load_problem = "libcrypto lacks EVP_" #name;
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
	lib.MD_CTX_free(d->ctx);
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
	d->ctx = lib.MD_CTX_new();
	d->md = kind == DIGEST_MD5 ? lib.md5() : lib.sha256();
	if (!d->ctx || !d->md || lib.DigestInit_ex(d->ctx, d->md, NULL) != 1) {
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
	lib.DigestInit_ex(d->ctx, d->md, NULL);
}

void
digest_add(struct digest *d, const void *data, size_t len)
{
	lib.DigestUpdate(d->ctx, data, len);
}

void
digest_end(struct digest *d, unsigned char ret[DIGEST_MAX])
{
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	lib.DigestFinal_ex(d->ctx, out, &len);
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
