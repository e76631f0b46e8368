/* SPDX-License-Identifier: MIT */
/* rest_auth.c - what tells a tracking server who we are */
#include "store/rest_auth.h"

#include <ctype.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/cred.h"
#include "store/cred_oauth.h"
#include "store/databricks.h"
#include "store/rest_command.h"
#include "store/rest_login.h"
#include "wire/http.h"

#define HEADERS "KMLFLOW_REQUEST_HEADERS"
#define COMMAND "KMLFLOW_TOKEN_COMMAND"

enum {
	SOON_S = 120, /* what ends within is got anew */
	YOUNG_S = 1,  /* what is refused so soon would be refused again */
	KEEP_S = 300  /* for others of this program, where no end is told */
};

/* What was got last: workers of one server need not each ask for a token. */
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static struct rest_auth shared;

static int
set_header(struct kvs *headers, const char *name, const char *value,
           const char *source, struct err *err)
{
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(err, ERR_CONFIG,
			               "%s holds a control character, perhaps "
			               "a line break",
			               source);
	kvs_set(headers, name, value);
	return 0;
}

/* --- sources ------------------------------------------------------------ */

/* Better a word now than a 401 later. */
static int
check_unsupported(struct err *err)
{
	const char *sigv4 = cred_env("MLFLOW_TRACKING_AWS_SIGV4");
	const char *plugin = cred_env("MLFLOW_TRACKING_AUTH");

	if (sigv4 && (!strcasecmp(sigv4, "true") || !strcmp(sigv4, "1")))
		return err_set(err, ERR_CONFIG,
		               "MLFLOW_TRACKING_AWS_SIGV4: kmlflow does not "
		               "sign requests to a tracking server; unset it "
		               "and use MLFLOW_TRACKING_TOKEN");
	if (plugin)
		return err_set(err, ERR_CONFIG,
		               "MLFLOW_TRACKING_AUTH='%.60s' names a plugin of "
		               "MLflow's Python client; unset it and put the "
		               "token into MLFLOW_TRACKING_TOKEN, or what "
		               "prints one into " COMMAND,
		               plugin);
	return 0;
}

static int
try_token(struct rest_auth *a, struct err *err)
{
	const char *token = cred_env("MLFLOW_TRACKING_TOKEN");
	cleanup_free char *value = NULL;
	size_t len;

	a->netrc = token == NULL;
	if (!token)
		return 0;
	while (isspace((unsigned char)*token))
		token++;
	len = strlen(token);
	while (len && isspace((unsigned char)token[len - 1]))
		len--;
	value = mem_printf("Bearer %.*s", (int)len, token);
	return set_header(&a->headers, "Authorization", value,
	                  "MLFLOW_TRACKING_TOKEN", err);
}

/* 1: that says who we are. */
static int
add_own_headers(struct rest_auth *a, struct err *err)
{
	const char *lines = cred_env(HEADERS);
	const char *command = cred_env(COMMAND);

	if (lines && rest_headers_add(lines, HEADERS, &a->headers, err))
		return -1;
	if (command && rest_command_run(command, &a->headers, err))
		return -1;
	a->renewable = command != NULL;
	return command || kvs_get(&a->headers, "Authorization") ? 1 : 0;
}

static int
load(struct rest_auth *a, struct err *err)
{
	const char *workspace = cred_env("MLFLOW_WORKSPACE");
	int got;

	if (workspace && set_header(&a->headers, "X-MLFLOW-WORKSPACE",
	                            workspace, "MLFLOW_WORKSPACE", err))
		return -1;
	got = add_own_headers(a, err);
	if (got)
		return got < 0 ? -1 : 0;
	if (databricks_is(a->uri)) {
		if (databricks_sign(a->uri, &a->headers, &a->expires, err))
			return -1;
		a->renewable = a->expires != 0;
		return 0;
	}
	got = rest_login_userinfo(a->uri, &a->headers, err);
	if (got)
		return got < 0 ? -1 : 0;
	return rest_login_password(&a->headers) ? 0 : try_token(a, err);
}

