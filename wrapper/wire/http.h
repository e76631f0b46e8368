/* SPDX-License-Identifier: MIT */
/* http.h - requests to a server: sent, repeated where that helps, answered */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/strv.h"
#include "wire/retry.h"

struct err;
struct http; /* its connections are kept; for one thread at a time */

struct http_settings {
	struct retry_policy retry;
	int timeout_ms;    /* to connect, and without a byte moving */
	bool redirects;    /* follow them */
	bool insecure;     /* any certificate will do */
	char *authorities; /* certificate file or directory; NULL: usual */
	char *client_cert; /* PEM, certificate and key; NULL: none */
};

/*
 * By MLFLOW_HTTP_REQUEST_{MAX_RETRIES,BACKOFF_FACTOR,BACKOFF_JITTER,TIMEOUT},
 * MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER, MLFLOW_ALLOW_HTTP_REDIRECTS and
 * MLFLOW_TRACKING_{INSECURE_TLS,SERVER_CERT_PATH,CLIENT_CERT_PATH}; ERR_CONFIG
 * names the variable that makes no sense.  http_settings_free() frees *ret.
 */
int http_settings_load(struct http_settings *ret, struct err *err);
void http_settings_free(struct http_settings *s);

struct http_response {
	int status;
	struct kvs headers; /* names in lower case; the few that matter */
	struct buf body;
	bool shrank; /* failed because the request's file got shorter */
};

#define HTTP_RESPONSE_INIT                                                     \
	{                                                                      \
		.headers = KVS_INIT, .body = BUF_INIT                          \
	}

void http_response_free(struct http_response *r);
#define cleanup_response __attribute__((cleanup(http_response_free)))

/* All borrowed; zero is the default of every member but the first two. */
struct http_request {
	const char *method;
	const char *url; /* http or https, without userinfo */

	/* Sent to the URL's site alone, never on to where it redirects. */
	const struct kvs *headers;
	const char *content_type;
	bool netrc; /* credentials of that host from ~/.netrc */

	/* The body: 'size' bytes at 'data', or of 'fd' from 'offset' on. */
	const void *data;
	int fd;
	off_t offset;
	off_t size;

	bool once;         /* no repeats */
	bool no_redirects; /* one is an answer as any other */
	size_t answer_max; /* longer ones are an error; 0: 16 MiB */

	/* Gets the body of a 2xx answer instead; false ends the exchange. */
	bool (*sink)(void *ctx, const void *data, size_t len);

	/* Sees the bytes of the body as they leave; 'at' 0: from the start. */
	void (*tap)(void *ctx, off_t at, const void *data, size_t len);

	/* Called before each try: may make the headers anew. */
	void (*before)(void *ctx);

	/* Whether an answer that looks transient is not: no repeat. */
	bool (*is_final)(const struct http_response *response);

	/*
	 * Asked before a repeat of what the server may have done already.  1:
	 * it has, all is well; 0: it has not; -1: who knows, repeat.
	 */
	int (*is_done)(void *ctx);
	void *ctx; /* of all of them */
};

/* Takes over *settings and leaves it empty; connects to nobody yet. */
struct http *http_new(struct http_settings *settings);
void http_free(struct http *h); /* NULL is a no-op */

/*
 * 0: answered, whatever the status; 1: is_done() said so; -1: not answered.
 * ERR_RETRY: worth trying again later; ERR_CONFIG: never before something is
 * changed; ERR_REMOTE: the answer is no good.  http_response_free() frees *ret
 * in each case; it must be empty before.
 */
int http_do(struct http *h, const struct http_request *request,
            struct http_response *ret, struct err *err);

/*
 * From here on all requests together may take this long to reach the server,
 * repeats and waiting included, and five times as long to be answered by one
 * that is there; 0: as long as the settings say.
 */
void http_set_patience(struct http *h, int ms);

/*
 * The error for an answer that is none of the good ones: method, URL, status
 * and what the server says.  Kind: ERR_RETRY for transient ones, ERR_NOTFOUND
 * for 404, else ERR_REMOTE.
 */
int http_fail(const struct http_request *request,
              const struct http_response *response, struct err *err);

enum http_stop {
	HTTP_GO,
	HTTP_NO_REPEATS, /* what is under way may end, once */
	HTTP_AT_ONCE,    /* nor may what is under way */
};

/* Asked before repeats, while waiting, and about once a second. */
void http_set_stop(enum http_stop (*wanted)(void));
bool http_is_to_stop(void);
bool http_is_to_stop_at_once(void);

/* Waits; false: somebody wants this program to end. */
bool http_wait(int64_t ms);
