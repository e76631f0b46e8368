/* SPDX-License-Identifier: MIT */
/* rest_auth.h - what tells a tracking server who we are */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/strv.h"

struct err;
struct http;
struct http_request;
struct http_response;

struct rest_auth {
	struct kvs headers; /* of each request */
	bool netrc;         /* ~/.netrc has the last word */
	char *uri;          /* NULL: nothing can be got anew */
	bool renewable;     /* a command or a service gives them */
	int64_t expires;    /* seconds since 1970; 0: unknown */
	int64_t got;        /* when they were got */
};

/* Of somebody that we do not know: nothing but what ~/.netrc has for it. */
#define REST_AUTH_INIT                                                         \
	{                                                                      \
		.headers = KVS_INIT, .netrc = true                             \
	}

/*
 * For the server of 'uri', with userinfo where it has some: X-MLFLOW-WORKSPACE,
 * KMLFLOW_REQUEST_HEADERS, and Authorization by the first of
 *   1. KMLFLOW_REQUEST_HEADERS or KMLFLOW_TOKEN_COMMAND
 *   2. for Databricks what databricks.h says, and nothing below
 *   3. userinfo of 'uri', or of $MLFLOW_TRACKING_URI for the same server
 *   4. MLFLOW_TRACKING_USERNAME and _PASSWORD, each of them from
 *      ~/.mlflow/credentials where the environment has none
 *   5. MLFLOW_TRACKING_TOKEN
 * ERR_CONFIG: a way to authenticate that kmlflow does not have, or a value that
 * cannot be sent.  ERR_RETRY: who gives a token cannot be reached.
 * rest_auth_close() overwrites and frees what is in *ret.
 */
int rest_auth_open(const char *uri, struct rest_auth *ret, struct err *err);
void rest_auth_close(struct rest_auth *a);

/*
 * As http_do(), as whom 'a' says; what has expired is got anew, and so is what
 * the server does not take any more: the request is then sent once more.
 */
int rest_auth_do(struct rest_auth *a, struct http *h,
                 const struct http_request *request, struct http_response *ret,
                 struct err *err);
