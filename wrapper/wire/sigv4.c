/* SPDX-License-Identifier: MIT */
/* sigv4.c - signatures of requests by AWS Signature Version 4 */
#include "wire/sigv4.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/strv.h"
#include "wire/digest.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

void
sigv4_stamp(int64_t time, char ret[17])
{
	time_t t = (time_t)time;
	struct tm tm = {.tm_sec = 0};

	gmtime_r(&t, &tm);
	if (strftime(ret, 17, "%Y%m%dT%H%M%SZ", &tm) != 16)
		snprintf(ret, 17, "%s", "00000000T000000Z");
}

static int
by_name(const void *a, const void *b)
{
	const struct kv *const *x = a;
	const struct kv *const *y = b;

	return strcasecmp((*x)->key, (*y)->key);
}

static void
add_lower(struct buf *to, const char *s)
{
	for (; *s; s++)
		buf_addc(to, (char)tolower((unsigned char)*s));
}

/* Without white space around it, and one space for each inner run. */
static void
add_value(struct buf *to, const char *s)
{
	bool gap = false;
	bool any = false;

	for (; *s; s++) {
		if (*s == ' ' || *s == '\t') {
			gap = any;
			continue;
		}
		if (gap)
			buf_addc(to, ' ');
		gap = false;
		any = true;
		buf_addc(to, *s);
	}
}

/* The lines of all headers, and their names. */
static void
add_headers(const struct kvs *headers, struct buf *lines, struct buf *names)
{
	cleanup_free const struct kv **sorted =
	    mem_alloc((headers->n + 1) * sizeof(*sorted));

	for (size_t i = 0; i < headers->n; i++)
		sorted[i] = &headers->v[i];
	qsort(sorted, headers->n, sizeof(*sorted), by_name);
	for (size_t i = 0; i < headers->n; i++) {
		add_lower(lines, sorted[i]->key);
		buf_addc(lines, ':');
		add_value(lines, sorted[i]->value);
		buf_addc(lines, '\n');
		if (i)
			buf_addc(names, ';');
		add_lower(names, sorted[i]->key);
	}
}

static int
hmac(unsigned char key[SHA256_SIZE], const char *text, struct err *err)
{
	return digest_hmac_sha256(key, SHA256_SIZE, text, strlen(text), key,
	                          err);
}

/* The key of one day, region and service signs the text. */
static int
sign_text(const struct sigv4_request *r, const char *secret, const char *stamp,
          const char *text, unsigned char ret[SHA256_SIZE], struct err *err)
{
	cleanup_buf struct buf first = BUF_INIT;
	int failed;

	buf_addf(&first, "AWS4%s", secret);
	failed = digest_hmac_sha256(first.s, first.len, stamp, 8, ret, err) ||
	         hmac(ret, r->region, err) || hmac(ret, r->service, err) ||
	         hmac(ret, "aws4_request", err) || hmac(ret, text, err);
	buf_wipe(&first);
	return failed ? -1 : 0;
}

int
sigv4_sign(const struct sigv4_request *r, const char *key_id,
           const char *secret, struct buf *to, struct err *err)
{
	cleanup_buf struct buf canonical = BUF_INIT;
	cleanup_buf struct buf names = BUF_INIT;
	cleanup_buf struct buf scope = BUF_INIT;
	cleanup_buf struct buf text = BUF_INIT;
	unsigned char signature[SHA256_SIZE];
	char stamp[17];

	sigv4_stamp(r->time, stamp);
	buf_addf(&canonical, "%s\n%s\n%s\n", r->method, r->path, r->query);
	add_headers(r->headers, &canonical, &names);
	buf_addf(&canonical, "\n%s\n%s", names.s, r->payload);
	buf_addf(&scope, "%.8s/%s/%s/aws4_request", stamp, r->region,
	         r->service);
	buf_addf(&text, ALGORITHM "\n%s\n%s\n", stamp, scope.s);
	if (digest_sha256_hex(canonical.s, canonical.len, &text, err) ||
	    sign_text(r, secret, stamp, text.s, signature, err))
		return -1;
	buf_addf(to,
	         ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=",
	         key_id, scope.s, names.s);
	enc_hex(to, signature, sizeof(signature));
	return 0;
}
