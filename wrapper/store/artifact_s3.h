/* SPDX-License-Identifier: MIT */
/* artifact_s3.h - the parts of the store in a bucket, for one another */
#pragma once

#include <sys/types.h>

#include "store/cred_aws.h"
#include "store/objects.h"
#include "store/s3_place.h"

struct http;
struct http_response;

struct artifact_s3 {
	struct objects base;
	char *uri;
	struct s3_place place;
	struct s3_args args;
	struct cred_aws cred;
	bool anonymous;
	struct http *http;
	bool wants_md5; /* the store insists on Content-MD5 */
	bool odd_etags; /* they are no MD5 of what is stored */
};

/* One request.  All borrowed; zero is the default. */
struct s3_call {
	const char *method;
	const char *key;           /* whole; NULL: the bucket */
	const char *query;         /* encoded and sorted; NULL: none */
	const struct kvs *headers; /* more of them, names in lower case */
	const char *content_type;
	const void *data; /* the body, or of 'fd' from 'offset' on */
	int fd;
	off_t offset;
	off_t size;
	bool once;
	bool with_md5; /* tell the store what it must have got */
	int (*is_done)(void *ctx);
	void *ctx;
	char md5[33]; /* set: of what was sent of 'fd'; "": unknown */
};

/*
 * Signs, sends, follows a bucket that has moved.  0: a 2xx answer; 1: is_done()
 * said so; -1: failed, and ret->status is not 0 where the store has said so.
 */
int s3_send(struct artifact_s3 *s, struct s3_call *c, struct http_response *ret,
            struct err *err);

/* The error for an answer that is none of the good ones. */
int s3_fail(const struct artifact_s3 *s, const struct s3_call *c,
            const struct http_response *response, struct err *err);

/* Whether the answer says where else the bucket is; 's' knows it then. */
bool s3_has_moved(struct artifact_s3 *s, const struct http_response *response);

/* Whether the answer is an error of that code. */
bool s3_is_code(const struct http_response *response, const char *code);

/* False: the ETag shows that other bytes have been stored. */
bool s3_check_sent(struct artifact_s3 *s, const struct s3_call *c,
                   const struct http_response *response);

/* Those of struct objects_ops. */
int s3_list(struct objects *o, char **token, int *status, struct err *err);
int s3_head(struct objects *o, const char *artifact, struct object *ret,
            bool *hidden, struct err *err);

/* Stores a file in parts; the error as with artifact_put(). */
int s3_put_parts(struct artifact_s3 *s, const struct s3_call *whole,
                 bool *shrank, struct err *err);

/* Another one of the same place and credentials; NULL: failed. */
struct artifact_s3 *s3_twin(const struct artifact_s3 *s, struct err *err);

/* The size of each part but the last of a file of this size. */
off_t s3_part_size(off_t size);

/* Files from this size on go in parts. */
#define S3_PARTS_FROM ((off_t)8 << 20)

/* 1: the file's bytes are those of an object with this ETag. */
int s3_etag_matches(const char *etag, int fd, off_t size, struct err *err);

/* The same by a whole key. */
int s3_head_key(struct artifact_s3 *s, const char *key, struct object *ret,
                bool *hidden, struct err *err);

/* An ETag without its quotes. */
void s3_set_etag(struct object *o, const char *etag);
