/* SPDX-License-Identifier: MIT */
/* proxy_uri.h - where the artifacts of a run lie behind a server */
#pragma once

#include <stdbool.h>

struct buf;
struct err;

struct proxy_uri {
	char *url;    /* of the run's artifacts, without userinfo or last '/' */
	char *server; /* what is before /api/2.0/mlflow-artifacts; or NULL */
	char *root;   /* what follows …/artifacts/, encoded; with 'server' */
	bool known;   /* the host is the tracking server's, no less encrypted */
};

/*
 * "mlflow-artifacts:" URIs are resolved against the tracking URI, as MLflow
 * does; "http:" and "https:" URIs are taken as they are, 'server' NULL unless
 * they are those of a server's proxy.  ERR_CONFIG.  proxy_uri_free() frees
 * *ret.
 */
int proxy_uri_resolve(const char *uri, const char *tracking_uri,
                      struct proxy_uri *ret, struct err *err);
void proxy_uri_free(struct proxy_uri *p);
#define cleanup_proxy_uri __attribute__((cleanup(proxy_uri_free)))

/*
 * Appends 'key' with each segment encoded.  ERR_FORMAT: the server takes no
 * such name ('#').  *bent: it will keep it under another name, since it
 * decodes "%XX" in names (may be NULL).
 */
int proxy_uri_add_key(struct buf *to, const char *key, bool *bent,
                      struct err *err);
