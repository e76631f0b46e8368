/* SPDX-License-Identifier: MIT */
/* test_json.c - documents in, documents out, and what is refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <math.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "wire/json.h"

static struct cJSON *
parse(const char *s)
{
	struct err err = ERR_INIT;
	struct cJSON *node = NULL;

	if (json_parse(s, strlen(s), &node, &err))
		fail_msg("%s: %s", s, err.msg);
	return node;
}

static void
getters_take_only_their_type(void **state)
{
	cleanup_json struct cJSON *doc =
	    parse("{\"s\": \"x\", \"i\": 42, \"d\": 1e-05, \"t\": true,"
	          " \"a.b\": \"dot\", \"S\": \"upper\", \"n\": null,"
	          " \"nan\": \"NaN\", \"inf\": \"-Infinity\", \"big\": 1e300}");

	(void)state;
	assert_string_equal(json_str(doc, "s"), "x");
	assert_string_equal(json_str(doc, "S"), "upper");
	assert_string_equal(json_str(doc, "a.b"), "dot");
	assert_null(json_str(doc, "i"));
	assert_null(json_str(doc, "n"));
	assert_null(json_str(NULL, "s"));
	assert_int_equal(json_int(doc, "i", -1), 42);
	assert_int_equal(json_int(doc, "s", -1), -1);
	assert_int_equal(json_int(doc, "big", -1), -1);
	assert_true(json_double(doc, "d", 0) == 1e-05);
	assert_true(isnan(json_double(doc, "nan", 0)));
	assert_true(json_double(doc, "inf", 0) == -INFINITY);
	assert_true(json_bool(doc, "t", false));
	assert_true(json_bool(doc, "none", true));
	assert_false(json_bool(doc, "i", false));
}

static void
lists_are_walked_in_order(void **state)
{
	cleanup_json struct cJSON *doc = parse("{\"l\": [\"a\", \"b\"]}");
	const struct cJSON *n = json_first(json_get(doc, "l"));

	(void)state;
	assert_true(json_is_array(json_get(doc, "l")));
	assert_string_equal(json_text(n), "a");
	n = json_next(n);
	assert_string_equal(json_text(n), "b");
	assert_null(json_next(n));
	assert_null(json_first(n));
	assert_string_equal(json_key(json_first(doc)), "l");
}

static void
what_is_built_is_read_back(void **state)
{
	char path[] = "/tmp/kmlflow-json-XXXXXX";
	struct err err = ERR_INIT;
	cleanup_json struct cJSON *doc = json_object();
	cleanup_json struct cJSON *back = NULL;
	cleanup_kvs struct kvs kvs = KVS_INIT;
	cleanup_kvs struct kvs got = KVS_INIT;
	cleanup_buf struct buf text = BUF_INIT;
	struct cJSON *list = json_array();

	(void)state;
	kvs_set(&kvs, "mlflow.runName", "a \"b\"\n");
	json_set_kvs(doc, "tags", &kvs);
	json_set_int(doc, "max", INT64_MAX);
	json_set_double(doc, "inf", INFINITY);
	json_set_double(doc, "tenth", 0.1);
	json_set_bool(doc, "no", false);
	json_set_str(doc, "null", NULL);
	json_push_str(list, "x");
	json_push(list, json_object());
	json_set(doc, "list", list);
	assert_int_equal(json_int(doc, "max", 0), INT64_MAX);
	json_print(doc, false, &text);
	assert_string_equal(text.s,
	                    "{\"tags\":{\"mlflow.runName\":\"a \\\"b\\\"\\n\"},"
	                    "\"max\":9223372036854775807,\"inf\":\"Infinity\","
	                    "\"tenth\":0.1,\"no\":false,\"null\":null,"
	                    "\"list\":[\"x\",{}]}");
	close(mkstemp(path));
	assert_int_equal(json_write(doc, true, path, 0600, &err), 0);
	assert_int_equal(json_read(path, 1000, &back, &err), 0);
	json_kvs(back, "tags", &got);
	assert_string_equal(kvs_get(&got, "mlflow.runName"), "a \"b\"\n");
	assert_true(json_double(back, "inf", 0) == INFINITY);
	unlink(path);
}

static void
broken_text_is_refused_with_its_line(void **state)
{
	static const char *const bad[] = {"",     "{",        "{\"a\":\n\nx}",
	                                  "[1,]", "{} {}",    "\n\n{}\nx",
	                                  "nul",  "{\"a\" 1}"};
	cleanup_buf struct buf deep = BUF_INIT;
	struct err err = ERR_INIT;
	struct cJSON *node = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(json_parse(bad[i], strlen(bad[i]), &node,
		                            &err),
		                 -1);
		assert_int_equal(err.kind, ERR_FORMAT);
		assert_non_null(strstr(err.msg, "line "));
		assert_null(node);
	}
	json_parse(bad[2], strlen(bad[2]), &node, &err);
	assert_non_null(strstr(err.msg, "line 3"));
	json_parse(bad[5], strlen(bad[5]), &node, &err);
	assert_non_null(strstr(err.msg, "line 4"));
	for (int i = 0; i < 100000; i++)
		buf_addc(&deep, '[');
	assert_int_equal(json_parse(deep.s, deep.len, &node, &err), -1);
	assert_int_equal(json_parse("{}\0", 3, &node, &err), -1);
	assert_int_equal(json_read("/nonexistent", 10, &node, &err), -1);
	assert_int_equal(err.kind, ERR_SYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(getters_take_only_their_type),
	    cmocka_unit_test(lists_are_walked_in_order),
	    cmocka_unit_test(what_is_built_is_read_back),
	    cmocka_unit_test(broken_text_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
