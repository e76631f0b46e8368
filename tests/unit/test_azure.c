/* SPDX-License-Identifier: MIT */
/* test_azure.c - what is signed for Azure, and where blobs lie */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "store/azure_place.h"
#include "store/azure_sign.h"
#include "store/cred_azure.h"

/* "Authorize with Shared Key" in Azure's documentation. */
static void
documented_example(void **state)
{
	static const char want[] = "GET\n\n\n\n\n\n\n\n\n\n\n\n"
				   "x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n"
				   "x-ms-version:2015-02-21\n"
				   "/myaccount/mycontainer\n"
				   "comp:metadata\n"
				   "restype:container\n"
				   "timeout:20";
	cleanup_kvs struct kvs headers = KVS_INIT;
	cleanup_buf struct buf got = BUF_INIT;
	const struct azure_request r = {
	    .method = "GET",
	    .account = "myaccount",
	    .path = "/mycontainer",
	    .query = "restype=container&comp=metadata&timeout=20",
	    .headers = &headers,
	};

	(void)state;
	kvs_set(&headers, "x-ms-version", "2015-02-21");
	kvs_set(&headers, "x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT");
	azure_string_to_sign(&r, &got);
	assert_string_equal(got.s, want);
}

static void
each_part_has_its_line(void **state)
{
	static const char want[] =
	    "PUT\n\n\n42\n\napplication/xml\n\n\n\n\n\n\n"
	    "x-ms-a:1\nx-ms-b:2\n"
	    "/acc/acc/box/a%20b\nblockid:a+b/c=\ncomp:block\nempty:";
	cleanup_kvs struct kvs headers = KVS_INIT;
	cleanup_buf struct buf got = BUF_INIT;
	const struct azure_request r = {
	    .method = "PUT",
	    .account = "acc",
	    .path = "/acc/box/a%20b",
	    .query = "Empty&comp=block&blockid=a%2Bb%2Fc%3D",
	    .headers = &headers,
	    .size = 42,
	};

	(void)state;
	kvs_set(&headers, "x-ms-b", "2");
	kvs_set(&headers, "content-type", "application/xml");
	kvs_set(&headers, "x-ms-a", "1");
	azure_string_to_sign(&r, &got);
	assert_string_equal(got.s, want);
}

/* RFC 9110, 5.6.7. */
static void
dates_are_in_english(void **state)
{
	char got[30];

	(void)state;
	azure_date(784111777, got);
	assert_string_equal(got, "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void
uris_name_container_and_account(void **state)
{
	static const struct {
		const char *uri, *endpoint, *path;
	} rows[] = {
	    {"wasbs://box@acc.blob.core.windows.net/a/b/",
	     "https://acc.blob.core.windows.net", "/box/a/b/f"},
	    {"wasbs://box@acc.blob.core.windows.net",
	     "https://acc.blob.core.windows.net", "/box/f"},
	    {"abfss://box@acc.dfs.core.windows.net/a",
	     "https://acc.blob.core.windows.net", "/box/a/f"},
	    {"abfss://$web@acc.dfs.core.chinacloudapi.cn/a",
	     "https://acc.blob.core.chinacloudapi.cn", "/$web/a/f"},
	    {"abfss://ws@onelake.dfs.fabric.microsoft.com/x.Lakehouse/Files",
	     "https://onelake.blob.fabric.microsoft.com",
	     "/ws/x.Lakehouse/Files/f"},
	};
	const struct cred_azure nobody = {.key = NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct azure_place p;
		struct err err = ERR_INIT;
		cleanup_buf struct buf endpoint = BUF_INIT;
		cleanup_buf struct buf path = BUF_INIT;
		cleanup_free char *name = NULL;

		assert_int_equal(azure_place_load(rows[i].uri, &p, &err), 0);
		assert_int_equal(azure_place_settle(&p, &nobody, &err), 0);
		name = mem_printf("%s%sf", p.root, *p.root ? "/" : "");
		url_print(&endpoint, &p.endpoint);
		azure_place_path(&p, name, &path);
		assert_string_equal(endpoint.s, rows[i].endpoint);
		assert_string_equal(path.s, rows[i].path);
		azure_place_free(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(documented_example),
	    cmocka_unit_test(each_part_has_its_line),
	    cmocka_unit_test(dates_are_in_english),
	    cmocka_unit_test(uris_name_container_and_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
