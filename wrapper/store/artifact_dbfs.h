/* SPDX-License-Identifier: MIT */
/* artifact_dbfs.h - the parts of the store in Databricks, for one another */
#pragma once

#include "store/artifact_impl.h"
#include "store/body.h"
#include "store/rest.h"

struct artifact_dbfs {
	struct artifact base;
	struct rest rest;
	struct http *cloud; /* for what the workspace signs; knows nobody */
	char *path;         /* of the run's artifacts, "/…", no last slash */
	char *run_id;       /* where the workspace signs; else NULL */
	char *below;        /* of the run's artifacts, in that case; or "" */
};

/*
 * One file to where the workspace's answer to "credentials-for-write" says, by
 * the kind of store behind it.
 */
int dbfs_put_signed(struct artifact_dbfs *d, const char *key,
                    const struct body *b, bool *shrank, struct err *err);

/*
 * A span of 'b' to a URL that carries what opens it; 'headers' are those that
 * came with it.  *expired: that has ended.
 */
struct dbfs_span {
	const char *method;
	const char *url;
	const struct kvs *headers;
	const struct body *b; /* NULL: no body */
	off_t offset;
	off_t size;
};
struct http_response;
int dbfs_send(struct artifact_dbfs *d, const struct dbfs_span *span,
              struct http_response *ret, bool *expired, struct err *err);

/* [{name, value}] of a credential. */
struct cJSON;
void dbfs_headers(const struct cJSON *credential, struct kvs *to);

/* A large file behind which S3 is, in parts. */
int dbfs_put_parts(struct artifact_dbfs *d, const char *path,
                   const struct body *b, struct err *err);

/* Whether a file of this size is sent so. */
bool dbfs_wants_parts(off_t size);

/* Posts to what lies below mlflow/; *answer as with rest_do(). */
int dbfs_post(struct artifact_dbfs *d, const char *path,
              const struct cJSON *body, struct cJSON **answer, struct err *err);
