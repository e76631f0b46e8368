/* SPDX-License-Identifier: MIT */
/* cred_azure.c - who we are for Azure's storage, by the environment */
#include "store/cred_azure.h"

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"

#define CONNECTION "AZURE_STORAGE_CONNECTION_STRING"

/* What everybody knows of the emulator, by its documentation. */
#define EMULATOR_ENDPOINT "http://127.0.0.1:10000/devstoreaccount1"
#define EMULATOR_ACCOUNT "devstoreaccount1"
#define EMULATOR_KEY                                                           \
	"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/"      \
	"K1SZFPTOtr/KBHBeksoGMGw=="

static void
wipe(char **secret)
{
	if (*secret)
		explicit_bzero(*secret, strlen(*secret));
	mem_replace(secret, NULL);
}

void
cred_azure_free(struct cred_azure *c)
{
	wipe(&c->key);
	wipe(&c->sas);
	oauth_token_free(&c->token);
	free(c->account);
	free(c->endpoint);
	free(c->source);
	*c = (struct cred_azure){.key = NULL};
}

/* --- connection strings ------------------------------------------------- */

/* "NAME=VALUE;NAME=VALUE"; the names' case does not matter. */
static void
parse(const char *text, struct kvs *to)
{
	while (*text) {
		size_t len = strcspn(text, ";");
		cleanup_free char *name = mem_ndup(text, len);
		char *value = strchr(name, '=');

		if (value) {
			*value++ = '\0';
			for (char *p = name; *p; p++)
				*p |= 0x20;
			kvs_set(to, name, value);
		}
		text += len + (text[len] == ';');
	}
}

static char *
endpoint_of(const struct kvs *k)
{
	const char *given = kvs_get(k, "blobendpoint");
	const char *account = kvs_get(k, "accountname");
	const char *suffix = kvs_get(k, "endpointsuffix");
	const char *scheme = kvs_get(k, "defaultendpointsprotocol");

	if (given)
		return mem_dup(given);
	if (!account)
		return NULL;
	return mem_printf("%s://%s.blob.%s", scheme ? scheme : "https", account,
	                  suffix ? suffix : "core.windows.net");
}

static void
use_emulator(struct cred_azure *c)
{
	c->account = mem_dup(EMULATOR_ACCOUNT);
	c->key = mem_dup(EMULATOR_KEY);
	c->endpoint = mem_dup(EMULATOR_ENDPOINT);
}

static int
take(const struct kvs *k, struct cred_azure *c, struct err *err)
{
	const char *emulator = kvs_get(k, "usedevelopmentstorage");
	const char *sas = kvs_get(k, "sharedaccesssignature");

	c->source = mem_dup(CONNECTION);
	if (emulator && !strcasecmp(emulator, "true")) {
		use_emulator(c);
		return 0;
	}
	c->account = mem_dup(kvs_get(k, "accountname"));
	c->key = mem_dup(kvs_get(k, "accountkey"));
	c->endpoint = endpoint_of(k);
	if (!c->key && sas)
		c->sas = mem_dup(sas + (*sas == '?'));
	if (!c->endpoint)
		return err_set(err, ERR_CONFIG,
		               CONNECTION " names neither AccountName nor "
		                          "BlobEndpoint");
	if (!c->key && !c->sas)
		return err_set(err, ERR_CONFIG,
		               CONNECTION " holds neither AccountKey nor "
		                          "SharedAccessSignature");
	return 0;
}

/* --- sources; 1: not from here ------------------------------------------ */

static int
from_connection_string(struct cred_azure *c, struct err *err)
{
	const char *text = cred_env(CONNECTION);
	struct kvs k = KVS_INIT;
	int got;

	if (!text)
		return 1;
	parse(text, &k);
	got = take(&k, c, err);
	oauth_form_free(&k);
	return got;
}

static int
from_key(struct cred_azure *c, struct err *err)
{
	const char *key = cred_env("AZURE_STORAGE_ACCESS_KEY");

	(void)err;
	if (!key)
		return 1;
	c->key = mem_dup(key);
	c->source = mem_dup("AZURE_STORAGE_ACCESS_KEY");
	return 0;
}

static int
from_sas(struct cred_azure *c, struct err *err)
{
	const char *sas = cred_env("AZURE_STORAGE_SAS_TOKEN");

	(void)err;
	if (!sas)
		return 1;
	c->sas = mem_dup(sas + (*sas == '?'));
	c->source = mem_dup("AZURE_STORAGE_SAS_TOKEN");
	return 0;
}

/* They become headers and URLs. */
static int
check(const struct cred_azure *c, struct err *err)
{
	const char *const all[] = {c->account, c->key, c->sas};
	cleanup_buf struct buf raw = BUF_INIT;
	int bad;

	if (cred_check(all, ARRAY_LEN(all), c->source, err))
		return -1;
	if (c->sas && strchr(c->sas, '#'))
		return err_set(err, ERR_CONFIG,
		               "the signature in %s is no query of a URL",
		               c->source);
	bad = c->key && (enc_unbase64(&raw, c->key) || !raw.len);
	buf_wipe(&raw);
	return bad ? err_set(err, ERR_CONFIG,
	                     "the account's key in %s is not in base64",
	                     c->source)
	           : 0;
}

int
cred_azure_load(struct cred_azure *ret, struct err *err)
{
	static int (*const sources[])(struct cred_azure *, struct err *) = {
	    from_connection_string, from_key,           from_sas,
	    cred_azure_principal,   cred_azure_managed,
	};
	struct cred_azure c = {.key = NULL};
	int got = 1;

	for (size_t i = 0; i < ARRAY_LEN(sources) && got > 0; i++)
		got = sources[i](&c, err);
	if (got > 0)
		return err_set(err, ERR_CONFIG,
		               "no Azure credentials found: set " CONNECTION
		               ", AZURE_STORAGE_ACCESS_KEY, or "
		               "AZURE_TENANT_ID, AZURE_CLIENT_ID and "
		               "AZURE_CLIENT_SECRET");
	if (got || check(&c, err)) {
		cred_azure_free(&c);
		return -1;
	}
	*ret = c;
	return 0;
}
