/* SPDX-License-Identifier: MIT */
/* webhdfs_place.h - where files of a Hadoop file system lie, and its gateway */
#pragma once

#include "wire/url.h"

struct buf;
struct err;

struct webhdfs_place {
	struct url gateway; /* "rest" ends without a slash */
	char *root;         /* absolute; no slash at its end but in "/" */
	char *user;
};

/*
 * "hdfs://HOST[:PORT]/PATH" is asked by WebHDFS: at KMLFLOW_WEBHDFS_URL, else
 * at what HADOOP_CONF_DIR's hdfs-site.xml says, else at HOST:9870.  "viewfs:"
 * wants the variable.  The user is MLFLOW_KERBEROS_USER, HADOOP_USER_NAME or
 * who we are.  ERR_CONFIG says what is wrong.  webhdfs_place_free() frees *ret.
 */
int webhdfs_place_load(const char *uri, struct webhdfs_place *ret,
                       struct err *err);
void webhdfs_place_free(struct webhdfs_place *p);

/* Appends the URL of an operation on an absolute path. */
void webhdfs_place_url(const struct webhdfs_place *p, const char *path,
                       const char *op, struct buf *to);
