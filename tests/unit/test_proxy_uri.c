/* SPDX-License-Identifier: MIT */
/* test_proxy_uri.c - where the artifacts of a run lie behind a server */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/artifact.h"
#include "store/mime.h"
#include "store/proxy_uri.h"

#define API "/api/2.0/mlflow-artifacts/artifacts"

static void
artifact_uris_are_resolved(void **state)
{
	static const struct {
		const char *uri, *tracking, *url, *server, *root;
		bool known;
	} rows[] = {
	    {"mlflow-artifacts:/1/r/artifacts", "http://h:5000",
	     "http://h:5000" API "/1/r/artifacts", "http://h:5000",
	     "1/r/artifacts", true},
	    {"mlflow-artifacts:/", "http://h:5000/", "http://h:5000" API,
	     "http://h:5000", "", true},
	    {"mlflow-artifacts:///1/a", "https://u:p@h/team/x/",
	     "https://h/team/x" API "/1/a", "https://h/team/x", "1/a", true},
	    {"mlflow-artifacts://other:7/1/a/", "https://h/team",
	     "https://other:7/team" API "/1/a", "https://other:7/team", "1/a",
	     false},
	    {"mlflow-artifacts://h:7/1/a", "http://h:5000",
	     "http://h:7" API "/1/a", "http://h:7", "1/a", true},
	    {"mlflow-artifacts:/a b/%20/ü?q#f", "http://h",
	     "http://h" API "/a%20b/%20/%C3%BC", "http://h", "a%20b/%20/%C3%BC",
	     true},
	    {"http://h:5000/p" API "/1/a", "http://h:5000/p",
	     "http://h:5000/p" API "/1/a", "http://h:5000/p", "1/a", true},
	    {"https://u:p@files/x/", "http://h", "https://files/x", NULL, NULL,
	     false},
	    {"http://files/x", NULL, "http://files/x", NULL, NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_proxy_uri struct proxy_uri p = {.url = NULL};
		struct err err = ERR_INIT;

		assert_int_equal(proxy_uri_resolve(rows[i].uri,
		                                   rows[i].tracking, &p, &err),
		                 0);
		assert_string_equal(p.url, rows[i].url);
		assert_int_equal(p.known, rows[i].known);
		if (!rows[i].server) {
			assert_null(p.server);
			continue;
		}
		assert_string_equal(p.server, rows[i].server);
		assert_string_equal(p.root, rows[i].root);
	}
}

static void
what_cannot_be_resolved_is_refused(void **state)
{
	static const struct {
		const char *uri, *tracking, *says;
	} rows[] = {
	    {"mlflow-artifacts:/1", NULL, "MLFLOW_TRACKING_URI"},
	    {"mlflow-artifacts:/1", "/mlruns", "MLFLOW_TRACKING_URI"},
	    {"mlflow-artifacts:/1", "sqlite:///x", "MLFLOW_TRACKING_URI"},
	    {"mlflow-artifacts://5000/1", "http://h", "without a host"},
	    {"mlflow-artifacts://h:x/1", "http://h", "port"},
	    {"http:///x", "http://h", "no host"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct proxy_uri p = {.url = NULL};
		struct err err = ERR_INIT;

		assert_int_equal(proxy_uri_resolve(rows[i].uri,
		                                   rows[i].tracking, &p, &err),
		                 -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.msg, rows[i].says));
		assert_null(p.url);
	}
}

static void
keys_are_encoded_by_segment(void **state)
{
	static const struct {
		const char *key, *encoded;
		bool bent;
	} rows[] = {
	    {"a/b.txt", "a/b.txt", false},
	    {"a b/c+d", "a%20b/c%2Bd", false},
	    {"ü?&=;", "%C3%BC%3F%26%3D%3B", false},
	    {"100%", "100%25", false},
	    {"a%20b", "a%2520b", true},
	    {"a%zz", "a%25zz", false},
	};
	cleanup_buf struct buf none = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf to = BUF_INIT;
		bool bent;

		assert_int_equal(proxy_uri_add_key(&to, rows[i].key, &bent,
		                                   &err),
		                 0);
		assert_string_equal(to.s, rows[i].encoded);
		assert_int_equal(bent, rows[i].bent);
	}
	assert_int_equal(proxy_uri_add_key(&none, "a#b", NULL, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
}

static void
a_directory_of_another_machine_is_stray(void **state)
{
	(void)state;
	assert_true(artifact_is_stray("/mlruns/1/a", "http://team:5000"));
	assert_true(artifact_is_stray("./mlruns/1/a", "https://team"));
	assert_true(artifact_is_stray("file:///mlruns", "http://10.0.0.1"));
	assert_false(artifact_is_stray("/mlruns/1/a", "http://localhost:5000"));
	assert_false(artifact_is_stray("/mlruns/1/a", "http://127.0.0.1:5000"));
	assert_false(artifact_is_stray("/mlruns/1/a", "http://[::1]:5000"));
	assert_false(artifact_is_stray("/mlruns/1/a", "/mlruns"));
	assert_false(artifact_is_stray("s3://b/a", "http://team:5000"));
	assert_false(artifact_is_stray("mlflow-artifacts:/1", "http://team"));
}

static void
types_are_those_of_mlflow(void **state)
{
	static const struct {
		const char *key, *type;
	} rows[] = {
	    {"a/b.txt", "text/plain"},
	    {"x.json", "text/plain"},
	    {"MLmodel", "text/plain"},
	    {"d/MLproject", "text/plain"},
	    {"yaml", "text/plain"},
	    {"x.JSON", "application/json"},
	    {"x.png", "image/png"},
	    {"x.PNG", "image/png"},
	    {"x.html", "text/html"},
	    {"x.html.gz", "text/html"},
	    {"x.tar.gz", "application/x-tar"},
	    {"x.tgz", "application/x-tar"},
	    {"x.gz", MIME_UNKNOWN},
	    {".png", MIME_UNKNOWN},
	    {"a.b/plain", MIME_UNKNOWN},
	    {"x.", MIME_UNKNOWN},
	    {"", MIME_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(mime_type(rows[i].key), rows[i].type);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(artifact_uris_are_resolved),
	    cmocka_unit_test(what_cannot_be_resolved_is_refused),
	    cmocka_unit_test(keys_are_encoded_by_segment),
	    cmocka_unit_test(a_directory_of_another_machine_is_stray),
	    cmocka_unit_test(types_are_those_of_mlflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
