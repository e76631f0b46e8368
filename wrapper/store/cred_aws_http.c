/* SPDX-License-Identifier: MIT */
/* cred_aws_http.c - AWS credentials from a web service that knows us */
#include <ctype.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "store/cred_aws.h"
#include "wire/http.h"
#include "wire/json.h"
#include "wire/url.h"
#include "wire/xml_text.h"

#define CONTAINER_HOST "http://169.254.170.2"
#define MACHINE_HOST "http://169.254.169.254"
#define MACHINE_PATH "/latest/meta-data/iam/security-credentials/"

enum {
	TOKEN_MAX = 64 << 10,
	NEAR_MS = 2000,    /* for services on this machine */
	FAR_MS = 60 * 1000 /* for AWS's own */
};

/* "2030-01-02T03:04:05Z"; 0: it is no such time. */
static int64_t
parse_time(const char *s)
{
	struct tm tm = {.tm_sec = 0};

	return s && strptime(s, "%Y-%m-%dT%H:%M:%S", &tm) ? (int64_t)timegm(&tm)
	                                                  : 0;
}

/* A client that does not insist: most machines have no such service. */
static struct http *
new_client(int patience_ms, struct err *err)
{
	struct http_settings settings;
	struct http *h;

	if (http_settings_load(&settings, err))
		return NULL;
	settings.redirects = false;
	mem_replace(&settings.client_cert, NULL);
	if (patience_ms == NEAR_MS) {
		settings.retry.max = 1;
		settings.retry.factor = 0.2;
		settings.retry.jitter = 0;
		settings.timeout_ms = NEAR_MS / 2;
	}
	h = http_new(&settings);
	http_set_patience(h, patience_ms);
	return h;
}

static void
free_client(struct http **h)
{
	http_free(*h);
}

#define cleanup_client __attribute__((cleanup(free_client)))

static int
read_token(const char *path, char **ret, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (fs_read(path, TOKEN_MAX, &text, err))
		return -1;
	while (text.len && isspace((unsigned char)text.s[text.len - 1]))
		buf_cut(&text, text.len - 1);
	*ret = buf_detach(&text);
	return 0;
}

/* --- web identity ------------------------------------------------------- */

static char *
take_text(const char *xml, const char *name)
{
	cleanup_buf struct buf text = BUF_INIT;

	return xml_text(xml, name, &text) && text.len ? buf_detach(&text)
	                                              : NULL;
}

static char *
sts_url(const char *region)
{
	const char *given = cred_aws_env("AWS_ENDPOINT_URL_STS");

	if (given)
		return mem_printf("%s%s", given,
		                  strchr(given + strcspn(given, ":") + 3, '/')
		                      ? ""
		                      : "/");
	return mem_printf("https://sts%s%s.amazonaws.com%s/", region ? "." : "",
	                  region ? region : "",
	                  region && !strncmp(region, "cn-", 3) ? ".cn" : "");
}

static void
add_field(struct buf *to, const char *name, const char *value)
{
	buf_addf(to, "&%s=", name);
	enc_percent(to, value, "");
}

static int
ask_sts(const char *token, const char *role, struct http_response *response,
        struct err *err)
{
	const char *name = cred_aws_env("AWS_ROLE_SESSION_NAME");
	cleanup_client struct http *http = new_client(FAR_MS, err);
	cleanup_free char *region = cred_aws_region();
	cleanup_free char *url = sts_url(region);
	cleanup_buf struct buf body = BUF_INIT;
	struct http_request request = {
	    .method = "POST",
	    .url = url,
	    .content_type = "application/x-www-form-urlencoded",
	    .fd = -1,
	};
	cleanup_buf struct buf code = BUF_INIT;

	if (!http)
		return -1;
	buf_adds(&body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15");
	add_field(&body, "RoleArn", role);
	add_field(&body, "RoleSessionName", name ? name : "kmlflow");
	add_field(&body, "WebIdentityToken", token);
	request.data = body.s;
	request.size = (off_t)body.len;
	if (http_do(http, &request, response, err))
		return -1;
	if (response->status == 200)
		return 0;
	xml_text(response->body.s, "Code", &code);
	return err_set(err,
	               retry_is_transient(response->status) ? ERR_RETRY
	                                                    : ERR_REMOTE,
	               "AWS gives no credentials for AWS_ROLE_ARN by "
	               "AWS_WEB_IDENTITY_TOKEN_FILE: %d %.80s",
	               response->status, code.s);
}

int
cred_aws_web_identity(struct cred_aws *ret, struct err *err)
{
	const char *path = cred_aws_env("AWS_WEB_IDENTITY_TOKEN_FILE");
	const char *role = cred_aws_env("AWS_ROLE_ARN");
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_free char *token = NULL;
	cleanup_free char *expires = NULL;

	if (!path || !role)
		return 1;
	if (read_token(path, &token, err))
		return err_wrap(err, "AWS_WEB_IDENTITY_TOKEN_FILE");
	if (ask_sts(token, role, &response, err))
		return -1;
	ret->id = take_text(response.body.s, "AccessKeyId");
	ret->secret = take_text(response.body.s, "SecretAccessKey");
	ret->token = take_text(response.body.s, "SessionToken");
	expires = take_text(response.body.s, "Expiration");
	ret->expires = parse_time(expires);
	ret->source = mem_dup("AWS_WEB_IDENTITY_TOKEN_FILE");
	buf_wipe(&response.body);
	if (ret->id && ret->secret && ret->token)
		return 0;
	return err_set(err, ERR_REMOTE,
	               "AWS's answer to AWS_WEB_IDENTITY_TOKEN_FILE holds no "
	               "credentials");
}

/* --- JSON services ------------------------------------------------------ */

struct service {
	const char *what; /* for messages */
	const char *method;
	const char *url;
	struct kvs headers;
};

/* No word of the answer may get into a message: it is made of secrets. */
static int
ask(struct http *http, const struct service *s, struct http_response *response,
    struct err *err)
{
	struct http_request request = {
	    .method = s->method,
	    .url = s->url,
	    .headers = &s->headers,
	    .fd = -1,
	    .answer_max = TOKEN_MAX,
	    .no_redirects = true,
	};

