/* SPDX-License-Identifier: MIT */
/* azure_sign.h - signatures of requests by Azure Storage's "Shared Key" */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct buf;
struct err;
struct kvs;

/* All borrowed. */
struct azure_request {
	const char *method;
	const char *account;
	const char *path;          /* encoded, as it is sent */
	const char *query;         /* encoded; "" where none is */
	const struct kvs *headers; /* names in lower case */
	off_t size;                /* of the body */
};

/* Appends what is signed, for service versions of 2015-02-21 and later. */
void azure_string_to_sign(const struct azure_request *r, struct buf *to);

/*
 * Appends the value of the header "Authorization".  'key' is the account's, in
 * base64: ERR_CONFIG where it is not, or where libcrypto cannot be loaded.
 */
int azure_sign(const struct azure_request *r, const char *key, struct buf *to,
               struct err *err);

/* "Sun, 06 Nov 1994 08:49:37 GMT", which the header x-ms-date has to say. */
void azure_date(int64_t time, char ret[30]);
