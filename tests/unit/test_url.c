/* SPDX-License-Identifier: MIT */
/* test_url.c - http and https URLs, and what may be shown of them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "wire/url.h"

static void
parts_are_found(void **state)
{
	static const struct {
		const char *url, *userinfo, *host;
		int port;
		const char *rest, *printed;
	} rows[] = {
	    {"http://h", NULL, "h", 80, "/", "http://h/"},
	    {"HTTPS://H.Example:443/a?b#c", NULL, "h.example", 443, "/a?b",
	     "https://h.example/a?b"},
	    {"https://h:80?q", NULL, "h", 80, "/?q", "https://h:80/?q"},
	    {"http://u:p@h:5000/x/", "u:p", "h", 5000, "/x/",
	     "http://h:5000/x/"},
	    {"http://a@b@h/", "a@b", "h", 80, "/", "http://h/"},
	    {"http://[::1]:8080/", NULL, "[::1]", 8080, "/",
	     "http://[::1]:8080/"},
	    {"http://[fe80::1%25eth0]/", NULL, "[fe80::1%25eth0]", 80, "/",
	     "http://[fe80::1%25eth0]/"},
	    {"http://h:/", NULL, "h", 80, "/", "http://h/"},
	    {"http://h/@x:1", NULL, "h", 80, "/@x:1", "http://h/@x:1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_url struct url u = {.port = 0};
		cleanup_buf struct buf printed = BUF_INIT;
		struct err err = ERR_INIT;

		assert_int_equal(url_parse(rows[i].url, &u, &err), 0);
		assert_string_equal(u.host, rows[i].host);
		assert_int_equal(u.port, rows[i].port);
		assert_string_equal(u.rest, rows[i].rest);
		if (rows[i].userinfo)
			assert_string_equal(u.userinfo, rows[i].userinfo);
		else
			assert_null(u.userinfo);
		url_print(&printed, &u);
		assert_string_equal(printed.s, rows[i].printed);
	}
}

static void
others_are_refused_without_a_word_of_them(void **state)
{
	static const char *const urls[] = {
	    "",
	    "http:",
	    "http:/hunter2",
	    "ftp://hunter2/",
	    "http://",
	    "http://u:hunter2@/",
	    "http://:80/hunter2",
	    "http://h:0/hunter2",
	    "http://h:65536/hunter2",
	    "http://h:8x/hunter2",
	    "http://h hunter2",
	    "http://h/\r\nHost: hunter2",
	    "http://[::1/hunter2",
	    "http://[::1]hunter2/",
	    "httpx://hunter2",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct url u = {.port = -7};
		struct err err = ERR_INIT;

		assert_int_equal(url_parse(urls[i], &u, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_null(strstr(err.msg, "hunter2"));
		assert_int_equal(u.port, -7);
	}
}

static void
messages_show_no_secret_part(void **state)
{
	static const struct {
		const char *url, *shown;
	} rows[] = {
	    {"http://u:p@h:1/a?sig=x#f", "http://h:1/a"},
	    {"https://h?token=x", "https://h"},
	    {"http://u:p@q@h/a@b", "http://h/a@b"},
	    {"/path?x=1", "/path"},
	    {"", ""},
	    {"postgresql://u:p@h/db", "postgresql://h/db"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf shown = BUF_INIT;

		url_public(&shown, rows[i].url);
		assert_string_equal(shown.s, rows[i].shown);
	}
}

static bool
same_site(const char *a, const char *b)
{
	cleanup_url struct url x = {.port = 0};
	cleanup_url struct url y = {.port = 0};
	struct err err = ERR_INIT;

	assert_int_equal(url_parse(a, &x, &err), 0);
	assert_int_equal(url_parse(b, &y, &err), 0);
	return url_same_site(&x, &y);
}

static void
sites_are_scheme_host_and_port(void **state)
{
	(void)state;
	assert_true(same_site("http://H/a", "http://u@h:80/b"));
	assert_false(same_site("http://h/", "https://h/"));
	assert_false(same_site("http://h/", "http://h:81/"));
	assert_false(same_site("http://h/", "http://h.evil/"));
}

static void
queries_are_encoded(void **state)
{
	cleanup_buf struct buf url = BUF_INIT;

	(void)state;
	buf_adds(&url, "http://h/a");
	url_add_query(&url, "na me", "ü&b=1/2+3");
	url_add_query(&url, "c", "");
	assert_string_equal(url.s,
	                    "http://h/a?na%20me=%C3%BC%26b%3D1%2F2%2B3&c=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_are_found),
	    cmocka_unit_test(others_are_refused_without_a_word_of_them),
	    cmocka_unit_test(messages_show_no_secret_part),
	    cmocka_unit_test(sites_are_scheme_host_and_port),
	    cmocka_unit_test(queries_are_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
