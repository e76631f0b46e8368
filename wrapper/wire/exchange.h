/* SPDX-License-Identifier: MIT */
/* exchange.h - one HTTP request and its answer, by libcurl; for http.c alone */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct exchange; /* connections that are kept */
struct http_request;
struct http_response;
struct http_settings;

enum exchange_fate {
	EXCHANGE_ANSWERED,
	EXCHANGE_UNSENT, /* nobody was there */
	EXCHANGE_LOST,   /* the server may or may not have acted */
	EXCHANGE_FAILED, /* it would fail again: 'err' is not ERR_RETRY */
};

/* Beside the settings' idle time; 0 and NULL: none. */
struct exchange_limits {
	int64_t connect_ms;
	int64_t all_ms;
	bool (*stop)(void);
};

/*
 * libcurl is loaded here, at first use.  ERR_CONFIG: it cannot be.  'settings'
 * is borrowed until exchange_free().
 */
int exchange_new(const struct http_settings *settings, struct exchange **ret,
                 struct err *err);
void exchange_free(struct exchange *x); /* NULL is a no-op */

/*
 * Follows no redirect.  'stop' (may be NULL) is asked about once a second.
 */
enum exchange_fate exchange_do(struct exchange *x,
                               const struct http_request *request,
                               const struct exchange_limits *limits,
                               struct http_response *ret, struct err *err);
