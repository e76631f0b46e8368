/* SPDX-License-Identifier: MIT */
/* http_settings.c - what MLflow's variables say of requests */

#include "base/err.h"
#include "base/mem.h"
#include "wire/http.h"

/* MLflow's defaults. */
enum {
	RETRIES = 7,
	RETRIES_MAX = 1000,
	TIMEOUT_S = 120,
	TIMEOUT_MAX_S = 86400
};

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static int
get_number(const char *name, double max, double *ret, struct err *err)
{
	const char *value = variable(name);
	double number;
	char *end;

	if (!value)
		return 0;
	number = strtod(value, &end);
	if (end == value || *end || !(number >= 0) || number > max)
		return err_set(err, ERR_CONFIG,
		               "%s is '%.40s', but must be a number from 0 to "
		               "%g",
		               name, value, max);
	*ret = number;
	return 0;
}

static int
get_bool(const char *name, bool *ret, struct err *err)
{
	const char *value = variable(name);

	if (!value)
		return 0;
	if (!strcasecmp(value, "true") || !strcmp(value, "1"))
		*ret = true;
	else if (!strcasecmp(value, "false") || !strcmp(value, "0"))
		*ret = false;
	else
		return err_set(err, ERR_CONFIG,
		               "%s is '%.40s', but must be true or false", name,
		               value);
	return 0;
}

static int
load_retry(struct retry_policy *p, struct err *err)
{
	double max = RETRIES;

	*p = (struct retry_policy){
	    .factor = 2,
	    .jitter = 1,
	    .respect_server = true,
	};
	if (get_number("MLFLOW_HTTP_REQUEST_MAX_RETRIES", RETRIES_MAX, &max,
	               err) ||
	    get_number("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", 3600, &p->factor,
	               err) ||
	    get_number("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", 3600, &p->jitter,
	               err) ||
	    get_bool("MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER",
	             &p->respect_server, err))
		return -1;
	p->max = (int)max;
	return 0;
}

static int
load_tls(struct http_settings *s, struct err *err)
{
	static const char *const names[] = {"MLFLOW_TRACKING_SERVER_CERT_PATH",
	                                    "REQUESTS_CA_BUNDLE",
	                                    "CURL_CA_BUNDLE", "SSL_CERT_FILE"};
	const char *own = variable(names[0]);
	const char *path = NULL;

	if (get_bool("MLFLOW_TRACKING_INSECURE_TLS", &s->insecure, err))
		return -1;
	if (s->insecure && own)
		return err_set(err, ERR_CONFIG,
		               "MLFLOW_TRACKING_INSECURE_TLS is true, so "
		               "MLFLOW_TRACKING_SERVER_CERT_PATH must not be "
		               "set");
	for (size_t i = 0; i < ARRAY_LEN(names) && !path; i++)
		path = variable(names[i]);
	s->authorities = mem_dup(path);
	s->client_cert = mem_dup(variable("MLFLOW_TRACKING_CLIENT_CERT_PATH"));
	return 0;
}

int
http_settings_load(struct http_settings *ret, struct err *err)
{
	struct http_settings s = {.redirects = true};
	double timeout = TIMEOUT_S;

	if (load_retry(&s.retry, err) ||
	    get_number("MLFLOW_HTTP_REQUEST_TIMEOUT", TIMEOUT_MAX_S, &timeout,
	               err) ||
	    get_bool("MLFLOW_ALLOW_HTTP_REDIRECTS", &s.redirects, err) ||
	    load_tls(&s, err))
		return -1;
	s.timeout_ms = timeout > 0.1 ? (int)(timeout * 1000) : 100;
	*ret = s;
	return 0;
}

void
http_settings_free(struct http_settings *s)
{
	free(s->authorities);
	free(s->client_cert);
	*s = (struct http_settings){.redirects = false};
}
