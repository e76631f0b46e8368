/* SPDX-License-Identifier: MIT */
/* s3_place.h - where objects lie: bucket, prefix, endpoint and region */
#pragma once

#include <stdbool.h>

#include "base/strv.h"
#include "wire/url.h"

struct buf;
struct err;

struct s3_place {
	char *bucket;
	char *root; /* keys begin with it and a slash; "" at the top */
	char *region;
	struct url endpoint; /* "scheme" is NULL: AWS's own */
	bool virtual_host;   /* the bucket is part of the host's name */
	char *moved;         /* host to use instead, as the store said */
};

/*
 * "s3://bucket/path", or "r2://bucket@account.r2.cloudflarestorage.com/path",
 * by MLFLOW_S3_ENDPOINT_URL (else AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL),
 * MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE and the region's variables.  ERR_CONFIG
 * says what is wrong with which.  s3_place_free() frees *ret.
 */
int s3_place_load(const char *uri, struct s3_place *ret, struct err *err);
void s3_place_free(struct s3_place *p);

/* The whole key of an artifact; owned. */
char *s3_place_key(const struct s3_place *p, const char *artifact);

/* Appends the parts of the address of a key, NULL: of the bucket itself. */
void s3_place_host(const struct s3_place *p, struct buf *to);
void s3_place_path(const struct s3_place *p, const char *key, struct buf *to);
const char *s3_place_scheme(const struct s3_place *p);

/* Whether what is for our endpoint may be sent to that host as well. */
bool s3_place_trusts(const struct s3_place *p, const char *host);

/* What an upload adds to its requests. */
struct s3_args {
	struct kvs object;  /* headers of a request that makes an object */
	struct kvs all;     /* headers of each */
	char *content_type; /* NULL: by the file's name */
};

/* By MLFLOW_S3_UPLOAD_EXTRA_ARGS and MLFLOW_S3_EXPECTED_BUCKET_OWNER. */
int s3_args_load(struct s3_args *ret, struct err *err);
void s3_args_free(struct s3_args *a);
