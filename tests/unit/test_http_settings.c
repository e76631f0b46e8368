/* SPDX-License-Identifier: MIT */
/* test_http_settings.c - what MLflow's variables say of requests */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "wire/http.h"

static const char *const names[] = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR",
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER",
    "MLFLOW_HTTP_REQUEST_TIMEOUT",
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER",
    "MLFLOW_ALLOW_HTTP_REDIRECTS",
    "MLFLOW_TRACKING_INSECURE_TLS",
    "MLFLOW_TRACKING_SERVER_CERT_PATH",
    "MLFLOW_TRACKING_CLIENT_CERT_PATH",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
};

static int
clear(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	return 0;
}

static void
defaults_are_mlflows(void **state)
{
	struct http_settings s;
	struct err err = ERR_INIT;

	(void)state;
	setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "", 1);
	assert_int_equal(http_settings_load(&s, &err), 0);
	assert_int_equal(s.retry.max, 7);
	assert_true(s.retry.factor == 2 && s.retry.jitter == 1);
	assert_true(s.retry.respect_server && s.redirects && !s.insecure);
	assert_int_equal(s.timeout_ms, 120000);
	assert_null(s.authorities);
	assert_null(s.client_cert);
	http_settings_free(&s);
}

static void
variables_are_read(void **state)
{
	struct http_settings s;
	struct err err = ERR_INIT;

	(void)state;
	setenv(names[0], "0", 1);
	setenv(names[1], "0.5", 1);
	setenv(names[2], "0", 1);
	setenv(names[3], "3", 1);
	setenv(names[4], "False", 1);
	setenv(names[5], "0", 1);
	setenv(names[7], "/ca", 1);
	setenv(names[8], "/mine", 1);
	setenv("REQUESTS_CA_BUNDLE", "/other", 1);
	assert_int_equal(http_settings_load(&s, &err), 0);
	assert_int_equal(s.retry.max, 0);
	assert_true(s.retry.factor == 0.5 && s.retry.jitter == 0);
	assert_true(!s.retry.respect_server && !s.redirects);
	assert_int_equal(s.timeout_ms, 3000);
	assert_string_equal(s.authorities, "/ca");
	assert_string_equal(s.client_cert, "/mine");
	http_settings_free(&s);
}

static void
nonsense_is_named(void **state)
{
	static const struct {
		const char *name, *value;
	} rows[] = {
	    {"MLFLOW_HTTP_REQUEST_MAX_RETRIES", "many"},
	    {"MLFLOW_HTTP_REQUEST_MAX_RETRIES", "-1"},
	    {"MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3 times"},
	    {"MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "nan"},
	    {"MLFLOW_HTTP_REQUEST_TIMEOUT", "inf"},
	    {"MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER", "maybe"},
	    {"MLFLOW_TRACKING_INSECURE_TLS", "yes"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_settings s;
		struct err err = ERR_INIT;

		clear(state);
		setenv(rows[i].name, rows[i].value, 1);
		assert_int_equal(http_settings_load(&s, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.msg, rows[i].name));
	}
}

static void
insecure_and_an_authority_contradict(void **state)
{
	struct http_settings s;
	struct err err = ERR_INIT;

	(void)state;
	setenv("MLFLOW_TRACKING_INSECURE_TLS", "true", 1);
	setenv("SSL_CERT_FILE", "/usual", 1);
	assert_int_equal(http_settings_load(&s, &err), 0);
	assert_true(s.insecure);
	http_settings_free(&s);
	setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", "/ca", 1);
	assert_int_equal(http_settings_load(&s, &err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(defaults_are_mlflows, clear),
	    cmocka_unit_test_setup(variables_are_read, clear),
	    cmocka_unit_test_setup(nonsense_is_named, clear),
	    cmocka_unit_test_setup(insecure_and_an_authority_contradict, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
