/* SPDX-License-Identifier: MIT */
/* proxy_uri.c - where the artifacts of a run lie behind a server */
#include "store/proxy_uri.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "wire/url.h"

#define SCHEME "mlflow-artifacts:"
#define SERVICE "/api/2.0/mlflow-artifacts/artifacts"

/* Not touched in a URI that somebody wrote: it may be encoded already. */
#define KEEP "/%!$&'()*+,:;=@"

static size_t
without_slashes(const char *s, size_t len)
{
	while (len && s[len - 1] == '/')
		len--;
	return len;
}

/* A path of an artifact URI: no query, no fragment, no last slash. */
static void
add_path(struct buf *to, const char *path)
{
	size_t len = strcspn(path, "?#");
	cleanup_free char *plain = mem_ndup(path, without_slashes(path, len));

	enc_percent(to, plain, KEEP);
}

static bool
is_number(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!isdigit((unsigned char)*s) && *s != '.')
			return false;
	return true;
}

/* The server that "//host:port/" names, else the tracking server. */
static int
choose_server(const char *authority, const struct url *tracking,
              struct buf *server, bool *known, struct err *err)
{
	size_t path =
	    without_slashes(tracking->rest, strcspn(tracking->rest, "?"));
	cleanup_free char *whole =
	    mem_printf("%s://%s/", tracking->scheme, authority);
	struct url chosen = *tracking;
	cleanup_url struct url other = {.port = 0};
	cleanup_free char *rest = mem_ndup(tracking->rest, path);

	if (is_number(authority) && !strchr(authority, '.'))
		return err_set(err, ERR_CONFIG,
		               "the artifact URI names the port %s without a "
		               "host",
		               authority);
	chosen.rest = rest;
	if (*authority) {
		if (url_parse(whole, &other, err))
			return err_wrap(err, "artifact URI");
		chosen.host = other.host;
		chosen.port = other.port;
	}
	*known = !strcmp(chosen.host, tracking->host);
	url_print(server, &chosen);
	return 0;
}

static int
resolve_proxied(const char *uri, const char *tracking_uri,
                struct proxy_uri *ret, struct err *err)
{
	const char *path = uri + strlen(SCHEME);
	cleanup_url struct url tracking = {.port = 0};
	cleanup_free char *authority = NULL;
	cleanup_buf struct buf server = BUF_INIT;
	cleanup_buf struct buf root = BUF_INIT;
	struct err ignored = ERR_INIT;

	if (!tracking_uri || url_parse(tracking_uri, &tracking, &ignored))
		return err_set(err, ERR_CONFIG,
		               "the run's artifacts are kept by a tracking "
		               "server ('" SCHEME "'), but the tracking URI is "
		               "none: set MLFLOW_TRACKING_URI to its address");
	if (!strncmp(path, "//", 2)) {
		size_t len = strcspn(path + 2, "/?#");

		authority = mem_ndup(path + 2, len);
		path += 2 + len;
	}
	if (choose_server(authority ? authority : "", &tracking, &server,
	                  &ret->known, err))
		return -1;
	while (*path == '/')
		path++;
	add_path(&root, path);
	ret->server = buf_detach(&server);
	ret->root = buf_detach(&root);
	ret->url = mem_printf("%s" SERVICE "%s%s", ret->server,
	                      *ret->root ? "/" : "", ret->root);
	return 0;
}

static int
resolve_http(const char *uri, const char *tracking_uri, struct proxy_uri *ret,
             struct err *err)
{
	cleanup_url struct url u = {.port = 0};
	cleanup_url struct url tracking = {.port = 0};
	cleanup_buf struct buf url = BUF_INIT;
	cleanup_buf struct buf whole = BUF_INIT;
	struct err ignored = ERR_INIT;
	const char *service;

	/* Spaces and letters of other scripts are forgiven. */
	enc_percent(&whole, uri, KEEP "?#[]");
	if (url_parse(whole.s, &u, err))
		return err_wrap(err, "artifact URI");
	ret->known =
	    tracking_uri && !url_parse(tracking_uri, &tracking, &ignored) &&
	    !strcmp(tracking.host, u.host) &&
	    (!strcmp(u.scheme, "https") || !strcmp(tracking.scheme, "http"));
	url_print(&url, &u);
	buf_cut(&url, without_slashes(url.s, strcspn(url.s, "?")));
	service = strstr(url.s, SERVICE "/");
	if (service) {
		ret->server = mem_ndup(url.s, (size_t)(service - url.s));
		ret->root = mem_dup(service + strlen(SERVICE "/"));
	}
	ret->url = buf_detach(&url);
	return 0;
}

int
proxy_uri_resolve(const char *uri, const char *tracking_uri,
                  struct proxy_uri *ret, struct err *err)
{
	struct proxy_uri p = {.url = NULL};
	int failed = !strncmp(uri, SCHEME, strlen(SCHEME))
	                 ? resolve_proxied(uri, tracking_uri, &p, err)
	                 : resolve_http(uri, tracking_uri, &p, err);

	if (failed) {
		proxy_uri_free(&p);
		return -1;
	}
	*ret = p;
	return 0;
}

void
proxy_uri_free(struct proxy_uri *p)
{
	free(p->url);
	free(p->server);
	free(p->root);
	*p = (struct proxy_uri){.url = NULL};
}

int
proxy_uri_add_key(struct buf *to, const char *key, bool *bent, struct err *err)
{
	cleanup_buf struct buf decoded = BUF_INIT;

	if (strchr(key, '#'))
		return err_set(err, ERR_FORMAT,
		               "a server of MLflow takes no '#' in the name of "
		               "an artifact");
	enc_unpercent(&decoded, key);
	if (bent)
		*bent = strcmp(decoded.s, key) != 0;
	enc_percent(to, key, "/");
	return 0;
}
