/* SPDX-License-Identifier: MIT */
/* artifact_gs.h - the parts of the store in Google's cloud, for one another */
#pragma once

#include "store/cred_google.h"
#include "store/objects.h"
#include "wire/url.h"

struct http;
struct http_response;
struct running_md5;

struct artifact_gs {
	struct objects base;
	char *bucket;
	char *root; /* of all names; "" at the top */
	struct url endpoint;
	off_t chunk; /* of a resumable upload */
	bool known;  /* 'cred' has been loaded */
	struct cred_google cred;
	struct http *http;
};

/* One request.  All borrowed; zero is the default. */
struct gs_call {
	const char *method;
	const char *path; /* and query, as they are sent */
	const char *name; /* of the object, for messages; NULL: the bucket */
	const struct kvs *headers;
	const char *content_type;
	const void *data; /* the body, or of 'fd' from 'offset' on */
	int fd;
	off_t offset;
	off_t size;
	bool once;
	bool session; /* "308 Resume Incomplete" is a good answer */
	int (*is_done)(void *ctx);
	void *ctx;
	struct running_md5 *running; /* of the file; or NULL */
};

/* Authorises and sends; as sending_do(). */
int gs_send(struct artifact_gs *s, const struct gs_call *c,
            struct http_response *ret, struct err *err);

/*
 * Whether the answer to an upload tells of other bytes than were sent:
 * ERR_RETRY.  'running' is ended.
 */
int gs_check_sent(const struct http_response *response,
                  struct running_md5 *running, off_t size, struct err *err);

/* Stores a file by a session that can be taken up again. */
int gs_put_resumable(struct artifact_gs *s, const char *name,
                     const char *content_type, const struct body *b,
                     bool *shrank, struct err *err);

/* Files up to this size go in one request, as with Google's own client. */
#define GS_WHOLE_MAX ((off_t)8 << 20)

/* Resumable uploads go in multiples of this. */
#define GS_CHUNK_UNIT ((off_t)256 << 10)
