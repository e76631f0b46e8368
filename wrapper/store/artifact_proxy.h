/* SPDX-License-Identifier: MIT */
/* artifact_proxy.h - the parts of the store behind a server, for one another */
#pragma once

#include "base/map.h"
#include "base/strv.h"
#include "store/artifact_impl.h"
#include "store/proxy_uri.h"
#include "store/rest_auth.h"

struct http;
struct http_request;
struct http_response;

enum proxy_multipart { MULTIPART_UNKNOWN, MULTIPART_ON, MULTIPART_OFF };

struct artifact_proxy {
	struct artifact base;
	struct proxy_uri where;
	struct http *http;
	struct http *cloud; /* for parts; NULL before the first */
	struct rest_auth auth;
	enum proxy_multipart multipart;
	bool no_listing; /* the server does not tell what is there */
	struct map dirs; /* path → struct map of name → size + 2; 1: a dir */
	struct map put;  /* keys that we have put */
	struct strv notes;
};

/* A request for proxy_do(); 'url' is borrowed. */
void proxy_request(const struct artifact_proxy *p, const char *method,
                   const char *url, struct http_request *ret);

/* As http_do(), as who we are. */
int proxy_do(struct artifact_proxy *p, const struct http_request *request,
             struct http_response *ret, struct err *err);

/* *ret: the size of what is there as 'key'; -1: nothing, or who knows. */
int proxy_size(struct artifact_proxy *p, const char *key, off_t *ret,
               struct err *err);

/* Forgets what has been listed. */
void proxy_free_dirs(struct artifact_proxy *p);

/* 1: the file there has the same "size" bytes as 'fd'; 0: it has not. */
int proxy_compare(struct artifact_proxy *p, const char *key, off_t size, int fd,
                  struct err *err);

/* Whether a file of this size is better sent in parts. */
bool proxy_wants_parts(struct artifact_proxy *p, off_t size);

/* 0: stored; 1: cannot be sent in parts, nothing has been; -1. */
int proxy_put_parts(struct artifact_proxy *p, const char *key, int fd,
                    off_t size, struct err *err);

/* The error for an answer to a PUT or the like. */
int proxy_fail(const struct http_request *request,
               const struct http_response *response, struct err *err);
