/* SPDX-License-Identifier: MIT */
/* artifact_dbfs.c - artifacts in a workspace of Databricks */
#include "store/artifact_dbfs.h"

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/cred.h"
#include "wire/http.h"
#include "wire/url.h"

#define SCHEME "dbfs:"
#define HOST "databricks"
#define SIGNED "/databricks/mlflow-tracking/"
#define VOLUMES "/Volumes/"

static void
dbfs_close(struct artifact *a)
{
	struct artifact_dbfs *d = container_of(a, struct artifact_dbfs, base);

	rest_close(&d->rest);
	http_free(d->cloud);
	free(d->path);
	free(d->run_id);
	free(d->below);
	free(d);
}

/* --- open --------------------------------------------------------------- */

/*
 * dbfs:/path, or dbfs://PROFILE@databricks/path.  *profile: of the latter, or
 * NULL; owned.
 */
static int
split_uri(const char *uri, char **profile, char **path, struct err *err)
{
	const char *rest = uri + strlen(SCHEME);
	const char *at;
	size_t len;

	*profile = NULL;
	if (!strncmp(rest, "//", 2)) {
		rest += 2;
		len = strcspn(rest, "/");
		at = memchr(rest, '@', len);
		if (len &&
		    (!at ? strncmp(rest, HOST, len) != 0
		         : strncmp(at + 1, HOST "/", strlen(HOST) + 1) != 0))
			return err_set(err, ERR_CONFIG,
			               "the artifact URI must be of the form "
			               "dbfs:/PATH or dbfs://PROFILE@databricks"
			               "/PATH");
		if (at)
			*profile = mem_ndup(rest, (size_t)(at - rest));
		rest += len;
	}
	while (rest[0] == '/' && rest[1] == '/')
		rest++;
	len = strcspn(rest, "?#");
	while (len && rest[len - 1] == '/')
		len--;
	*path = mem_printf("%s%.*s", *rest == '/' ? "" : "/", (int)len, rest);
	return 0;
}

/* /databricks/mlflow-tracking/EXPERIMENT/RUN/artifacts/below */
static int
split_signed(struct artifact_dbfs *d, struct err *err)
{
	const char *run = strchr(d->path + strlen(SIGNED), '/');
	const char *root = run ? strchr(run + 1, '/') : NULL;
	const char *below;

	if (!root)
		return err_set(err, ERR_CONFIG,
		               "the artifact URI 'dbfs:%.200s' names no run",
		               d->path);
	d->run_id = mem_ndup(run + 1, (size_t)(root - run - 1));
	below = strchr(root + 1, '/');
	d->below = mem_dup(below ? below + 1 : "");
	return 0;
}

/* The tracking server's workspace, unless the URI names a profile. */
static int
open_workspace(struct artifact_dbfs *d, const char *profile,
               const char *tracking_uri, struct err *err)
{
	cleanup_free char *named = NULL;
	cleanup_url struct url u = {.port = 0};
	struct err ignored = ERR_INIT;
	bool tracked = tracking_uri && (!strncmp(tracking_uri, HOST, 10) ||
	                                !url_parse(tracking_uri, &u, &ignored));

	if (profile)
		named = mem_printf(HOST "://%s", profile);
	else
		named = mem_dup(tracked ? tracking_uri : HOST);
	return rest_open(named, &d->rest, err);
}

static int
open_parts(struct artifact_dbfs *d, const char *uri, const char *tracking_uri,
           struct err *err)
{
	cleanup_free char *profile = NULL;
	struct http_settings settings;

	if (split_uri(uri, &profile, &d->path, err) ||
	    (!strncmp(d->path, SIGNED, strlen(SIGNED)) &&
	     split_signed(d, err)) ||
	    open_workspace(d, profile, tracking_uri, err) ||
	    cred_settings(NULL, &settings, err))
		return -1;
	d->cloud = http_new(&settings);
	return 0;
}

static int
dbfs_open(const char *uri, const char *tracking_uri, struct artifact **ret,
          struct err *err)
{
	struct artifact_dbfs *d = mem_alloc(sizeof(*d));

	d->base.ops = &artifact_dbfs_ops;
	d->rest.auth = (struct rest_auth)REST_AUTH_INIT;
	if (open_parts(d, uri, tracking_uri, err)) {
		dbfs_close(&d->base);
		return -1;
	}
	*ret = &d->base;
	return 0;
}

/* --- put ---------------------------------------------------------------- */

int
dbfs_post(struct artifact_dbfs *d, const char *path, const struct cJSON *body,
          struct cJSON **answer, struct err *err)
{
	const struct rest_call call = {
	    .method = "POST",
	    .path = path,
	    .body = body,
	};

	if (!rest_do(&d->rest, &call, answer, err))
		return 0;
	/* The file is as good as any: it stays to be sent. */
	if (err->kind == ERR_FORMAT)
		err->kind = ERR_REMOTE;
	return -1;
}

/* A file that the workspace itself takes: of a volume, or of the old kind. */
static int
put_plain(struct artifact_dbfs *d, const char *key, const struct body *b,
          bool *shrank, struct err *err)
{
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_buf struct buf url = BUF_INIT;
	bool volume = !strncmp(d->path, VOLUMES, strlen(VOLUMES));
	struct http_request r = {
	    .method = volume ? "PUT" : "POST",
	    .headers = &d->rest.auth.headers,
	    .content_type = "application/octet-stream",
	    .data = b->data,
	    .fd = b->fd,
	    .size = b->size,
	    .is_final = rest_is_final,
	};

	buf_addf(&url, "%s%s", d->rest.base,
	         volume ? "/api/2.0/fs/files" : "/dbfs");
	enc_percent(&url, d->path, "/");
	buf_addc(&url, '/');
	enc_percent(&url, key, "/");
	if (volume)
		buf_adds(&url, "?overwrite=true");
	r.url = url.s;
	if (rest_auth_do(&d->rest.auth, d->rest.http, &r, &response, err)) {
		*shrank = response.shrank;
		return -1;
	}
	if (response.status / 100 == 2)
		return 0;
	rest_fail(&r, &response, err);
	/* The file is as good as any: it stays to be sent. */
	if (err->kind == ERR_FORMAT)
		err->kind = ERR_REMOTE;
	return -1;
}

struct putting {
	struct artifact_dbfs *d;
	const char *key;
};

static int
put_body(void *ctx, const struct body *b, bool *shrank, struct err *err)
{
	const struct putting *p = ctx;

	return p->d->run_id ? dbfs_put_signed(p->d, p->key, b, shrank, err)
	                    : put_plain(p->d, p->key, b, shrank, err);
}

static int
dbfs_put(struct artifact *a, const char *key, int fd, off_t size,
         struct err *err)
{
	struct putting p = {
	    .d = container_of(a, struct artifact_dbfs, base),
	    .key = key,
	};

	return body_send(fd, size, put_body, &p, err)
	           ? err_wrap(err, "artifact '%s'", key)
	           : 0;
}

/* It tells sizes, and no sums. */
static int
dbfs_same(struct artifact *a, const char *key, int fd, off_t size,
          struct err *err)
{
	(void)a;
	(void)key;
	(void)fd;
	(void)size;
	(void)err;
	return 0;
}

static const char *const schemes[] = {"dbfs", NULL};

const struct artifact_ops artifact_dbfs_ops = {
    .schemes = schemes,
    .open_by = dbfs_open,
    .close = dbfs_close,
    .put = dbfs_put,
    .same = dbfs_same,
};
