/* SPDX-License-Identifier: MIT */
/* test_mime.c - content types, as MLflow has them and as Python has them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/mem.h"
#include "store/mime.h"

static void
two_ways_to_see_a_name(void **state)
{
	static const struct {
		const char *key;
		const char *mlflow;
		const char *python;
	} rows[] = {
	    {"a.txt", "text/plain", "text/plain"},
	    {"a.csv", "text/plain", "text/csv"},
	    {"a.json", "text/plain", "application/json"},
	    {"a.yaml", "text/plain", MIME_UNKNOWN},
	    {"MLmodel", "text/plain", MIME_UNKNOWN},
	    {"a.png", "image/png", "image/png"},
	    {"A.PNG", "image/png", "image/png"},
	    {"a.csv.gz", "text/csv", "text/csv"},
	    {"a.tar.gz", "application/x-tar", "application/x-tar"},
	    {"a.tgz", "application/x-tar", "application/x-tar"},
	    {"dir.csv/none", MIME_UNKNOWN, MIME_UNKNOWN},
	    {".csv", MIME_UNKNOWN, MIME_UNKNOWN},
	    {"a.", MIME_UNKNOWN, MIME_UNKNOWN},
	    {"a.gz", MIME_UNKNOWN, MIME_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(mime_type(rows[i].key), rows[i].mlflow);
		assert_string_equal(mime_guess(rows[i].key), rows[i].python);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_ways_to_see_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
