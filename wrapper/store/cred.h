/* SPDX-License-Identifier: MIT */
/* cred.h - what all sources of a cloud's credentials share */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strv.h"

struct err;
struct http;
struct http_response;
struct http_settings;

/* An environment variable that is set and not empty, else NULL. */
const char *cred_env(const char *name);

/* 'name' below the user's home; owned. */
char *cred_home(const char *name);

/* A file's text without white space at its end; owned. */
int cred_read_token(const char *path, char **ret, struct err *err);

/* "2030-01-02T03:04:05Z" in seconds since 1970; 0: it is no such time. */
int64_t cred_time(const char *s);

/*
 * Temporary credentials are renewed a little before they end; while the old
 * ones last, that may fail.  'expires' 0: unknown or never.
 */
int cred_keep(bool held, int64_t expires,
              int (*load)(void *ctx, struct err *err), void *ctx,
              struct err *err);

/* ERR_CONFIG where a text that becomes a header could end its line early. */
int cred_check(const char *const *texts, size_t n, const char *source,
               struct err *err);

/*
 * Settings for a cloud: what MLFLOW_TRACKING_* say of certificates is for the
 * tracking server.  'bundle' is a variable (or NULL) that comes before those
 * that all programs read.
 */
int cred_settings(const char *bundle, struct http_settings *ret,
                  struct err *err);

/* A service on this machine that may not be there, or one far away. */
enum cred_reach { CRED_NEAR, CRED_FAR };

struct cred_service {
	const char *what; /* for messages */
	enum cred_reach reach;
	const char *method;
	const char *url;
	const struct kvs *headers; /* or NULL */
	const char *content_type;  /* of 'body' */
	const char *body;          /* or NULL */
};

/*
 * Asks; follows no redirect.  0: answered, whatever the status.  No word of
 * the answer may get into a message: it is made of secrets.
 */
int cred_ask(const struct cred_service *s, struct http_response *ret,
             struct err *err);

/* Appends "NAME=VALUE", encoded, after a '&' where there is something. */
struct buf;
void cred_add_field(struct buf *to, const char *name, const char *value);
