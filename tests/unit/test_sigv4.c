/* SPDX-License-Identifier: MIT */
/* test_sigv4.c - the examples that AWS publishes of its signatures */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "wire/sigv4.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HOST "examplebucket.s3.amazonaws.com"
#define DAY "20130524"

/* 2013-05-24 and 2015-08-30 12:36:00, as the examples have it. */
enum { MAY_2013 = 1369353600, AUGUST_2015 = 1440938160 };

static const char s3_id[] = "AKIAIOSFODNN7EXAMPLE";
static const char s3_secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

static void
expect(const struct sigv4_request *r, const char *id, const char *secret,
       const char *want)
{
	cleanup_buf struct buf got = BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(sigv4_sign(r, id, secret, &got, &err), 0);
	assert_string_equal(got.s, want);
}

/* "Signature Calculations for the Authorization Header", single chunk. */
static void
examples_of_s3(void **state)
{
	static const struct {
		const char *method, *path, *query, *payload;
		const char *more[4]; /* name, value */
		const char *names, *signature;
	} rows[] = {
	    {"GET",
	     "/test.txt",
	     "",
	     EMPTY,
	     {"Range", "bytes=0-9", NULL, NULL},
	     "host;range;x-amz-content-sha256;x-amz-date",
	     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb4"
	     "1"},
	    {"PUT",
	     "/test%24file.text",
	     "",
	     "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
	     {"Date", "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class",
	      "REDUCED_REDUNDANCY"},
	     "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
	     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108b"
	     "d"},
	    {"GET",
	     "/",
	     "lifecycle=",
	     EMPTY,
	     {NULL, NULL, NULL, NULL},
	     "host;x-amz-content-sha256;x-amz-date",
	     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a013678354"
	     "3"},
	    {"GET",
	     "/",
	     "max-keys=2&prefix=J",
	     EMPTY,
	     {NULL, NULL, NULL, NULL},
	     "host;x-amz-content-sha256;x-amz-date",
	     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f"
	     "7"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_kvs struct kvs headers = KVS_INIT;
		cleanup_buf struct buf want = BUF_INIT;
		struct sigv4_request r = {
		    .method = rows[i].method,
		    .path = rows[i].path,
		    .query = rows[i].query,
		    .headers = &headers,
		    .payload = rows[i].payload,
		    .region = "us-east-1",
		    .service = "s3",
		    .time = MAY_2013,
		};

		/* In an order that is not the alphabet's. */
		kvs_set(&headers, "X-Amz-Date", DAY "T000000Z");
		kvs_set(&headers, "x-amz-content-sha256", rows[i].payload);
		for (size_t k = 0; k < 4 && rows[i].more[k]; k += 2)
			kvs_set(&headers, rows[i].more[k], rows[i].more[k + 1]);
		kvs_set(&headers, "Host", HOST);
		buf_addf(&want,
		         "AWS4-HMAC-SHA256 Credential=%s/" DAY
		         "/us-east-1/s3/aws4_request, SignedHeaders=%s, "
		         "Signature=%s",
		         s3_id, rows[i].names, rows[i].signature);
		expect(&r, s3_id, s3_secret, want.s);
	}
}

/* "get-vanilla" of the suite, whose service is called "service". */
static void
example_of_the_suite(void **state)
{
	cleanup_kvs struct kvs headers = KVS_INIT;
	struct sigv4_request r = {
	    .method = "GET",
	    .path = "/",
	    .query = "",
	    .headers = &headers,
	    .payload = EMPTY,
	    .region = "us-east-1",
	    .service = "service",
	    .time = AUGUST_2015,
	};

	(void)state;
	kvs_set(&headers, "Host", "example.amazonaws.com");
	kvs_set(&headers, "X-Amz-Date", "20150830T123600Z");
	expect(&r, "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/"
	       "service/aws4_request, SignedHeaders=host;x-amz-date, "
	       "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aa"
	       "e1d763fbf31");
}

/* A value signed with its spaces trimmed is the same value. */
static void
white_space_does_not_count(void **state)
{
	cleanup_kvs struct kvs a = KVS_INIT;
	cleanup_kvs struct kvs b = KVS_INIT;
	cleanup_buf struct buf want = BUF_INIT;
	struct err err = ERR_INIT;
	struct sigv4_request r = {
	    .method = "GET",
	    .path = "/",
	    .query = "",
	    .headers = &a,
	    .payload = EMPTY,
	    .region = "r",
	    .service = "s",
	    .time = MAY_2013,
	};

	(void)state;
	kvs_set(&a, "my-header", "a b c");
	kvs_set(&b, "My-Header", "  a   b\t c  ");
	assert_int_equal(sigv4_sign(&r, "id", "secret", &want, &err), 0);
	r.headers = &b;
	expect(&r, "id", "secret", want.s);
}

static void
stamps(void **state)
{
	char stamp[17];

	(void)state;
	sigv4_stamp(AUGUST_2015, stamp);
	assert_string_equal(stamp, "20150830T123600Z");
	sigv4_stamp(0, stamp);
	assert_string_equal(stamp, "19700101T000000Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(examples_of_s3),
	    cmocka_unit_test(example_of_the_suite),
	    cmocka_unit_test(white_space_does_not_count),
	    cmocka_unit_test(stamps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
