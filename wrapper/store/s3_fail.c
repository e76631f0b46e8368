/* SPDX-License-Identifier: MIT */
/* s3_fail.c - what S3 says when it refuses, and what to do about it */
#include "base/buf.h"
#include "base/err.h"
#include "store/artifact_s3.h"
#include "store/refusal.h"
#include "wire/http.h"
#include "wire/xml_text.h"

static const struct remedy remedies[] = {
    {"NoSuchBucket",
     "make bucket '%B', or give the experiment another artifact location",
     ERR_REMOTE},
    {"AccessDenied",
     "the credentials from %C need s3:PutObject (and s3:ListBucket) on bucket "
     "'%B'",
     ERR_REMOTE},
    {"AllAccessDisabled", "bucket '%B' is closed", ERR_REMOTE},
    {"InvalidAccessKeyId", "the store does not know the credentials from %C",
     ERR_REMOTE},
    {"SignatureDoesNotMatch",
     "the secret key in the credentials from %C does not belong to the key id",
     ERR_REMOTE},
    {"InvalidToken", "get new temporary credentials; these are from %C",
     ERR_REMOTE},
    {"ExpiredToken", "get new temporary credentials; these are from %C",
     ERR_REMOTE},
    {"TokenRefreshRequired", "get new temporary credentials; these are from %C",
     ERR_REMOTE},
    {"RequestTimeTooSkewed", "set the clock of this machine", ERR_REMOTE},
    {"AuthorizationHeaderMalformed",
     "set AWS_REGION to the region of bucket '%B'", ERR_REMOTE},
    {"PermanentRedirect",
     "set AWS_REGION or MLFLOW_S3_ENDPOINT_URL to where bucket '%B' is",
     ERR_REMOTE},
    {"TemporaryRedirect",
     "set AWS_REGION or MLFLOW_S3_ENDPOINT_URL to where bucket '%B' is",
     ERR_REMOTE},
    {"AccessControlListNotSupported",
     "take ACL out of MLFLOW_S3_UPLOAD_EXTRA_ARGS: bucket '%B' has none",
     ERR_REMOTE},
    {"InvalidStorageClass", "see StorageClass in MLFLOW_S3_UPLOAD_EXTRA_ARGS",
     ERR_REMOTE},
    {"InvalidTag", "see Tagging in MLFLOW_S3_UPLOAD_EXTRA_ARGS", ERR_REMOTE},
    {"KMS.NotFoundException", "see SSEKMSKeyId in MLFLOW_S3_UPLOAD_EXTRA_ARGS",
     ERR_REMOTE},
    {"KeyTooLongError", "a key has 1024 bytes at most", ERR_FORMAT},
    {"XAmzContentSHA256Mismatch", "the file changes while it is read",
     ERR_RETRY},
    {"BadDigest", "the file changes while it is read", ERR_RETRY},
    {"RequestTimeout", NULL, ERR_RETRY},
    {"OperationAborted", NULL, ERR_RETRY},
    {"SlowDown", NULL, ERR_RETRY},
};

bool
s3_is_code(const struct http_response *response, const char *code)
{
	cleanup_buf struct buf text = BUF_INIT;

	return xml_text(response->body.s, "Code", &text) &&
	       !strcmp(text.s, code);
}

/* A HEAD has no body that could tell. */
static const char *
code_of_status(int status)
{
	switch (status) {
	case 301:
		return "PermanentRedirect";
	case 307:
		return "TemporaryRedirect";
	case 403:
		return "AccessDenied";
	default:
		return "";
	}
}

int
s3_fail(const struct artifact_s3 *s, const struct s3_call *c,
        const struct http_response *response, struct err *err)
{
	cleanup_buf struct buf uri = BUF_INIT;
	cleanup_buf struct buf host = BUF_INIT;
	cleanup_buf struct buf code = BUF_INIT;
	cleanup_buf struct buf message = BUF_INIT;
	struct refusal r = {
	    .method = c->method,
	    .status = response->status,
	    .bucket = s->place.bucket,
	    .source = s->cred.source,
	    .secrets = {s->cred.secret, s->cred.token, s->cred.id},
	    .remedies = remedies,
	    .n_remedies = ARRAY_LEN(remedies),
	};

	buf_addf(&uri, "s3://%s%s%s", s->place.bucket, c->key ? "/" : "",
	         c->key ? c->key : "");
	s3_place_host(&s->place, &host);
	xml_text(response->body.s, "Code", &code);
	xml_text(response->body.s, "Message", &message);
	if (!code.len)
		buf_adds(&code, code_of_status(response->status));
	r.uri = uri.s;
	r.host = host.s;
	r.code = code.s;
	r.message = message.s;
	return refusal_set(&r, err);
}
