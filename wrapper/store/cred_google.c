/* SPDX-License-Identifier: MIT */
/* cred_google.c - who we are for Google's cloud */
#include "store/cred_google.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "wire/digest.h"
#include "wire/json.h"

#define FILE_VARIABLE "GOOGLE_APPLICATION_CREDENTIALS"
#define TOKEN_URL "https://oauth2.googleapis.com/token"
#define SCOPE "https://www.googleapis.com/auth/devstorage.read_write"
#define JWT_GRANT "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define METADATA_HOST "metadata.google.internal"
#define METADATA_PATH                                                          \
	"/computeMetadata/v1/instance/service-accounts/default/token"

enum { FILE_MAX = 1 << 20, JWT_S = 3600 };

void
cred_google_free(struct cred_google *c)
{
	oauth_token_free(&c->token);
	free(c->project);
	free(c->source);
	*c = (struct cred_google){.anonymous = false};
}

/* --- files -------------------------------------------------------------- */

static const char *
token_url(const struct cJSON *o)
{
	const char *url = json_str(o, "token_uri");

	return url && *url ? url : TOKEN_URL;
}

/* A member that must be there. */
static int
need(const struct cJSON *o, const char *key, const char **ret, struct err *err)
{
	*ret = json_str(o, key);
	return *ret && **ret ? 0
	                     : err_set(err, ERR_CONFIG, "'%s' is missing", key);
}

/* A claim of who we are, signed: RFC 7523. */
static int
make_assertion(const struct cJSON *o, struct buf *to, struct err *err)
{
	cleanup_json struct cJSON *header = json_object();
	cleanup_json struct cJSON *claims = json_object();
	cleanup_buf struct buf header_text = BUF_INIT;
	cleanup_buf struct buf claims_text = BUF_INIT;
	cleanup_buf struct buf signature = BUF_INIT;
	int64_t now = clock_now_ms() / 1000;
	const char *email;
	const char *key;

	if (need(o, "client_email", &email, err) ||
	    need(o, "private_key", &key, err))
		return -1;
	json_set_str(header, "alg", "RS256");
	json_set_str(header, "typ", "JWT");
	if (json_str(o, "private_key_id"))
		json_set_str(header, "kid", json_str(o, "private_key_id"));
	json_set_str(claims, "iss", email);
	json_set_str(claims, "scope", SCOPE);
	json_set_str(claims, "aud", token_url(o));
	json_set_int(claims, "iat", now);
	json_set_int(claims, "exp", now + JWT_S);
	json_print(header, false, &header_text);
	json_print(claims, false, &claims_text);
	oauth_jwt_begin(to, header_text.s, claims_text.s);
	if (digest_sign_rs256(key, to->s, to->len, &signature, err))
		return err_wrap(err, "'private_key'");
	buf_addc(to, '.');
	enc_base64url(to, signature.s, signature.len);
	return 0;
}

static int
service_form(const struct cJSON *o, struct kvs *form, struct err *err)
{
	cleanup_buf struct buf assertion = BUF_INIT;

	if (make_assertion(o, &assertion, err))
		return -1;
	kvs_set(form, "grant_type", JWT_GRANT);
	kvs_set(form, "assertion", assertion.s);
	return 0;
}

static int
user_form(const struct cJSON *o, struct kvs *form, struct err *err)
{
	static const char *const keys[] = {"client_id", "client_secret",
	                                   "refresh_token"};

	kvs_set(form, "grant_type", "refresh_token");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *value;

		if (need(o, keys[i], &value, err))
			return -1;
		kvs_set(form, keys[i], value);
	}
	return 0;
}

static int
make_form(const struct cJSON *o, struct kvs *form, struct err *err)
{
	const char *type;

	if (need(o, "type", &type, err))
		return -1;
	if (!strcmp(type, "service_account"))
		return service_form(o, form, err);
	if (!strcmp(type, "authorized_user"))
		return user_form(o, form, err);
	return err_set(err, ERR_CONFIG,
	               "credentials of type '%.60s', which kmlflow does not "
	               "follow: use those of a service account",
	               type);
}

static int
ask_by_file(const struct cJSON *o, struct cred_google *ret, struct err *err)
{
	struct kvs form = KVS_INIT;
	struct oauth_ask a = {
	    .what = "Google's token service",
	    .reach = CRED_FAR,
	    .url = token_url(o),
	    .form = &form,
	};
	int failed = oauth_check_url(a.url, "'token_uri'", err) ||
	             make_form(o, &form, err) ||
	             oauth_ask(&a, &ret->token, err);

	oauth_form_free(&form);
	return failed ? -1 : 0;
}

static int
from_file(const char *path, struct cred_google *ret, struct err *err)
{
	const char *project = cred_env("GOOGLE_CLOUD_QUOTA_PROJECT");
	cleanup_json struct cJSON *o = NULL;

	if (json_read(path, FILE_MAX, &o, err) || ask_by_file(o, ret, err)) {
		/* What is in a file is there tomorrow as well. */
		if (err->kind != ERR_RETRY)
			err->kind = ERR_CONFIG;
		return err_wrap(err, "'%.300s'", path);
	}
	if (!project)
		project = json_str(o, "quota_project_id");
	ret->project = mem_dup(project);
	ret->source = mem_printf("'%.300s'", path);
	return 0;
}

/* --- sources; 1: not from here ------------------------------------------ */

static int
from_variable(struct cred_google *ret, struct err *err)
{
	const char *path = cred_env(FILE_VARIABLE);

	if (!path)
		return 1;
	return from_file(path, ret, err) ? err_wrap(err, FILE_VARIABLE) : 0;
}

static int
from_gcloud(struct cred_google *ret, struct err *err)
{
	const char *dir = cred_env("CLOUDSDK_CONFIG");
	cleanup_free char *usual = cred_home(".config/gcloud");
	cleanup_free char *path =
	    fs_join(dir ? dir : usual, "application_default_credentials.json");

	return fs_exists(path) ? from_file(path, ret, err) : 1;
}

static int
from_machine(struct cred_google *ret, struct err *err)
{
	const char *off = cred_env("NO_GCE_CHECK");
	const char *host = cred_env("GCE_METADATA_HOST");
	cleanup_free char *url =
	    mem_printf("http://%s" METADATA_PATH, host ? host : METADATA_HOST);
	cleanup_kvs struct kvs headers = KVS_INIT;
	struct oauth_ask a = {
	    .what = "the machine's metadata server",
	    .reach = CRED_NEAR,
	    .url = url,
	    .headers = &headers,
	};

	if (off && !strcasecmp(off, "true"))
		return 1;
	kvs_set(&headers, "Metadata-Flavor", "Google");
	if (!oauth_ask(&a, &ret->token, err)) {
		ret->source = mem_dup(a.what);
		return 0;
	}
	/* Elsewhere than in Google's cloud there is none. */
	if (host)
		return -1;
	log_debug("%s", err->msg);
	return 1;
}

int
cred_google_load(struct cred_google *ret, struct err *err)
{
	static int (*const sources[])(struct cred_google *, struct err *) = {
	    from_variable,
	    from_gcloud,
	    from_machine,
	};
	struct cred_google c = {.anonymous = false};
	int got = 1;

	for (size_t i = 0; i < ARRAY_LEN(sources) && got > 0; i++)
		got = sources[i](&c, err);
	if (got < 0) {
		cred_google_free(&c);
		return -1;
	}
	c.anonymous = got > 0;
	*ret = c;
	return 0;
}
