/* SPDX-License-Identifier: MIT */
/* sending.h - one request to a store of objects: signed, sent, sent again */
#pragma once

#include "base/buf.h"
#include "base/strv.h"
#include "wire/http.h"

struct digest;
struct running_md5;
struct err;

/*
 * First member of a backend's own struct of a request on its way.  The backend
 * fills 'ops', 'http' and of 'request' all but what is said below to be ours.
 */
struct sending {
	const struct sending_ops *ops;
	struct http *http;
	struct http_request request;
	struct buf url;              /* ours from prepare() on */
	struct kvs headers;          /* ours from sign() on */
	bool with_md5;               /* compute 'sum' */
	struct running_md5 *running; /* of the whole file; or NULL */

	/* The MD5 of what has been sent of a file, in hex; "": unknown. */
	char sum[33];

	struct digest *md5; /* the rest is sending.c's */
	bool renewed;
	int (*is_done)(void *ctx);
	void *ctx;
};

struct sending_ops {
	/* Sets 'url', and gets what a signature needs. */
	int (*prepare)(struct sending *x, struct err *err);
	/* Sets 'headers'; also before each repeat. */
	int (*sign)(struct sending *x, struct err *err);
	/* Whether the credentials have ended, and new ones: both or none. */
	bool (*is_expired)(struct sending *x, const struct http_response *r);
	int (*renew)(struct sending *x, struct err *err);
	/* Whether the same request would now end in another way; or NULL. */
	bool (*again)(struct sending *x, const struct http_response *r);
	/* Whether an answer is a good one; NULL: those of 2xx are. */
	bool (*is_good)(const struct http_response *r);
	/* The error for an answer that is none of the good ones. */
	int (*fail)(struct sending *x, const struct http_response *r,
	            struct err *err);
};

#define SENDING_INIT .url = BUF_INIT, .headers = KVS_INIT, .sum = ""

/*
 * 0: a good answer; 1: request.is_done() said so; -1: failed, and ret->status
 * is not 0 where the store has said so.  Frees what is ours of 'x'.
 */
int sending_do(struct sending *x, struct http_response *ret, struct err *err);
