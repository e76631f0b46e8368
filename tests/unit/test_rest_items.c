/* SPDX-License-Identifier: MIT */
/* test_rest_items.c - params, tags and metrics on their way to a server */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <math.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/run.h"
#include "store/rest_items.h"
#include "wire/json.h"

#define cleanup_items __attribute__((cleanup(items_free)))

static char *
repeat(const char *s, size_t n)
{
	struct buf b = BUF_INIT;

	while (n--)
		buf_adds(&b, s);
	return buf_detach(&b);
}

static void
add_param(struct items *items, const char *key, const char *value,
          struct err *first)
{
	cleanup_free char *k = mem_dup(key);
	cleanup_free char *v = mem_dup(value);
	const struct kv p = {.key = k, .value = v};

	items_add_param(items, &p, first);
	/* Keys are borrowed: as long as the test needs them. */
	if (items->n && items->v[items->n - 1].key == k)
		items->v[items->n - 1].key = key;
}

static void
what_mlflow_never_takes_is_not_sent(void **state)
{
	cleanup_items struct items items = {.n = 0};
	cleanup_free char *fits = repeat("ü", 6000);
	cleanup_free char *long_one = repeat("ü", 6001);
	struct err first = ERR_INIT;

	(void)state;
	add_param(&items, "fits", fits, &first);
	assert_int_equal(first.kind, ERR_NONE);
	add_param(&items, "long", long_one, &first);
	assert_int_equal(first.kind, ERR_FORMAT);
	assert_non_null(strstr(first.msg, "6001 characters"));
	add_param(&items, "bad!", "1", &first);
	assert_non_null(strstr(first.msg, "6001 characters"));
	assert_int_equal(items.n, 1);
	assert_true(items.v[0].size > 12000);
}

static void
text_becomes_utf8(void **state)
{
	cleanup_items struct items items = {.n = 0};
	struct err first = ERR_INIT;

	(void)state;
	add_param(&items, "k", "a\xff\x62", &first);
	assert_string_equal(items.v[0].value, "a\xef\xbf\xbd\x62");
}

static void
numbers_that_are_none_are_words(void **state)
{
	struct metrics metrics = METRICS_INIT;
	cleanup_items struct items items = {.n = 0};
	cleanup_buf struct buf text = BUF_INIT;
	struct err first = ERR_INIT;

	(void)state;
	metrics_add(&metrics, "m", (double)NAN, 1700000000000, -3);
	metrics_add(&metrics, "m", -(double)INFINITY, 1, 0);
	metrics_add(&metrics, "m", 0.1, 1, 0);
	for (size_t i = 0; i < 3; i++) {
		cleanup_json struct cJSON *o = NULL;

		items_add_metric(&items, &metrics.v[i], &first);
		o = item_json(&items.v[i]);
		json_print(o, false, &text);
	}
	assert_string_equal(
	    text.s,
	    "{\"key\":\"m\",\"value\":\"NaN\",\"timestamp\":1700000000000,"
	    "\"step\":-3}"
	    "{\"key\":\"m\",\"value\":\"-Infinity\",\"timestamp\":1,\"step\":0}"
	    "{\"key\":\"m\",\"value\":0.1,\"timestamp\":1,\"step\":0}");
	metrics_free(&metrics);
}

static void
tags_get_shorter_by_steps(void **state)
{
	cleanup_items struct items items = {.n = 0};
	cleanup_free char *key = mem_dup("t");
	cleanup_free char *value = repeat("ü", 9000);
	const struct kv tag = {.key = key, .value = value};
	struct err first = ERR_INIT;

	(void)state;
	items_add_tag(&items, &tag, &first);
	assert_int_equal(strlen(items.v[0].value), 16000);
	assert_true(item_shorten(&items.v[0]));
	assert_int_equal(strlen(items.v[0].value), 10000);
	assert_true(item_shorten(&items.v[0]));
	assert_int_equal(strlen(items.v[0].value), 500);
	assert_false(item_shorten(&items.v[0]));
}

static struct cJSON *
parse(const char *text)
{
	struct cJSON *o = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(json_parse(text, strlen(text), &o, &err), 0);
	return o;
}

static void
params_of_the_run_are_dropped(void **state)
{
	cleanup_items struct items items = {.n = 0};
	cleanup_json struct cJSON *run =
	    parse("{\"data\":{\"params\":[{\"key\":\"same\",\"value\":\"1\"},"
	          "{\"key\":\"other\",\"value\":\"2\"},{\"key\":7},null]}}");
	struct err first = ERR_INIT;

	(void)state;
	add_param(&items, "same", "1", &first);
	add_param(&items, "other", "1", &first);
	add_param(&items, "new", "1", &first);
	assert_int_equal(items_drop_params(&items, run), 1);
	assert_true(items.v[0].gone && items.v[1].gone && !items.v[2].gone);
	assert_int_equal(items_left(&items, 0, 3), 1);
	/* Once counted, a conflict is not counted again. */
	assert_int_equal(items_drop_params(&items, run), 0);
}

static void
a_batch_is_known_again(void **state)
{
	struct metrics metrics = METRICS_INIT;
	cleanup_items struct items items = {.n = 0};
	cleanup_json struct cJSON *whole =
	    parse("{\"data\":{\"params\":[{\"key\":\"p\",\"value\":\"1\"}],"
	          "\"metrics\":[{\"key\":\"m\",\"value\":\"NaN\","
	          "\"timestamp\":\"5\",\"step\":\"2\"}]}}");
	cleanup_json struct cJSON *older =
	    parse("{\"data\":{\"params\":[{\"key\":\"p\",\"value\":\"1\"}],"
	          "\"metrics\":[{\"key\":\"m\",\"value\":\"NaN\","
	          "\"timestamp\":4,\"step\":2}]}}");
	cleanup_json struct cJSON *empty = parse("{}");
	struct err first = ERR_INIT;

	(void)state;
	metrics_add(&metrics, "m", (double)NAN, 5, 2);
	add_param(&items, "p", "1", &first);
	items_add_metric(&items, &metrics.v[0], &first);
	assert_int_equal(items_are_there(&items, 0, 2, whole), 1);
	assert_int_equal(items_are_there(&items, 0, 2, older), 0);
	assert_int_equal(items_are_there(&items, 0, 1, older), 1);
	assert_int_equal(items_are_there(&items, 0, 2, empty), 0);
	metrics_free(&metrics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_mlflow_never_takes_is_not_sent),
	    cmocka_unit_test(text_becomes_utf8),
	    cmocka_unit_test(numbers_that_are_none_are_words),
	    cmocka_unit_test(tags_get_shorter_by_steps),
	    cmocka_unit_test(params_of_the_run_are_dropped),
	    cmocka_unit_test(a_batch_is_known_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
