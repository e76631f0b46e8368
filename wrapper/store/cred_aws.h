/* SPDX-License-Identifier: MIT */
/* cred_aws.h - who we are for AWS and what speaks like it */
#pragma once

#include <stdint.h>

struct err;
struct http;
struct kvs;

/* No message shows any of it but 'source'. */
struct cred_aws {
	char *id;
	char *secret;
	char *token;     /* of a temporary one; NULL: a lasting one */
	int64_t expires; /* seconds since 1970; 0: unknown or never */
	char *source;    /* for messages: "the environment", … */
};

/*
 * The first of: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with
 * AWS_SESSION_TOKEN); web identity; the profile AWS_PROFILE (else "default")
 * in ~/.aws/credentials, then ~/.aws/config; the container's endpoint; the
 * metadata service of an EC2 machine, version 2.  ERR_CONFIG: there are none,
 * or what is named is wrong; ERR_RETRY: who should tell does not answer.
 * cred_aws_free() frees *ret.
 */
int cred_aws_load(struct cred_aws *ret, struct err *err);
void cred_aws_free(struct cred_aws *c);

/* The region by AWS_REGION, AWS_DEFAULT_REGION or the profile; owned. */
char *cred_aws_region(void); /* NULL: none is named */

/* A setting of the profile, from either file; owned, NULL: it is not there. */
char *cred_aws_profile(const char *key);

/*
 * The sources that are asked by HTTP, each for itself.  1: this one is not
 * here.
 */
int cred_aws_web_identity(struct cred_aws *ret, struct err *err);
int cred_aws_container(struct cred_aws *ret, struct err *err);
int cred_aws_machine(struct cred_aws *ret, struct err *err);
