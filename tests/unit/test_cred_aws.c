/* SPDX-License-Identifier: MIT */
/* test_cred_aws.c - credentials from the environment and from files */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "store/cred_aws.h"
#include "temp.h"

static const char *const names[] = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
};

/* A home directory of our own and nothing said. */
static int
set_up(void **state)
{
	char *home = temp_dir();

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	setenv("HOME", home, 1);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	*state = home;
	return 0;
}

static int
tear_down(void **state)
{
	char *home = *state;

	temp_free(&home);
	return 0;
}

static void
expect(const char *id, const char *secret, const char *token)
{
	struct cred_aws c = {.id = NULL};
	struct err err = ERR_INIT;

	assert_ok(cred_aws_load(&c, &err));
	assert_string_equal(c.id, id);
	assert_string_equal(c.secret, secret);
	if (token)
		assert_string_equal(c.token, token);
	else
		assert_null(c.token);
	assert_non_null(c.source);
	cred_aws_free(&c);
}

static void
expect_error(const char *word)
{
	struct cred_aws c = {.id = NULL};
	struct err err = ERR_INIT;

	assert_int_equal(cred_aws_load(&c, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.msg, word))
		fail_msg("'%s' lacks '%s'", err.msg, word);
	assert_null(c.id);
}

static const char shared[] = "# mine\n"
			     "[default]\n"
			     "aws_access_key_id = AKDEFAULT\n"
			     "aws_secret_access_key=a=b/c+d\n"
			     "\n"
			     "[ team ]\r\n"
			     "AWS_ACCESS_KEY_ID = AKTEAM\r\n"
			     "aws_secret_access_key = team secret\r\n"
			     "[temp]\n"
			     "aws_access_key_id = AKTEMP\n"
			     "aws_secret_access_key = s\n"
			     "aws_session_token = t\n";

static const char settings[] = "[default]\n"
			       "region = eu-central-1\n"
			       "s3 =\n"
			       "  region = wrong\n"
			       "[profile team]\n"
			       "region = eu-west-1\n"
			       "[profile whole]\n"
			       "aws_access_key_id = AKWHOLE\n"
			       "aws_secret_access_key = w\n"
			       "[profile \"with space\"]\n"
			       "aws_access_key_id = AKSPACE\n"
			       "aws_secret_access_key = w\n"
			       "[profile sso]\n"
			       "sso_session = corp\n";

static void
environment_comes_first(void **state)
{
	temp_put(*state, ".aws/credentials", shared);
	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	expect_error("only one is set");
	setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
	expect("AKENV", "s", NULL);
	setenv("AWS_SESSION_TOKEN", "t", 1);
	expect("AKENV", "s", "t");
	/* As AWS's tools: a profile by name does not matter then. */
	setenv("AWS_PROFILE", "team", 1);
	expect("AKENV", "s", "t");
}

static void
profiles(void **state)
{
	expect_error("no AWS credentials found");
	temp_put(*state, ".aws/credentials", shared);
	temp_put(*state, ".aws/config", settings);
	expect("AKDEFAULT", "a=b/c+d", NULL);
	setenv("AWS_PROFILE", "temp", 1);
	expect("AKTEMP", "s", "t");
	setenv("AWS_PROFILE", "whole", 1);
	expect("AKWHOLE", "w", NULL);
	setenv("AWS_PROFILE", "with space", 1);
	expect("AKSPACE", "w", NULL);
	setenv("AWS_PROFILE", "sso", 1);
	expect_error("sso_session");
	setenv("AWS_PROFILE", "nobody", 1);
	expect_error("'nobody'");
	/* No secret has a space, and no message has the secret. */
	setenv("AWS_PROFILE", "team", 1);
	expect_error("a character that none has");
}

static void
files_elsewhere(void **state)
{
	cleanup_free char *path = temp_file(*state, "keys", shared);

	setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
	expect("AKDEFAULT", "a=b/c+d", NULL);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "~/keys", 1);
	expect("AKDEFAULT", "a=b/c+d", NULL);
}

static void
expect_region(const char *want)
{
	cleanup_free char *got = cred_aws_region();

	if (!want)
		assert_null(got);
	else
		assert_string_equal(got, want);
}

static void
regions(void **state)
{
	expect_region(NULL);
	temp_put(*state, ".aws/config", settings);
	expect_region("eu-central-1");
	setenv("AWS_PROFILE", "team", 1);
	expect_region("eu-west-1");
	setenv("AWS_DEFAULT_REGION", "us-west-1", 1);
	expect_region("us-west-1");
	setenv("AWS_REGION", "us-west-2", 1);
	expect_region("us-west-2");
}

static void
a_line_break_is_no_secret(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AK", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "s\r\nEvil: 1", 1);
	expect_error("the environment");
}

/* Over plain http a secret stays on this machine. */
static void
container_elsewhere(void **state)
{
	(void)state;
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/x", 1);
	expect_error("AWS_CONTAINER_CREDENTIALS_FULL_URI");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(environment_comes_first), TEST(profiles),
	    TEST(files_elsewhere),         TEST(regions),
	    TEST(container_elsewhere),     TEST(a_line_break_is_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
