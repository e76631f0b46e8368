/* SPDX-License-Identifier: MIT */
/* s3_args.c - what the user wants each upload to S3 to say */
#include <ctype.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/cred.h"
#include "store/s3_place.h"
#include "wire/json.h"

#define ARGS "MLFLOW_S3_UPLOAD_EXTRA_ARGS"

/* boto3's names of them. */
static const struct arg {
	const char *name;
	const char *header;
	bool everywhere; /* not only where an object is made */
} args[] = {
    {"ACL", "x-amz-acl", false},
    {"BucketKeyEnabled", "x-amz-server-side-encryption-bucket-key-enabled",
     false},
    {"CacheControl", "cache-control", false},
    {"ContentDisposition", "content-disposition", false},
    {"ContentEncoding", "content-encoding", false},
    {"ContentLanguage", "content-language", false},
    {"ExpectedBucketOwner", "x-amz-expected-bucket-owner", true},
    {"Expires", "expires", false},
    {"GrantFullControl", "x-amz-grant-full-control", false},
    {"GrantRead", "x-amz-grant-read", false},
    {"GrantReadACP", "x-amz-grant-read-acp", false},
    {"GrantWriteACP", "x-amz-grant-write-acp", false},
    {"ObjectLockLegalHoldStatus", "x-amz-object-lock-legal-hold", false},
    {"ObjectLockMode", "x-amz-object-lock-mode", false},
    {"ObjectLockRetainUntilDate", "x-amz-object-lock-retain-until-date", false},
    {"RequestPayer", "x-amz-request-payer", true},
    {"SSEKMSEncryptionContext", "x-amz-server-side-encryption-context", false},
    {"SSEKMSKeyId", "x-amz-server-side-encryption-aws-kms-key-id", false},
    {"ServerSideEncryption", "x-amz-server-side-encryption", false},
    {"StorageClass", "x-amz-storage-class", false},
    {"Tagging", "x-amz-tagging", false},
    {"WebsiteRedirectLocation", "x-amz-website-redirect-location", false},
};

void
s3_args_free(struct s3_args *a)
{
	kvs_free(&a->object);
	kvs_free(&a->all);
	free(a->content_type);
	*a = (struct s3_args){.content_type = NULL};
}

/* What S3 can carry in a header: visible ASCII and spaces. */
static int
check_value(const char *name, const char *value, struct err *err)
{
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f)
			return err_set(err, ERR_CONFIG,
			               ARGS ": the value of %.60s holds a "
			                    "character that is not ASCII",
			               name);
	return 0;
}

static int
add_metadata(struct s3_args *a, const struct cJSON *metadata, struct err *err)
{
	if (!json_is_object(metadata))
		return err_set(err, ERR_CONFIG,
		               ARGS ": Metadata must be an object of strings");
	for (const struct cJSON *m = json_first(metadata); m;
	     m = json_next(m)) {
		const char *value = json_text(m);
		const char *key = json_key(m);
		cleanup_buf struct buf header = BUF_INIT;

		if (!value)
			return err_set(err, ERR_CONFIG,
			               ARGS ": Metadata '%.60s' must be a "
			                    "string",
			               key);
		buf_adds(&header, "x-amz-meta-");
		for (const char *p = key; *p; p++) {
			if (!isalnum((unsigned char)*p) && !strchr("-_.", *p))
				return err_set(err, ERR_CONFIG,
				               ARGS ": Metadata '%.60s' is "
				                    "no name of a header",
				               key);
			buf_addc(&header, (char)tolower((unsigned char)*p));
		}
		if (check_value(key, value, err))
			return -1;
		kvs_set(&a->object, header.s, value);
	}
	return 0;
}

static const struct arg *
find_arg(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(args); i++)
		if (!strcmp(args[i].name, name))
			return &args[i];
	return NULL;
}

static int
unknown(const char *name, struct err *err)
{
	cleanup_buf struct buf known = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(args); i++)
		buf_addf(&known, "%s, ", args[i].name);
	return err_set(err, ERR_CONFIG,
	               ARGS ": '%.60s' is not known; %sContentType and "
	                    "Metadata are",
	               name, known.s);
}

static int
add_arg(struct s3_args *a, const struct cJSON *object, const char *name,
        struct err *err)
{
	const char *value = json_str(object, name);
	const struct arg *arg = find_arg(name);

	if (!strcmp(name, "Metadata"))
		return add_metadata(a, json_get(object, name), err);
	if (!arg && strcmp(name, "ContentType") != 0)
		return unknown(name, err);
	if (!value && arg && !strcmp(name, "BucketKeyEnabled"))
		value = json_bool(object, name, false) ? "true" : "false";
	if (!value)
		return err_set(err, ERR_CONFIG, ARGS ": %s must be a string",
		               name);
	if (check_value(name, value, err))
		return -1;
	if (!arg)
		mem_replace(&a->content_type, mem_dup(value));
	else
		kvs_set(arg->everywhere ? &a->all : &a->object, arg->header,
		        value);
	return 0;
}

static int
load(struct s3_args *a, struct err *err)
{
	const char *text = cred_env("MLFLOW_S3_UPLOAD_EXTRA_ARGS");
	const char *owner = cred_env("MLFLOW_S3_EXPECTED_BUCKET_OWNER");
	cleanup_json struct cJSON *o = NULL;

	if (owner && check_value("MLFLOW_S3_EXPECTED_BUCKET_OWNER", owner, err))
		return -1;
	if (owner)
		kvs_set(&a->all, "x-amz-expected-bucket-owner", owner);
	if (!text)
		return 0;
	if (json_parse(text, strlen(text), &o, err) || !json_is_object(o))
		return err_set(err, ERR_CONFIG, ARGS " must be a JSON object");
	for (const struct cJSON *m = json_first(o); m; m = json_next(m))
		if (add_arg(a, o, json_key(m), err))
			return -1;
	return 0;
}

int
s3_args_load(struct s3_args *ret, struct err *err)
{
	struct s3_args a = {.content_type = NULL};

	if (load(&a, err)) {
		s3_args_free(&a);
		return -1;
	}
	*ret = a;
	return 0;
}
