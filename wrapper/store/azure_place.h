/* SPDX-License-Identifier: MIT */
/* azure_place.h - where blobs lie: account, container and prefix */
#pragma once

#include "wire/url.h"

struct buf;
struct cred_azure;
struct err;

struct azure_place {
	char *account;
	char *container;
	char *root;          /* of all names; "" at the top */
	char *host;          /* of blobs, by the URI */
	struct url endpoint; /* set by azure_place_settle() */
};

/*
 * "wasbs://CONTAINER@ACCOUNT.blob.core.windows.net/PATH", or "abfss://" with
 * ".dfs." in the host, which is asked as ".blob." all the same; other clouds'
 * hosts as well.  ERR_CONFIG says what is wrong.  azure_place_free() frees
 * *ret.
 */
int azure_place_load(const char *uri, struct azure_place *ret, struct err *err);
void azure_place_free(struct azure_place *p);

/*
 * By AZURE_STORAGE_SERVICE_ENDPOINT, else by what the credentials say, else by
 * the URI.
 */
int azure_place_settle(struct azure_place *p, const struct cred_azure *cred,
                       struct err *err);

/* Appends the path of a blob, NULL: of the container itself. */
void azure_place_path(const struct azure_place *p, const char *name,
                      struct buf *to);