	if (http_do(http, &request, response, err))
		return err_wrap(err, "%s", s->what);
	if (response->status == 200)
		return 0;
	return err_set(err, ERR_RETRY, "%s answers %d", s->what,
	               response->status);
}

static int
take_json(struct http_response *response, const char *what,
          struct cred_aws *ret, struct err *err)
{
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;

	if (!json_parse(response->body.s, response->body.len, &o, &ignored)) {
		ret->id = mem_dup(json_str(o, "AccessKeyId"));
		ret->secret = mem_dup(json_str(o, "SecretAccessKey"));
		ret->token = mem_dup(json_str(o, "Token"));
		ret->expires = parse_time(json_str(o, "Expiration"));
	}
	buf_wipe(&response->body);
	ret->source = mem_dup(what);
	if (ret->id && ret->secret)
		return 0;
	return err_set(err, ERR_REMOTE, "%s answers without credentials", what);
}

/* Plain http carries a secret only to this machine or its own service. */
static int
check_full_uri(const char *uri, struct err *err)
{
	cleanup_url struct url u = {.port = 0};

	if (url_parse(uri, &u, err))
		return err_wrap(err, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	if (!strcmp(u.scheme, "https") || url_is_loopback(&u) ||
	    !strcmp(u.host, "169.254.170.2") ||
	    !strcmp(u.host, "169.254.170.23") ||
	    !strcmp(u.host, "[fd00:ec2::23]"))
		return 0;
	return err_set(err, ERR_CONFIG,
	               "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https "
	               "nor on this machine");
}

static int
set_container_token(struct kvs *headers, struct err *err)
{
	const char *path =
	    cred_aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	cleanup_free char *token =
	    mem_dup(cred_aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN"));

	if (path) {
		mem_replace(&token, NULL);
		if (read_token(path, &token, err))
			return err_wrap(
			    err, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	}
	if (token && token[strcspn(token, "\r\n")])
		return err_set(err, ERR_CONFIG,
		               "AWS_CONTAINER_AUTHORIZATION_TOKEN holds a "
		               "line break");
	if (token)
		kvs_set(headers, "Authorization", token);
	return 0;
}

int
cred_aws_container(struct cred_aws *ret, struct err *err)
{
	static const char what[] = "the container's credential service";
	const char *relative =
	    cred_aws_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = cred_aws_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_client struct http *http = NULL;
	cleanup_free char *url = NULL;
	struct service s = {.what = what, .method = "GET"};
	int failed;

	if (!relative && !full)
		return 1;
	url = relative ? mem_printf(CONTAINER_HOST "%s", relative)
	               : mem_dup(full);
	s.url = url;
	if (!relative && check_full_uri(full, err))
		return -1;
	http = new_client(NEAR_MS, err);
	if (!http)
		return -1;
	failed = set_container_token(&s.headers, err) ||
	         ask(http, &s, &response, err);
	kvs_free(&s.headers);
	return failed ? -1 : take_json(&response, what, ret, err);
}

/* The version that wants a token first, so that no proxy can be fooled. */
static int
machine_credentials(struct http *http, const char *host, struct cred_aws *ret,
                    struct err *err)
{
	static const char what[] = "the machine's metadata service";
	cleanup_response struct http_response token = HTTP_RESPONSE_INIT;
	cleanup_response struct http_response role = HTTP_RESPONSE_INIT;
	cleanup_response struct http_response keys = HTTP_RESPONSE_INIT;
	cleanup_free char *token_url = mem_printf("%s/latest/api/token", host);
	cleanup_free char *list_url = mem_printf("%s" MACHINE_PATH, host);
	cleanup_free char *url = NULL;
	cleanup_kvs struct kvs headers = KVS_INIT;
	struct service s = {.what = what, .method = "PUT", .url = token_url};

	kvs_set(&headers, "X-aws-ec2-metadata-token-ttl-seconds", "21600");
	s.headers = headers;
	if (ask(http, &s, &token, err))
		return 1;
	token.body.s[strcspn(token.body.s, "\r\n")] = '\0';
	kvs_set(&headers, "X-aws-ec2-metadata-token-ttl-seconds", NULL);
	kvs_set(&headers, "X-aws-ec2-metadata-token", token.body.s);
	s = (struct service){.what = what,
	                     .method = "GET",
	                     .url = list_url,
	                     .headers = headers};
	if (ask(http, &s, &role, err))
		return 1; /* a machine without a role */
	role.body.s[strcspn(role.body.s, "\r\n")] = '\0';
	url = mem_printf("%s%s", list_url, role.body.s);
	s.url = url;
	if (ask(http, &s, &keys, err))
		return -1;
	return take_json(&keys, what, ret, err);
}

int
cred_aws_machine(struct cred_aws *ret, struct err *err)
{
	const char *off = cred_aws_env("AWS_EC2_METADATA_DISABLED");
	const char *host = cred_aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	cleanup_client struct http *http = NULL;
	cleanup_free char *base = mem_dup(host ? host : MACHINE_HOST);
	size_t len = strlen(base);

	if (off && !strcasecmp(off, "true"))
		return 1;
	while (len && base[len - 1] == '/')
		base[--len] = '\0';
	http = new_client(NEAR_MS, err);
	return http ? machine_credentials(http, base, ret, err) : -1;
}
