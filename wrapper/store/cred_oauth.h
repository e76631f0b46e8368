/* SPDX-License-Identifier: MIT */
/* cred_oauth.h - access tokens (RFC 6749) from who hands them out */
#pragma once

#include <stdint.h>

#include "store/cred.h"

struct buf;

struct oauth_token {
	char *value;
	int64_t expires; /* seconds since 1970; 0: unknown */
};

void oauth_token_free(struct oauth_token *t); /* overwrites it */

struct oauth_ask {
	const char *what; /* for messages */
	enum cred_reach reach;
	const char *url;
	const struct kvs *headers; /* or NULL */
	const struct kvs *form;    /* posted; NULL: a GET */
};

/*
 * ERR_RETRY: it may be had later; ERR_NOTFOUND: there is nobody (404);
 * ERR_REMOTE: refused, with the service's words, in which nothing of the form
 * is shown.  oauth_token_free() frees *ret.
 */
int oauth_ask(const struct oauth_ask *a, struct oauth_token *ret,
              struct err *err);

/* Overwrites all values, and frees. */
void oauth_form_free(struct kvs *form);

/* Appends "TYPE.CLAIMS" of RFC 7515, two JSON texts; the signature follows. */
void oauth_jwt_begin(struct buf *to, const char *header, const char *claims);

/* Whether a secret may be sent there: https, or this machine. */
int oauth_check_url(const char *url, const char *name, struct err *err);
