/* SPDX-License-Identifier: MIT */
/* artifact_impl.h - what a backend of artifact.h provides */
#pragma once

#include "store/artifact.h"

/* The verbs are those of artifact.h; 'key' has been checked. */
struct artifact_ops {
	/* NULL-terminated; "" stands for a URI without a scheme. */
	const char *const *schemes;
	/* One of the two; the second where the tracking URI matters. */
	int (*open)(const char *uri, struct artifact **ret, struct err *err);
	int (*open_by)(const char *uri, const char *tracking_uri,
	               struct artifact **ret, struct err *err);
	void (*close)(struct artifact *a);
	int (*put)(struct artifact *a, const char *key, int fd, off_t size,
	           struct err *err);
	int (*same)(struct artifact *a, const char *key, int fd, off_t size,
	            struct err *err);
	void (*notes)(struct artifact *a, struct strv *to); /* may be NULL */
};

/* First member of every backend's own struct. */
struct artifact {
	const struct artifact_ops *ops;
	char *kept; /* for half_sent.h; NULL: nothing is kept */
};

extern const struct artifact_ops artifact_local_ops;
extern const struct artifact_ops artifact_proxy_ops;
extern const struct artifact_ops artifact_s3_ops;
extern const struct artifact_ops artifact_gs_ops;
extern const struct artifact_ops artifact_azure_ops;
extern const struct artifact_ops artifact_ftp_ops;
extern const struct artifact_ops artifact_webhdfs_ops;
extern const struct artifact_ops artifact_dbfs_ops;
