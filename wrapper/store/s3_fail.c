/* SPDX-License-Identifier: MIT */
/* s3_fail.c - what S3 says when it refuses, and what to do about it */
#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/artifact_s3.h"
#include "wire/http.h"
#include "wire/retry.h"
#include "wire/xml_text.h"

enum { TEXT_MAX = 300 };

/* What the user can do; %C: the credentials' source, %B: the bucket. */
static const struct remedy {
	const char *code;
	const char *text;
	enum err_kind kind;
} remedies[] = {
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

static const struct remedy *
find_remedy(const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(remedies); i++)
		if (!strcmp(remedies[i].code, code))
			return &remedies[i];
	return NULL;
}

static void
add_remedy(struct buf *to, const char *text, const struct artifact_s3 *s)
{
	buf_adds(to, "; ");
	for (; *text; text++) {
		if (text[0] == '%' && text[1] == 'B')
			buf_adds(to, s->place.bucket);
		else if (text[0] == '%' && text[1] == 'C')
			buf_adds(to,
			         s->cred.source ? s->cred.source : "nobody");
		else
			buf_addc(to, *text);
		text += text[0] == '%';
	}
}

/* A store may repeat what we sent; nobody else needs to see it. */
static void
hide(struct buf *text, const char *secret)
{
	size_t len = secret ? strlen(secret) : 0;
	char *at;

	while (len && (at = strstr(text->s, secret))) {
		memmove(at + 1, at + len, strlen(at + len) + 1);
		*at = '*';
		text->len -= len - 1;
	}
}

static enum err_kind
kind_of(int status, const struct remedy *remedy)
{
	if (remedy)
		return remedy->kind;
	if (retry_is_transient(status))
		return ERR_RETRY;
	return status == 404 ? ERR_NOTFOUND : ERR_REMOTE;
}

int
s3_fail(const struct artifact_s3 *s, const struct s3_call *c,
        const struct http_response *response, struct err *err)
{
	cleanup_buf struct buf host = BUF_INIT;
	cleanup_buf struct buf code = BUF_INIT;
	cleanup_buf struct buf message = BUF_INIT;
	cleanup_buf struct buf help = BUF_INIT;
	const struct remedy *remedy;

	s3_place_host(&s->place, &host);
	xml_text(response->body.s, "Code", &code);
	xml_text(response->body.s, "Message", &message);
	if (!code.len)
		buf_adds(&code, code_of_status(response->status));
	hide(&message, s->cred.secret);
	hide(&message, s->cred.token);
	hide(&message, s->cred.id);
	if (message.len > TEXT_MAX) {
		size_t len = TEXT_MAX;

		while (len && (message.s[len] & 0xc0) == 0x80)
			len--;
		buf_cut(&message, len);
	}
	remedy = find_remedy(code.s);
	if (remedy && remedy->text)
		add_remedy(&help, remedy->text, s);
	return err_set(err, kind_of(response->status, remedy),
	               "%s s3://%s%s%.300s at %.200s: %d%s%.80s%s%s%s",
	               c->method, s->place.bucket, c->key ? "/" : "",
	               c->key ? c->key : "", host.s, response->status,
	               code.len ? " " : "", code.s, message.len ? ": " : "",
	               message.s, help.s);
}
