/* SPDX-License-Identifier: MIT */
/* test_file_place.c - URIs of servers of files, and ssh_config(5) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/file_place.h"
#include "store/ssh_config.h"

static void
uris_name_host_user_and_path(void **state)
{
	static const struct {
		const char *uri, *user, *password, *url;
	} rows[] = {
	    {"ftp://h/a/b/", "anonymous", NULL, "ftp://h:21/%2Fa/b/f"},
	    {"ftp://h", "anonymous", NULL, "ftp://h:21/%2Ff"},
	    {"ftp://h//a/../b", "anonymous", NULL, "ftp://h:21/%2Fb/f"},
	    {"ftp://u@h:2121/a", "u", NULL, "ftp://h:2121/%2Fa/f"},
	    {"ftp://u:p%40%2F:q@h/a b", "u", "p@/:q", "ftp://h:21/%2Fa%20b/f"},
	    {"ftp://u:@[::1]:2/a", "u", "", "ftp://[::1]:2/%2Fa/f"},
	    {"sftp://u@h/a", "u", NULL, "sftp://h:22/a/f"},
	    {"SFTP://u@[fe80::1]/a", "u", NULL, "sftp://[fe80::1]:22/a/f"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct file_place p;
		struct err err = ERR_INIT;
		cleanup_free char *path = NULL;
		cleanup_buf struct buf url = BUF_INIT;

		assert_int_equal(file_place_load(rows[i].uri, &p, &err), 0);
		path = file_place_path(&p, "f");
		file_place_url(&p, path, &url);
		assert_string_equal(url.s, rows[i].url);
		assert_string_equal(p.user, rows[i].user);
		if (rows[i].password)
			assert_string_equal(p.password, rows[i].password);
		else
			assert_null(p.password);
		file_place_free(&p);
	}
}

static void
what_is_no_uri_is_refused(void **state)
{
	static const char *const rows[] = {
	    "ftp:",          "ftp://",
	    "ftp:///a",      "ftp://u@/a",
	    "ftp://h:0/a",   "ftp://h:x/a",
	    "ftp://h:/a",    "ftp://h:65536/a",
	    "ftp://a b/a",   "ftp://u%0aDELE%20x@h/a",
	    "ftp://h/a\nb",  "ftp://u:planted%0d@h/a",
	    "sftp://h%41/a", "sftp://u:planted@/a",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct file_place p;
		struct err err = ERR_INIT;

		if (!file_place_load(rows[i], &p, &err))
			fail_msg("row %zu", i);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_null(strstr(err.msg, "planted"));
	}
}

static const char config[] = "# nobody\n"
			     "Compression yes\n"
			     "Host  one two\n"
			     "\tHostName=real.example\n"
			     "\tuser \"first user\"\n"
			     "  IdentityFile ~/.ssh/a\n"
			     "\n"
			     "Host t*o !two\n"
			     "  User never\n"
			     "Match user x\n"
			     "  Port 1\n"
			     "Host *\r\n"
			     "  User second\n"
			     "  Port = 2222\n"
			     "  IdentityFile %d/b\n"
			     "  UserKnownHostsFile /k /l\n"
			     "  HostName\n"
			     "Host";

static void
first_value_counts(void **state)
{
	struct ssh_config c;

	(void)state;
	ssh_config_parse(config, "two", "/home/me", &c);
	assert_string_equal(c.host_name, "real.example");
	assert_string_equal(c.user, "first user");
	assert_string_equal(c.port, "2222");
	assert_string_equal(c.known_hosts, "/k");
	assert_int_equal(c.keys.n, 2);
	assert_string_equal(c.keys.v[0], "/home/me/.ssh/a");
	assert_string_equal(c.keys.v[1], "/home/me/b");
	ssh_config_free(&c);
}

static void
other_hosts_values_do_not(void **state)
{
	struct ssh_config c;

	(void)state;
	ssh_config_parse(config, "three", "/home/me", &c);
	assert_null(c.host_name);
	assert_string_equal(c.user, "second");
	assert_int_equal(c.keys.n, 1);
	ssh_config_free(&c);
	ssh_config_parse(config, "too", "/", &c);
	assert_string_equal(c.user, "never");
	ssh_config_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(uris_name_host_user_and_path),
	    cmocka_unit_test(what_is_no_uri_is_refused),
	    cmocka_unit_test(first_value_counts),
	    cmocka_unit_test(other_hosts_values_do_not),
	};

	setenv("HOME", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
