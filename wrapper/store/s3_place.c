/* SPDX-License-Identifier: MIT */
/* s3_place.c - where objects lie: bucket, prefix, endpoint and region */
#include "store/s3_place.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/cred.h"
#include "store/cred_aws.h"
#include "store/object_uri.h"

#define R2_HOST ".r2.cloudflarestorage.com"
#define REGION_DEFAULT "us-east-1"

void
s3_place_free(struct s3_place *p)
{
	free(p->bucket);
	free(p->root);
	free(p->region);
	free(p->moved);
	url_free(&p->endpoint);
	*p = (struct s3_place){.bucket = NULL};
}

/* --- the URI ------------------------------------------------------------ */

/* Whether it can be the first labels of a host; with TLS only one label. */
static bool
is_host_label(const char *s, bool tls)
{
	size_t len = strlen(s);

	if (len < 3 || len > 63 || !isalnum((unsigned char)s[len - 1]) ||
	    !isalnum((unsigned char)*s) || strstr(s, ".."))
		return false;
	for (; *s; s++)
		if (isupper((unsigned char)*s) || *s == '_' ||
		    (*s == '.' && tls))
			return false;
	return true;
}

static bool
ends_with(const char *s, const char *end)
{
	size_t len = strlen(s);
	size_t tail = strlen(end);

	return len > tail && !strcmp(s + len - tail, end);
}

/* *host: what stands behind the '@' of an r2: URI. */
static int
parse_uri(const char *uri, struct s3_place *p, char **host, struct err *err)
{
	char *at;

	if (object_uri_parse(uri, "s3://BUCKET/PATH", &p->bucket, &p->root,
	                     err))
		return -1;
	at = strchr(p->bucket, '@');
	if (at && !strncasecmp(uri, "r2:", 3)) {
		*host = mem_dup(at + 1);
		*at = '\0';
	}
	if (!object_uri_is_bucket(p->bucket))
		return err_set(
		    err, ERR_CONFIG,
		    "artifact URI: '%.100s' is no name of a bucket%s",
		    p->bucket,
		    strncmp(p->bucket, "arn:", 4)
			? ""
			: ", and access points are not known: use "
			  "the access point's alias");
	return 0;
}

/* --- where -------------------------------------------------------------- */

/* The variables' endpoint, before that of an r2: URI. */
static int
load_endpoint(struct s3_place *p, const char *host, bool r2, struct err *err)
{
	static const char *const names[] = {"MLFLOW_S3_ENDPOINT_URL",
	                                    "AWS_ENDPOINT_URL_S3",
	                                    "AWS_ENDPOINT_URL"};
	cleanup_free char *url = NULL;
	const char *name = "artifact URI";
	size_t len;

	for (size_t i = 0; i < ARRAY_LEN(names) && !url; i++) {
		name = names[i];
		url = mem_dup(cred_env(name));
	}
	if (!url && !r2)
		return 0;
	/* Who writes a URI must not choose who gets a signed request. */
	if (!url && (!host || !ends_with(host, R2_HOST)))
		return err_set(err, ERR_CONFIG,
		               "an r2: artifact URI is "
		               "r2://BUCKET@ACCOUNT" R2_HOST "/PATH; for "
		               "another host set MLFLOW_S3_ENDPOINT_URL");
	if (!url)
		url = mem_printf("https://%s", host);
	if (url_parse(url, &p->endpoint, err))
		return err_wrap(err, "%s", name);
	if (p->endpoint.userinfo || strpbrk(p->endpoint.rest, "?"))
		return err_set(err, ERR_CONFIG,
		               "%s must be a URL without user and query", name);
	len = strlen(p->endpoint.rest);
	while (len && p->endpoint.rest[len - 1] == '/')
		p->endpoint.rest[--len] = '\0';
	return 0;
}

/* As botocore: a host of one's own seldom has names for all buckets. */
static int
load_style(struct s3_place *p, struct err *err)
{
	const char *style = cred_env("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE");
	bool tls = !strcmp(s3_place_scheme(p), "https");

	p->virtual_host = !p->endpoint.scheme && is_host_label(p->bucket, tls);
	if (!style || !strcmp(style, "auto"))
		return 0;
	if (!strcmp(style, "path")) {
		p->virtual_host = false;
	} else if (!strcmp(style, "virtual")) {
		p->virtual_host = is_host_label(p->bucket, false);
	} else {
		return err_set(err, ERR_CONFIG,
		               "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE is "
		               "'%.40s', but must be auto, path or virtual",
		               style);
	}
	return 0;
}

/* It becomes part of a host's name. */
static int
check_region(const char *region, struct err *err)
{
	for (const char *p = region; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '-')
			return err_set(err, ERR_CONFIG,
			               "'%.40s' is no region: see AWS_REGION",
			               region);
	return 0;
}

static int
load(const char *uri, struct s3_place *p, struct err *err)
{
	bool r2 = !strncasecmp(uri, "r2:", 3);
	cleanup_free char *host = NULL;

	if (parse_uri(uri, p, &host, err) || load_endpoint(p, host, r2, err) ||
	    load_style(p, err))
		return -1;
	p->region = r2 ? mem_dup("auto") : cred_aws_region();
	if (!p->region || !*p->region)
		mem_replace(&p->region, mem_dup(REGION_DEFAULT));
	return check_region(p->region, err);
}

int
s3_place_load(const char *uri, struct s3_place *ret, struct err *err)
{
	struct s3_place p = {.bucket = NULL};

	if (load(uri, &p, err)) {
		s3_place_free(&p);
		return -1;
	}
	*ret = p;
	return 0;
}

/* --- addresses ---------------------------------------------------------- */

const char *
s3_place_scheme(const struct s3_place *p)
{
	return p->endpoint.scheme ? p->endpoint.scheme : "https";
}

char *
s3_place_key(const struct s3_place *p, const char *artifact)
{
	return object_uri_key(p->root, artifact);
}

void
s3_place_host(const struct s3_place *p, struct buf *to)
{
	const struct url *u = &p->endpoint;

	if (p->moved) {
		buf_adds(to, p->moved);
		return;
	}
	if (p->virtual_host)
		buf_addf(to, "%s.", p->bucket);
	if (!u->scheme) {
		buf_addf(to, "s3.%s.amazonaws.com%s", p->region,
		         strncmp(p->region, "cn-", 3) ? "" : ".cn");
		return;
	}
	buf_adds(to, u->host);
	if (u->port != (!strcmp(u->scheme, "https") ? 443 : 80))
		buf_addf(to, ":%d", u->port);
}

void
s3_place_path(const struct s3_place *p, const char *key, struct buf *to)
{
	if (p->endpoint.rest)
		buf_adds(to, p->endpoint.rest);
	buf_addc(to, '/');
	if (!p->virtual_host)
		buf_addf(to, "%s%s", p->bucket, key ? "/" : "");
	if (key)
		enc_percent(to, key, "/");
}

bool
s3_place_trusts(const struct s3_place *p, const char *host)
{
	cleanup_buf struct buf ours = BUF_INIT;
	cleanup_free char *below = NULL;

	if (!p->endpoint.scheme)
		return ends_with(host, ".amazonaws.com") ||
		       ends_with(host, ".amazonaws.com.cn");
	s3_place_host(p, &ours);
	below = mem_printf(".%s", p->endpoint.host);
	return !strcmp(host, ours.s) || ends_with(host, below);
}
