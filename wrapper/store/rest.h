/* SPDX-License-Identifier: MIT */
/* rest.h - calls of MLflow's REST API, by whatever store needs them */
#pragma once

#include <stdbool.h>

#include "store/rest_auth.h"

struct cJSON;
struct err;
struct http;
struct http_response;

struct rest {
	struct http *http;
	char *base; /* scheme, host, path; no userinfo, no last slash */
	struct rest_auth auth;
};

/* 'uri' is the tracking URI.  rest_close() frees what is in *ret. */
int rest_open(const char *uri, struct rest *ret, struct err *err);
void rest_close(struct rest *r);

struct rest_call {
	const char *method;
	const char *path;         /* below /api/2.0/mlflow/ */
	const struct kvs *query;  /* may be NULL */
	const struct cJSON *body; /* may be NULL */
	bool once;
	int (*is_done)(void *ctx); /* see struct http_request */
	void *ctx;
};

/*
 * 0: *answer, which may be NULL when the caller does not care, is the JSON
 * object of a 2xx answer; 1: is_done() said so; -1.  ERR_NOTFOUND and
 * ERR_CONFLICT are what the server says of the thing; ERR_FORMAT: it refused
 * something in the request; ERR_RETRY: later perhaps; ERR_REMOTE: never.
 */
int rest_do(struct rest *r, const struct rest_call *call, struct cJSON **answer,
            struct err *err);

/* The error for 'response', with a remedy; as rest_do() gives it. */
struct http_request;
int rest_fail(const struct http_request *request,
              const struct http_response *response, struct err *err);

/* For http_request.is_final: a 500 that stays one. */
bool rest_is_final(const struct http_response *response);
