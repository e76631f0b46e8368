/* SPDX-License-Identifier: MIT */
/* test_s3_place.c - addresses of objects, and of whom to trust with them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/s3_place.h"

static void
clear(void)
{
	static const char *const names[] = {
	    "MLFLOW_S3_ENDPOINT_URL",
	    "AWS_ENDPOINT_URL_S3",
	    "AWS_ENDPOINT_URL",
	    "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE",
	    "AWS_REGION",
	    "AWS_DEFAULT_REGION",
	    "AWS_PROFILE",
	    "AWS_DEFAULT_PROFILE",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	setenv("AWS_CONFIG_FILE", "/dev/null", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
}

static void
addresses(void **state)
{
	static const struct {
		const char *uri, *endpoint, *style, *region;
		const char *want; /* of artifact "a b/c" */
	} rows[] = {
	    {"s3://buck/root", NULL, NULL, NULL,
	     "https://buck.s3.us-east-1.amazonaws.com/root/a%20b/c"},
	    {"s3://buck", NULL, NULL, "eu-west-1",
	     "https://buck.s3.eu-west-1.amazonaws.com/a%20b/c"},
	    {"S3://buck/x/y/", NULL, NULL, "cn-north-1",
	     "https://buck.s3.cn-north-1.amazonaws.com.cn/x/y/a%20b/c"},
	    {"s3://buck//x//y", NULL, "path", NULL,
	     "https://s3.us-east-1.amazonaws.com/buck/x//y/a%20b/c"},
	    /* A certificate has no name for it. */
	    {"s3://my.buck/r", NULL, NULL, NULL,
	     "https://s3.us-east-1.amazonaws.com/my.buck/r/a%20b/c"},
	    {"s3://Old_Bucket/r", NULL, NULL, NULL,
	     "https://s3.us-east-1.amazonaws.com/Old_Bucket/r/a%20b/c"},
	    {"s3://buck/r?q=1#f", "http://localhost:9000/", NULL, NULL,
	     "http://localhost:9000/buck/r/a%20b/c"},
	    {"s3://buck/r", "https://gate.example:443/s3//", "auto", NULL,
	     "https://gate.example/s3/buck/r/a%20b/c"},
	    {"s3://buck/r", "http://[::1]:9000", NULL, NULL,
	     "http://[::1]:9000/buck/r/a%20b/c"},
	    {"s3://buck/r", "https://minio.example", "virtual", NULL,
	     "https://buck.minio.example/r/a%20b/c"},
	    {"r2://buck@acc.r2.cloudflarestorage.com/r", NULL, NULL, NULL,
	     "https://acc.r2.cloudflarestorage.com/buck/r/a%20b/c"},
	    {"r2://buck@acc.r2.cloudflarestorage.com/r", "http://gate", NULL,
	     NULL, "http://gate/buck/r/a%20b/c"},
	    {"s3://buck/\xc3\xa9?", NULL, NULL, NULL,
	     "https://buck.s3.us-east-1.amazonaws.com/%C3%A9/a%20b/c"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf got = BUF_INIT;
		cleanup_free char *key = NULL;
		struct s3_place p;
		struct err err = ERR_INIT;

		clear();
		if (rows[i].endpoint)
			setenv("MLFLOW_S3_ENDPOINT_URL", rows[i].endpoint, 1);
		if (rows[i].style)
			setenv("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE",
			       rows[i].style, 1);
		if (rows[i].region)
			setenv("AWS_REGION", rows[i].region, 1);
		if (s3_place_load(rows[i].uri, &p, &err))
			fail_msg("%s: %s", rows[i].uri, err.msg);
		key = s3_place_key(&p, "a b/c");
		buf_addf(&got, "%s://", s3_place_scheme(&p));
		s3_place_host(&p, &got);
		s3_place_path(&p, key, &got);
		assert_string_equal(got.s, rows[i].want);
		s3_place_free(&p);
	}
}

static void
refused(void **state)
{
	static const char *const uris[] = {
	    "s3:buck/x",
	    "s3://",
	    "s3:///x",
	    "s3://../x",
	    "s3://a@b/x",
	    "s3://a:1/x",
	    "s3://arn:aws:s3:us-west-2:1:accesspoint/x",
	    "r2://buck/x",
	    "r2://buck@evil.example/x",
	    "r2://buck@r2.cloudflarestorage.com.evil.example/x",
	    "r2://buck@evil.example/x.r2.cloudflarestorage.com",
	};

	(void)state;
	clear();
	for (size_t i = 0; i < ARRAY_LEN(uris); i++) {
		struct s3_place p;
		struct err err = ERR_INIT;

		if (!s3_place_load(uris[i], &p, &err))
			fail_msg("%s", uris[i]);
		assert_int_equal(err.kind, ERR_CONFIG);
	}
}

/* A signature is not handed to whoever an answer names. */
static void
trust(void **state)
{
	static const struct {
		const char *endpoint, *host;
		bool want;
	} rows[] = {
	    {NULL, "buck.s3-us-west-2.amazonaws.com", true},
	    {NULL, "buck.s3.cn-north-1.amazonaws.com.cn", true},
	    {NULL, "amazonaws.com.evil.example", false},
	    {NULL, "evilamazonaws.com", false},
	    {NULL, "127.0.0.1", false},
	    {"https://minio.example", "minio.example", true},
	    {"https://minio.example", "node1.minio.example", true},
	    {"https://minio.example", "evilminio.example", false},
	    {"https://minio.example", "buck.s3.amazonaws.com", false},
	    {"http://localhost:9000", "localhost:9000", true},
	    {"http://localhost:9000", "localhost:9001", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct s3_place p;
		struct err err = ERR_INIT;

		clear();
		if (rows[i].endpoint)
			setenv("AWS_ENDPOINT_URL_S3", rows[i].endpoint, 1);
		assert_int_equal(s3_place_load("s3://buck/x", &p, &err), 0);
		if (s3_place_trusts(&p, rows[i].host) != rows[i].want)
			fail_msg("%s", rows[i].host);
		s3_place_free(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(trust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
