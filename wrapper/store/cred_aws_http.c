/* SPDX-License-Identifier: MIT */
/* cred_aws_http.c - AWS credentials from a web service that knows us */
#include "base/buf.h"
#include "base/err.h"
#include "store/cred.h"
#include "store/cred_aws.h"
#include "wire/http.h"
#include "wire/json.h"
#include "wire/url.h"
#include "wire/xml_text.h"

#define CONTAINER_HOST "http://169.254.170.2"
#define MACHINE_HOST "http://169.254.169.254"
#define MACHINE_PATH "/latest/meta-data/iam/security-credentials/"

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
	const char *given = cred_env("AWS_ENDPOINT_URL_STS");

	if (given)
		return mem_printf("%s%s", given,
		                  strchr(given + strcspn(given, ":") + 3, '/')
		                      ? ""
		                      : "/");
	return mem_printf("https://sts%s%s.amazonaws.com%s/", region ? "." : "",
	                  region ? region : "",
	                  region && !strncmp(region, "cn-", 3) ? ".cn" : "");
}

static int
ask_sts(const char *token, const char *role, struct http_response *response,
        struct err *err)
{
	const char *name = cred_env("AWS_ROLE_SESSION_NAME");
	cleanup_free char *region = cred_aws_region();
	cleanup_free char *url = sts_url(region);
	cleanup_buf struct buf body = BUF_INIT;
	struct cred_service s = {
	    .what = "AWS's token service",
	    .reach = CRED_FAR,
	    .method = "POST",
	    .url = url,
	    .content_type = "application/x-www-form-urlencoded",
	};
	cleanup_buf struct buf code = BUF_INIT;

	buf_adds(&body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15");
	cred_add_field(&body, "RoleArn", role);
	cred_add_field(&body, "RoleSessionName", name ? name : "kmlflow");
	cred_add_field(&body, "WebIdentityToken", token);
	s.body = body.s;
	if (cred_ask(&s, response, err))
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
	const char *path = cred_env("AWS_WEB_IDENTITY_TOKEN_FILE");
	const char *role = cred_env("AWS_ROLE_ARN");
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_free char *token = NULL;
	cleanup_free char *expires = NULL;

	if (!path || !role)
		return 1;
	if (cred_read_token(path, &token, err))
		return err_wrap(err, "AWS_WEB_IDENTITY_TOKEN_FILE");
	if (ask_sts(token, role, &response, err))
		return -1;
	ret->id = take_text(response.body.s, "AccessKeyId");
	ret->secret = take_text(response.body.s, "SecretAccessKey");
	ret->token = take_text(response.body.s, "SessionToken");
	expires = take_text(response.body.s, "Expiration");
	ret->expires = cred_time(expires);
	ret->source = mem_dup("AWS_WEB_IDENTITY_TOKEN_FILE");
	buf_wipe(&response.body);
	if (ret->id && ret->secret && ret->token)
		return 0;
	return err_set(err, ERR_REMOTE,
	               "AWS's answer to AWS_WEB_IDENTITY_TOKEN_FILE holds no "
	               "credentials");
}

/* --- JSON services ------------------------------------------------------ */

static int
ask(const struct cred_service *s, struct http_response *response,
    struct err *err)
{
	if (cred_ask(s, response, err))
		return -1;
	return response->status == 200
	           ? 0
	           : err_set(err, ERR_RETRY, "%s answers %d", s->what,
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
		ret->expires = cred_time(json_str(o, "Expiration"));
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
	const char *path = cred_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	cleanup_free char *token =
	    mem_dup(cred_env("AWS_CONTAINER_AUTHORIZATION_TOKEN"));

	if (path) {
		mem_replace(&token, NULL);
		if (cred_read_token(path, &token, err))
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
	    cred_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = cred_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_free char *url = NULL;
	cleanup_kvs struct kvs headers = KVS_INIT;
	struct cred_service s = {
	    .what = what,
	    .method = "GET",
	    .headers = &headers,
	};

	if (!relative && !full)
		return 1;
	url = relative ? mem_printf(CONTAINER_HOST "%s", relative)
	               : mem_dup(full);
	s.url = url;
	if (!relative && check_full_uri(full, err))
		return -1;
	if (set_container_token(&headers, err) || ask(&s, &response, err))
		return -1;
	return take_json(&response, what, ret, err);
}

/* The version that wants a token first, so that no proxy can be fooled. */
static int
machine_credentials(const char *host, struct cred_aws *ret, struct err *err)
{
	static const char what[] = "the machine's metadata service";
	cleanup_response struct http_response token = HTTP_RESPONSE_INIT;
	cleanup_response struct http_response role = HTTP_RESPONSE_INIT;
	cleanup_response struct http_response keys = HTTP_RESPONSE_INIT;
	cleanup_free char *token_url = mem_printf("%s/latest/api/token", host);
	cleanup_free char *list_url = mem_printf("%s" MACHINE_PATH, host);
	cleanup_free char *url = NULL;
	cleanup_kvs struct kvs headers = KVS_INIT;
	struct cred_service s = {
	    .what = what,
	    .method = "PUT",
	    .url = token_url,
	    .headers = &headers,
	};

	kvs_set(&headers, "X-aws-ec2-metadata-token-ttl-seconds", "21600");
	if (ask(&s, &token, err))
		return 1;
	token.body.s[strcspn(token.body.s, "\r\n")] = '\0';
	kvs_set(&headers, "X-aws-ec2-metadata-token-ttl-seconds", NULL);
	kvs_set(&headers, "X-aws-ec2-metadata-token", token.body.s);
	s.method = "GET";
	s.url = list_url;
	if (ask(&s, &role, err))
		return 1; /* a machine without a role */
	role.body.s[strcspn(role.body.s, "\r\n")] = '\0';
	url = mem_printf("%s%s", list_url, role.body.s);
	s.url = url;
	if (ask(&s, &keys, err))
		return -1;
	return take_json(&keys, what, ret, err);
}

int
cred_aws_machine(struct cred_aws *ret, struct err *err)
{
	const char *off = cred_env("AWS_EC2_METADATA_DISABLED");
	const char *host = cred_env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	cleanup_free char *base = mem_dup(host ? host : MACHINE_HOST);
	size_t len = strlen(base);

	if (off && !strcasecmp(off, "true"))
		return 1;
	while (len && base[len - 1] == '/')
		base[--len] = '\0';
	return machine_credentials(base, ret, err);
}
