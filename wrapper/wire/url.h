/* SPDX-License-Identifier: MIT */
/* url.h - http and https URLs: their parts, and what may be shown of them */
#pragma once

#include <stdbool.h>

struct buf;
struct err;

struct url {
	char *scheme;   /* "http" or "https" */
	char *userinfo; /* percent-encoded as written; NULL: none */
	char *host;     /* lower case, an IPv6 address in its brackets */
	int port;       /* the scheme's own where none is written */
	char *rest;     /* path and query, "/" at least; no fragment */
};

/*
 * ERR_CONFIG for what is no such URL; no message shows userinfo or query.
 * url_free() frees *ret.
 */
int url_parse(const char *s, struct url *ret, struct err *err);
void url_free(struct url *u);
#define cleanup_url __attribute__((cleanup(url_free)))

/* Appends scheme, host and rest, without userinfo. */
void url_print(struct buf *to, const struct url *u);

/* For messages: without userinfo, query and fragment, whatever 's' is. */
void url_public(struct buf *to, const char *s);

/* Same scheme, host and port. */
bool url_same_site(const struct url *a, const struct url *b);

/* "localhost" or a loopback address. */
bool url_is_loopback(const struct url *u);

/* Appends ?KEY=VALUE or &KEY=VALUE, encoded. */
void url_add_query(struct buf *to, const char *key, const char *value);
