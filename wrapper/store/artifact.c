/* SPDX-License-Identifier: MIT */
/* artifact.c - picks where artifacts go by the scheme of the run's URI */
#include "store/artifact.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/ucs.h"
#include "store/artifact_impl.h"
#include "store/key.h"
#include "store/local_uri.h"
#include "wire/url.h"

static const struct artifact_ops *const backends[] = {
    &artifact_local_ops,   &artifact_proxy_ops, &artifact_s3_ops,
    &artifact_gs_ops,      &artifact_azure_ops, &artifact_ftp_ops,
    &artifact_webhdfs_ops, &artifact_dbfs_ops,
};

static const struct artifact_ops *
find_backend(const char *scheme)
{
	for (size_t i = 0; i < ARRAY_LEN(backends); i++)
		for (const char *const *s = backends[i]->schemes; *s; s++)
			if (!strcmp(*s, scheme))
				return backends[i];
	return NULL;
}

int
artifact_open(const char *uri, const char *tracking_uri, struct artifact **ret,
              struct err *err)
{
	cleanup_free char *scheme = local_uri_scheme(uri);
	const struct artifact_ops *ops = find_backend(scheme);

	if (!ops)
		return err_set(
		    err, ERR_CONFIG,
		    "the run's artifacts go to a '%s:' URI, but "
		    "this build stores them in a local directory, "
		    "behind an MLflow server, in a bucket of S3, "
		    "Google (gs:) or Azure (wasbs:, abfss:), on an "
		    "FTP or SFTP server, in HDFS, or in Databricks "
		    "(dbfs:): use an experiment with such an artifact location",
		    scheme);
	return ops->open_by ? ops->open_by(uri, tracking_uri, ret, err)
	                    : ops->open(uri, ret, err);
}

void
artifact_close(struct artifact *a)
{
	if (!a)
		return;
	free(a->kept);
	a->ops->close(a);
}

void
artifact_keep(struct artifact *a, const char *dir)
{
	mem_replace(&a->kept, mem_dup(dir));
}

int
artifact_check_key(const char *key, struct err *err)
{
	size_t left = strlen(key);
	size_t used;

	if (key_check_path(key, err))
		return err_wrap(err, "artifact path");
	for (const char *p = key; left; p += used, left -= used) {
		uint32_t c = ucs_decode(p, left, &used);

		if (c == UCS_BAD)
			return err_set(err, ERR_FORMAT,
			               "artifact path '%s' is not UTF-8", key);
		if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			return err_set(err, ERR_FORMAT,
			               "artifact path '%s' holds a control "
			               "character",
			               key);
	}
	return 0;
}

int
artifact_put(struct artifact *a, const char *key, int fd, off_t size,
             struct err *err)
{
	if (artifact_check_key(key, err))
		return -1;
	return a->ops->put(a, key, fd, size, err);
}

int
artifact_same(struct artifact *a, const char *key, int fd, off_t size,
              struct err *err)
{
	if (artifact_check_key(key, err))
		return -1;
	return a->ops->same(a, key, fd, size, err);
}

void
artifact_notes(struct artifact *a, struct strv *to)
{
	if (a->ops->notes)
		a->ops->notes(a, to);
}

bool
artifact_is_stray(const char *uri, const char *tracking_uri)
{
	cleanup_free char *scheme = local_uri_scheme(uri);
	cleanup_url struct url server = {.port = 0};
	struct err ignored = ERR_INIT;

	return (!*scheme || !strcmp(scheme, "file")) &&
	       !url_parse(tracking_uri, &server, &ignored) &&
	       !url_is_loopback(&server);
}