void
rest_auth_close(struct rest_auth *a)
{
	oauth_form_free(&a->headers);
	if (a->uri)
		explicit_bzero(a->uri, strlen(a->uri));
	free(a->uri);
	*a = (struct rest_auth)REST_AUTH_INIT;
}

/* --- sharing ------------------------------------------------------------ */

static void
copy(const struct rest_auth *from, struct rest_auth *to)
{
	*to = *from;
	to->uri = mem_dup(from->uri);
	to->headers = (struct kvs)KVS_INIT;
	for (size_t i = 0; i < from->headers.n; i++)
		kvs_push(&to->headers, from->headers.v[i].key,
		         from->headers.v[i].value);
}

static bool
is_older(const struct rest_auth *a, int seconds)
{
	return clock_mono_ns() - a->got > (int64_t)seconds * 1000000000;
}

static bool
is_ending(const struct rest_auth *a)
{
	return a->expires && clock_now_ms() / 1000 >= a->expires - SOON_S;
}

/* Under the lock.  'since': what was got up to then is of no use. */
static bool
is_shared(const char *uri, int64_t since)
{
	return shared.uri && !strcmp(shared.uri, uri) && shared.got > since &&
	       !is_ending(&shared) &&
	       (shared.expires || !is_older(&shared, KEEP_S));
}

static int
get(const char *uri, int64_t since, struct rest_auth *ret, struct err *err)
{
	struct rest_auth a = {.headers = KVS_INIT};

	if (is_shared(uri, since)) {
		copy(&shared, ret);
		return 0;
	}
	a.uri = mem_dup(uri);
	if (check_unsupported(err) || load(&a, err)) {
		rest_auth_close(&a);
		return -1;
	}
	a.got = clock_mono_ns();
	if (a.renewable) {
		rest_auth_close(&shared);
		copy(&a, &shared);
	}
	*ret = a;
	return 0;
}

int
rest_auth_open(const char *uri, struct rest_auth *ret, struct err *err)
{
	int failed;

	pthread_mutex_lock(&shared_lock);
	failed = get(uri, 0, ret, err);
	pthread_mutex_unlock(&shared_lock);
	return failed;
}

/* --- using them --------------------------------------------------------- */

static int
renew(struct rest_auth *a, struct err *err)
{
	struct rest_auth fresh;
	int failed;

	pthread_mutex_lock(&shared_lock);
	failed = get(a->uri, a->got, &fresh, err);
	pthread_mutex_unlock(&shared_lock);
	if (failed)
		return -1;
	rest_auth_close(a);
	*a = fresh;
	return 0;
}

static bool
may_renew(const struct rest_auth *a)
{
	return a->renewable && is_older(a, YOUNG_S);
}

/* While the old ones last, that may fail. */
static int
keep_fresh(struct rest_auth *a, struct err *err)
{
	struct err failed = ERR_INIT;

	if (!is_ending(a) || !may_renew(a) || !renew(a, &failed))
		return 0;
	if (clock_now_ms() / 1000 < a->expires) {
		log_debug("%s", failed.msg);
		return 0;
	}
	*err = failed;
	return -1;
}

static bool
is_refused(const struct http_response *r)
{
	return r->status == 401 || r->status == 403;
}

int
rest_auth_do(struct rest_auth *a, struct http *h,
             const struct http_request *request, struct http_response *ret,
             struct err *err)
{
	struct http_request r = *request;
	struct err failed = ERR_INIT;
	int got;

	if (keep_fresh(a, err))
		return -1;
	r.headers = &a->headers;
	r.netrc = a->netrc;
	got = http_do(h, &r, ret, err);
	if (got || !is_refused(ret) || !may_renew(a))
		return got;
	/* The refusal is the better message. */
	if (renew(a, &failed)) {
		log_debug("%s", failed.msg);
		return 0;
	}
	http_response_free(ret);
	return http_do(h, &r, ret, err);
}
