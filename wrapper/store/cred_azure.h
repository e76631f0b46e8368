/* SPDX-License-Identifier: MIT */
/* cred_azure.h - who we are for Azure's storage */
#pragma once

#include "store/cred_oauth.h"

/* One of key, sas and token; no message shows any of it but 'source'. */
struct cred_azure {
	char *account;  /* that the key is of; NULL: the URI's */
	char *endpoint; /* of blobs, by a connection string; NULL: the usual */
	char *key;      /* base64 */
	char *sas;      /* a query without its '?' */
	struct oauth_token token;
	char *source; /* for messages */
};

/*
 * The first of: AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_ACCESS_KEY,
 * AZURE_STORAGE_SAS_TOKEN; a service principal (AZURE_TENANT_ID,
 * AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or the file
 * AZURE_FEDERATED_TOKEN_FILE); the managed identity of an application
 * (IDENTITY_ENDPOINT) or of the machine.  ERR_CONFIG: there are none, or what
 * is named is wrong; ERR_RETRY: who should tell does not answer.
 */
int cred_azure_load(struct cred_azure *ret, struct err *err);
void cred_azure_free(struct cred_azure *c);

/* Those of them that a token service is asked for; 1: this is not here. */
int cred_azure_principal(struct cred_azure *ret, struct err *err);
int cred_azure_managed(struct cred_azure *ret, struct err *err);
