/* SPDX-License-Identifier: MIT */
/* artifact_azure.h - the parts of the store in Azure's, for one another */
#pragma once

#include "store/azure_place.h"
#include "store/cred_azure.h"
#include "store/objects.h"

struct http;
struct http_response;
struct running_md5;

struct artifact_azure {
	struct objects base;
	struct azure_place place;
	bool known; /* 'cred' has been loaded, and the place settled by it */
	struct cred_azure cred;
	struct http *http;
};

/* One request.  All borrowed; zero is the default. */
struct azure_call {
	const char *method;
	const char *name;          /* whole, of the blob; NULL: the container */
	const char *query;         /* encoded; NULL: none */
	const struct kvs *headers; /* more of them, names in lower case */
	const void *data;          /* the body, or of 'fd' from 'offset' on */
	int fd;
	off_t offset;
	off_t size;
	struct running_md5 *running; /* of the whole file; or NULL */
};

/*
 * Authorises, sends, and compares what the store says that it has got with
 * what was sent: ERR_RETRY.  Else as sending_do().
 */
int azure_send(struct artifact_azure *s, const struct azure_call *c,
               struct http_response *ret, struct err *err);

/* Stores a file in blocks. */
int azure_put_blocks(struct artifact_azure *s, const char *name,
                     const struct body *b, bool *shrank, struct err *err);

/* Files from this size on go in blocks. */
#define AZURE_BLOCKS_FROM ((off_t)8 << 20)
