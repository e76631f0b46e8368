/* SPDX-License-Identifier: MIT */
/* azure_place.c - where blobs lie: account, container and prefix */
#include "store/azure_place.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/cred_azure.h"
#include "store/object_uri.h"

#define ENDPOINT_VARIABLE "AZURE_STORAGE_SERVICE_ENDPOINT"
#define FORM "wasbs://CONTAINER@ACCOUNT.blob.core.windows.net/PATH"

void
azure_place_free(struct azure_place *p)
{
	free(p->account);
	free(p->container);
	free(p->root);
	free(p->host);
	url_free(&p->endpoint);
	*p = (struct azure_place){.account = NULL};
}

/* --- the URI ------------------------------------------------------------ */

/* Who writes a URI must not choose who gets a signed request. */
static bool
is_azure(const char *rest)
{
	static const char *const ends[] = {
	    ".core.windows.net",       ".core.chinacloudapi.cn",
	    ".core.usgovcloudapi.net", ".core.cloudapi.de",
	    ".fabric.microsoft.com",
	};

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (!strcasecmp(rest, ends[i]))
			return true;
	return false;
}

static bool
is_label(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-')
			return false;
	return len > 0 && len < 64;
}

/* "account.blob.core.windows.net" or "account.dfs.core.windows.net". */
static int
parse_host(const char *host, struct azure_place *p, struct err *err)
{
	size_t account = strcspn(host, ".");
	const char *kind = host + account;
	const char *rest = *kind ? strchr(kind + 1, '.') : NULL;
	size_t len = rest ? (size_t)(rest - kind) : 0;

	if (!is_label(host, account) || !rest || !is_azure(rest) ||
	    ((len != 5 || strncasecmp(kind, ".blob", 5) != 0) &&
	     (len != 4 || strncasecmp(kind, ".dfs", 4) != 0)))
		return err_set(err, ERR_CONFIG,
		               "artifact URI: '%.200s' is no host of Azure's: "
		               "write " FORM,
		               host);
	p->account = mem_ndup(host, account);
	p->host = mem_printf("%s.blob%s", p->account, rest);
	return 0;
}

static int
parse(const char *uri, struct azure_place *p, struct err *err)
{
	char *at;

	if (object_uri_parse(uri, FORM, &p->container, &p->root, err))
		return -1;
	at = strchr(p->container, '@');
	if (!at)
		return err_set(err, ERR_CONFIG,
		               "artifact URI '%.200s' names no container: "
		               "write " FORM,
		               uri);
	*at = '\0';
	/* "$root" and "$web" are containers as well. */
	if (!object_uri_is_bucket(p->container + (*p->container == '$')))
		return err_set(err, ERR_CONFIG,
		               "artifact URI: '%.100s' is no name of a "
		               "container",
		               p->container);
	return parse_host(at + 1, p, err);
}

int
azure_place_load(const char *uri, struct azure_place *ret, struct err *err)
{
	struct azure_place p = {.account = NULL};

	if (parse(uri, &p, err)) {
		azure_place_free(&p);
		return -1;
	}
	*ret = p;
	return 0;
}

/* --- addresses ---------------------------------------------------------- */

int
azure_place_settle(struct azure_place *p, const struct cred_azure *cred,
                   struct err *err)
{
	const char *other = cred_env(ENDPOINT_VARIABLE);
	cleanup_free char *usual = mem_printf("https://%s", p->host);
	const char *given = other ? other : cred->endpoint;
	struct url u;
	size_t len;

	if (url_parse(given ? given : usual, &u, err))
		return err_wrap(err, "%s",
		                other ? ENDPOINT_VARIABLE : cred->source);
	url_free(&p->endpoint);
	p->endpoint = u;
	len = strcspn(u.rest, "?");
	while (len && u.rest[len - 1] == '/')
		len--;
	u.rest[len] = '\0';
	if (cred->account)
		mem_replace(&p->account, mem_dup(cred->account));
	if (!strcmp(u.scheme, "https") || url_is_loopback(&u))
		return 0;
	return err_set(err, ERR_CONFIG,
	               "credentials do not go to '%s', which is neither https "
	               "nor on this machine",
	               u.host);
}

void
azure_place_path(const struct azure_place *p, const char *name, struct buf *to)
{
	buf_addf(to, "%s/", p->endpoint.rest);
	enc_percent(to, p->container, "$");
	if (!name)
		return;
	buf_addc(to, '/');
	enc_percent(to, name, "/");
}
