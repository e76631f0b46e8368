/* SPDX-License-Identifier: MIT */
/* sigv4.h - signatures of requests by AWS Signature Version 4 */
#pragma once

#include <stdint.h>

struct buf;
struct err;
struct kvs;

#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"

/* All borrowed. */
struct sigv4_request {
	const char *method;
	const char *path;          /* encoded once, as it is sent */
	const char *query;         /* encoded and sorted; "" where none is */
	const struct kvs *headers; /* each is signed; "host" among them */
	const char *payload;       /* SHA-256 in hex, or SIGV4_UNSIGNED */
	const char *region;
	const char *service;
	int64_t time; /* seconds since 1970 */
};

/* "YYYYMMDDTHHMMSSZ", which the header x-amz-date has to say. */
void sigv4_stamp(int64_t time, char ret[17]);

/*
 * Appends the value of the header "Authorization".  ERR_CONFIG: libcrypto
 * cannot be loaded.
 */
int sigv4_sign(const struct sigv4_request *request, const char *key_id,
               const char *secret, struct buf *to, struct err *err);
