/* SPDX-License-Identifier: MIT */
/* test_redact.c - what must not be shown, and what must stay */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <stdlib.h>

#include "base/buf.h"
#include "model/redact.h"

#define GHP "ghp_0123456789abcdefghijABCDEFGHIJ0123"
#define JWT "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.sig-_x"

static void
secret_names(void **state)
{
	static const char *const yes[] = {
	    "password",      "PASSWORD",         "--password",
	    "db.password",   "dbPassword",       "DB_PASSWD",
	    "--api-key",     "API_KEY",          "apiKey",
	    "apikey",        "access_key_id",    "AWS_SECRET_ACCESS_KEY",
	    "private-key",   "accountKey",       "auth",
	    "--auth-token",  "GITHUB_TOKEN",     "clientSecret",
	    "passphrase",    "credentials",      "MLFLOW_TRACKING_TOKEN",
	    "Authorization", "AZURE_CREDENTIAL",
	};
	static const char *const no[] = {
	    "",
	    "tokens",
	    "tokenizer",
	    "author",
	    "key",
	    "keyboard",
	    "monkey",
	    "passes",
	    "passage",
	    "compass",
	    "secretary",
	    "accessible",
	    "api",
	    "api-url",
	    "n_tokens",
	    "learning_rate",
	    "primary_key",
	    "authority",
	    "bypass",
	    "--",
	    "-_.",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (!redact_is_secret_name(yes[i]))
			fail_msg("%s is a secret's name", yes[i]);
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (redact_is_secret_name(no[i]))
			fail_msg("%s is no secret's name", no[i]);
}

static void
urls_lose_their_userinfo(void **state)
{
	static const char *const rows[][2] = {
	    {"https://u:p@host/x", "https://host/x"},
	    {"https://token@host", "https://host"},
	    {"https://u:p@q@host/x", "https://host/x"},
	    {"postgresql://u:p%40@h:5432/db", "postgresql://h:5432/db"},
	    {"https://host/a@b", "https://host/a@b"},
	    {"https://host?q=a@b", "https://host?q=a@b"},
	    {"https://host#a@b", "https://host#a@b"},
	    {"git@host:repo.git", "git@host:repo.git"},
	    {"mail@host", "mail@host"},
	    {"/plain/path", "/plain/path"},
	    {"", ""},
	    {"://@", "://"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		redact_url(&b, rows[i][0]);
		assert_string_equal(b.s, rows[i][1]);
	}
}

static void
urls_lose_their_password(void **state)
{
	static const char *const rows[][2] = {
	    {"ftp://u:p@h/a", "ftp://u:***@h/a"},
	    {"ftp://u:p@q:r@h:21/a:b@c", "ftp://u:***@h:21/a:b@c"},
	    {"ftp://u@h:21/a", "ftp://u@h:21/a"},
	    {"wasbs://box@account/a", "wasbs://box@account/a"},
	    {"file:///a:b@c", "file:///a:b@c"},
	    {"/a:b@c", "/a:b@c"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		redact_password(&b, rows[i][0]);
		assert_string_equal(b.s, rows[i][1]);
	}
}

static void
texts_lose_their_secrets(void **state)
{
	static const char *const rows[][2] = {
	    {"curl --token abc -v", "curl --token *** -v"},
	    {"curl --token=abc -v", "curl --token=*** -v"},
	    {"A=1 API_TOKEN=x1/y+z= ./run", "A=1 API_TOKEN=*** ./run"},
	    {"export PW=1 PASSWORD='two words'; ls",
	     "export PW=1 PASSWORD=***; ls"},
	    {"curl -H \"Authorization: Bearer abc\" u",
	     "curl -H \"Authorization: ***\" u"},
	    {"-H 'X-Auth: Basic eA=='", "-H 'X-Auth: ***'"},
	    {"Bearer abc.def", "Bearer ***"},
	    {"{\"password\": \"a b\", \"lr\": 1}",
	     "{\"password\": ***, \"lr\": 1}"},
	    {"{\"token\":123}", "{\"token\":***}"},
	    {"x " GHP "!", "x ***!"},
	    {"(" JWT ")", "(***)"},
	    {"wget https://u:p@h/a http://v:q@i/b",
	     "wget https://h/a http://i/b"},
	    {"https://h/?a=1&token=abc&b=2", "https://h/?a=1&token=***&b=2"},
	    {"lr:0.1,password:abc,n:2", "lr:0.1,password:***,n:2"},
	    {"db.password=a;b=1", "db.password=***;b=1"},
	    {"password = hunter2", "password = ***"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		redact_text(&b, rows[i][0]);
		assert_string_equal(b.s, rows[i][1]);
	}
}

static void
texts_keep_all_else(void **state)
{
	static const char *const rows[] = {
	    "",
	    "the token is in the drawer",
	    "python train.py --lr 0.1 --epochs=3 data/in.csv",
	    "task-0123456789012345678901234567890123456789",
	    "docker run registry.example/team/image:1.2",
	    "awk -F: '{ print $1 }' /etc/passwd",
	    "s/a@b/c/",
	    "sk-short",
	    "--passes 3 --n-tokens 512",
	    "auth://not-a-value",
	    "TOKEN=",
	    "--token",
	    "caf\xc3\xa9 \xff\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		redact_text(&b, rows[i]);
		assert_string_equal(b.s, rows[i]);
	}
}

struct line {
	const char *argv[6];
	const char *want;
};

static void
command_lines(void **state)
{
	static const struct line rows[] = {
	    {{"ls"}, "ls"},
	    {{"Rscript", "fit model.R", ""}, "Rscript 'fit model.R' ''"},
	    {{"x", "--token", "abc", "y"}, "x --token *** y"},
	    {{"x", "--token", "--other"}, "x --token --other"},
	    {{"x", "--token=a&b c", "y"}, "x '--token=***' y"},
	    {{"env", "DB_PASSWORD=a;b c", "y"}, "env 'DB_PASSWORD=***' y"},
	    {{"x", GHP}, "x ***"},
	    {{"x", "--header=" GHP}, "x '--header=***'"},
	    {{"sh", "-c", "run --password p1 | tee log"},
	     "sh -c 'run --password *** | tee log'"},
	    {{"kedro", "run", "--params", "token:abc,lr:1"},
	     "kedro run --params 'token:***,lr:1'"},
	    {{"kedro", "run", "--params=db.password=abc"},
	     "kedro run '--params=db.password=***'"},
	    {{"git", "clone", "https://u:p@h/r"}, "git clone https://h/r"},
	    {{"x", "-p", "8080", "--tokens", "5"}, "x -p 8080 --tokens 5"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;
		char *const *argv;
		const char *const *from = rows[i].argv;

		memcpy(&argv, &from, sizeof(argv));
		redact_command(&b, argv);
		assert_string_equal(b.s, rows[i].want);
	}
}

static void
values_of_secret_variables_are_secret(void **state)
{
	static const char *const rows[][2] = {
	    {"login -W correct-horse now", "login -W *** now"},
	    {"xcorrect-horsex", "x***x"},
	    {"correct-hors", "correct-hors"},
	    {"short is 1234567", "short is 1234567"},
	    {"see /etc/key/of/mine", "see /etc/key/of/mine"},
	    {"plain is plain-value", "plain is plain-value"},
	};

	(void)state;
	setenv("DB_PASSWORD", "correct-horse", 1);
	setenv("X_TOKEN", "1234567", 1);
	setenv("MY_SECRET", "/etc/key/of/mine", 1);
	setenv("PLAIN", "plain-value", 1);
	redact_learn_environment();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		redact_text(&b, rows[i][0]);
		assert_string_equal(b.s, rows[i][1]);
	}
	unsetenv("DB_PASSWORD");
	redact_learn_environment();
}

static void
private_keys_are_secret(void **state)
{
	static const char *const rows[][2] = {
	    {"a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE "
	     "KEY----- b",
	     "a *** b"},
	    {"-----BEGIN PRIVATE KEY-----\nMII", "***"},
	    {"-----BEGIN CERTIFICATE-----\nMII",
	     "-----BEGIN CERTIFICATE-----\nMII"},
	    {"----- x", "----- x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT;

		redact_text(&b, rows[i][0]);
		assert_string_equal(b.s, rows[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(secret_names),
	    cmocka_unit_test(values_of_secret_variables_are_secret),
	    cmocka_unit_test(private_keys_are_secret),
	    cmocka_unit_test(urls_lose_their_userinfo),
	    cmocka_unit_test(urls_lose_their_password),
	    cmocka_unit_test(texts_lose_their_secrets),
	    cmocka_unit_test(texts_keep_all_else),
	    cmocka_unit_test(command_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
