/* SPDX-License-Identifier: MIT */
/* curl_lib.h - libcurl, loaded at first use; for exchange.c and file_put.c */
#pragma once

#include <curl/curl.h>

struct err;
struct transfer;

/* clang-format off */
#define CURL_FUNCTIONS(X) \
	X(global_init) X(easy_init) X(easy_reset) X(easy_setopt) \
	X(easy_perform) X(easy_getinfo) X(easy_strerror) X(easy_cleanup) \
	X(slist_append) X(slist_free_all)
/* clang-format on */

#define CURL_MEMBER(name) __typeof__(curl_##name) *name;
struct curl_lib {
	CURL_FUNCTIONS(CURL_MEMBER)
};

/* Its functions, from curl_lib_load() on. */
extern struct curl_lib curl_lib;

/* ERR_CONFIG: it cannot be loaded. */
int curl_lib_load(struct err *err);

/* Bytes to send come from 't', which also tells when to give up. */
void curl_lib_set_transfer(CURL *easy, struct transfer *t);

/* What all transfers want; 'connect_ms' is cut to twenty seconds. */
void curl_lib_set_common(CURL *easy, int connect_ms);

CURLcode curl_lib_perform(CURL *easy);
