/* SPDX-License-Identifier: MIT */
/* cred_azure_token.c - Azure's access tokens: principals, managed identities */
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "store/cred_azure.h"
#include "wire/url.h"

#define AUTHORITY "https://login.microsoftonline.com"
#define RESOURCE "https://storage.azure.com/"
#define MACHINE_HOST "http://169.254.169.254"
#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static char *
without_slash(const char *url)
{
	size_t len = strlen(url);

	while (len && url[len - 1] == '/')
		len--;
	return mem_ndup(url, len);
}

/* --- principals --------------------------------------------------------- */

/* 1: there is neither a secret nor a token that stands for one. */
static int
add_proof(struct kvs *form, const char **source, struct err *err)
{
	const char *secret = cred_env("AZURE_CLIENT_SECRET");
	const char *path = cred_env("AZURE_FEDERATED_TOKEN_FILE");
	cleanup_free char *token = NULL;

	*source = secret ? "AZURE_CLIENT_SECRET" : "AZURE_FEDERATED_TOKEN_FILE";
	if (secret) {
		kvs_set(form, "client_secret", secret);
		return 0;
	}
	if (!path)
		return 1;
	if (cred_read_token(path, &token, err)) {
		err->kind = ERR_CONFIG;
		return err_wrap(err, "AZURE_FEDERATED_TOKEN_FILE");
	}
	kvs_set(form, "client_assertion_type", ASSERTION_TYPE);
	kvs_set(form, "client_assertion", token);
	return 0;
}

static int
ask_authority(const char *tenant, const char *client, struct kvs *form,
              struct cred_azure *ret, struct err *err)
{
	const char *given = cred_env("AZURE_AUTHORITY_HOST");
	cleanup_free char *base = without_slash(given ? given : AUTHORITY);
	cleanup_free char *url =
	    mem_printf("%s%s/%s/oauth2/v2.0/token",
	               strstr(base, "://") ? "" : "https://", base, tenant);
	struct oauth_ask a = {
	    .what = "Azure's token service",
	    .reach = CRED_FAR,
	    .url = url,
	    .form = form,
	};

	kvs_set(form, "grant_type", "client_credentials");
	kvs_set(form, "client_id", client);
	kvs_set(form, "scope", RESOURCE ".default");
	if (oauth_check_url(url, "AZURE_AUTHORITY_HOST", err))
		return -1;
	return oauth_ask(&a, &ret->token, err);
}

int
cred_azure_principal(struct cred_azure *ret, struct err *err)
{
	const char *tenant = cred_env("AZURE_TENANT_ID");
	const char *client = cred_env("AZURE_CLIENT_ID");
	struct kvs form = KVS_INIT;
	const char *source;
	int got;

	if (!tenant || !client)
		return 1;
	if (tenant[strcspn(tenant, "/?#%@ ")])
		return err_set(err, ERR_CONFIG,
		               "AZURE_TENANT_ID is '%.60s', which is no "
		               "tenant's id or name",
		               tenant);
	got = add_proof(&form, &source, err);
	if (!got)
		got = ask_authority(tenant, client, &form, ret, err);
	if (!got)
		ret->source = mem_printf("AZURE_CLIENT_ID and %s", source);
	else if (got < 0)
		err_wrap(err, "AZURE_CLIENT_ID");
	oauth_form_free(&form);
	return got;
}

/* --- managed identities ------------------------------------------------- */

static void
add_identity(struct buf *url, const char *version)
{
	const char *client = cred_env("AZURE_CLIENT_ID");

	url_add_query(url, "api-version", version);
	url_add_query(url, "resource", RESOURCE);
	if (client)
		url_add_query(url, "client_id", client);
}

static int
of_application(const char *endpoint, struct cred_azure *ret, struct err *err)
{
	const char *header = cred_env("IDENTITY_HEADER");
	cleanup_buf struct buf url = BUF_INIT;
	cleanup_kvs struct kvs headers = KVS_INIT;
	struct oauth_ask a = {
	    .what = "the application's managed identity",
	    .reach = CRED_NEAR,
	    .headers = &headers,
	};

	buf_adds(&url, endpoint);
	add_identity(&url, "2019-08-01");
	a.url = url.s;
	kvs_set(&headers, "X-IDENTITY-HEADER", header);
	if (cred_check(&header, 1, "IDENTITY_HEADER", err) ||
	    oauth_ask(&a, &ret->token, err))
		return -1;
	ret->source = mem_dup(a.what);
	return 0;
}

/* Elsewhere than in Azure there is none. */
static int
of_machine(struct cred_azure *ret, struct err *err)
{
	const char *given = cred_env("AZURE_POD_IDENTITY_AUTHORITY_HOST");
	cleanup_free char *base = without_slash(given ? given : MACHINE_HOST);
	cleanup_buf struct buf url = BUF_INIT;
	cleanup_kvs struct kvs headers = KVS_INIT;
	struct oauth_ask a = {
	    .what = "the machine's managed identity",
	    .reach = CRED_NEAR,
	    .headers = &headers,
	};

	buf_addf(&url, "%s/metadata/identity/oauth2/token", base);
	add_identity(&url, "2018-02-01");
	a.url = url.s;
	kvs_set(&headers, "Metadata", "true");
	if (!oauth_ask(&a, &ret->token, err)) {
		ret->source = mem_dup(a.what);
		return 0;
	}
	if (given || err->kind == ERR_REMOTE)
		return -1;
	log_debug("%s", err->msg);
	return 1;
}

int
cred_azure_managed(struct cred_azure *ret, struct err *err)
{
	const char *endpoint = cred_env("IDENTITY_ENDPOINT");

	return endpoint && cred_env("IDENTITY_HEADER")
	           ? of_application(endpoint, ret, err)
	           : of_machine(ret, err);
}
