/* SPDX-License-Identifier: MIT */
/* test_tracking_run.c - runs in a local directory, and what is logged */
#include "local_store.h"

#include <math.h>

#include "store/file_store.h"

static void
making_a_run_again_gives_the_same(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_free char *before = read_below(&f, "/meta.yaml");
	cleanup_free char *tags = NULL;
	cleanup_free char *meta = run_path(&f, "/meta.yaml");
	struct kvs other = KVS_INIT;

	(void)state;
	kvs_set(&other, "late", "1");
	make_run(&f, RUN, 99, &other);
	tags = run_path(&f, "/tags/late");
	assert_false(fs_exists(tags));
	/* Cut short before its meta.yaml was there. */
	assert_int_equal(unlink(meta), 0);
	make_run(&f, RUN, 5, &other);
	assert_true(fs_exists(tags));
	mem_free_ptr(&meta);
	meta = read_below(&f, "/meta.yaml");
	assert_string_equal(meta, before);
	kvs_free(&other);
}

static void
a_bad_tag_makes_no_run(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	cleanup_free char *dir = run_path(&f, "");
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct run_spec spec = {.invocation_id = RUN,
	                        .experiment_id = f.experiment,
	                        .tags = &tags};
	cleanup_run struct run run = {.id = NULL};
	struct err err = ERR_INIT;

	(void)state;
	kvs_set(&tags, "good", "1");
	kvs_set(&tags, "../../bad", "1");
	assert_int_equal(tracking_create_run(f.t, &spec, &run, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_non_null(strstr(err.msg, "../../bad"));
	assert_false(fs_exists(dir));
}

static void
one_bad_entry_takes_none_along(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_kvs struct kvs params = KVS_INIT;
	cleanup_kvs struct kvs tags = KVS_INIT;
	cleanup_kvs struct kvs read = KVS_INIT;
	cleanup_free char *longest = mem_alloc(6002);
	struct run_data data = {.params = &params, .tags = &tags};
	struct err err = ERR_INIT;

	(void)state;
	memset(longest, 'x', 6001);
	kvs_set(&params, "a", "1");
	kvs_set(&params, "../b", "2");
	kvs_set(&params, "a/under", "3"); /* "a" is a file */
	kvs_set(&params, "long", longest);
	kvs_set(&params, "c", "4");
	kvs_set(&tags, "/t", "5");
	kvs_set(&tags, "u", "6");
	assert_int_equal(tracking_log(f.t, RUN, &data, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_non_null(strstr(err.msg, "../b"));
	assert_ok(tracking_read(f.t, RUN, &read, NULL, &err));
	assert_int_equal(read.n, 2);
	assert_string_equal(kvs_get(&read, "a"), "1");
	assert_string_equal(kvs_get(&read, "c"), "4");
	kvs_free(&read);
	assert_ok(tracking_read(f.t, RUN, NULL, &read, &err));
	assert_string_equal(kvs_get(&read, "u"), "6");
}

static void
params_stay_and_tags_are_replaced(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_kvs struct kvs first = KVS_INIT;
	cleanup_kvs struct kvs second = KVS_INIT;
	cleanup_kvs struct kvs params = KVS_INIT;
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct run_data data = {.params = &first, .tags = &first};
	int conflicts = 0;
	struct err err = ERR_INIT;

	(void)state;
	kvs_set(&first, "same", "1");
	kvs_set(&first, "other", "1");
	kvs_set(&first, "deep/er", "");
	assert_ok(tracking_log(f.t, RUN, &data, &conflicts, &err));
	assert_int_equal(conflicts, 0);
	kvs_set(&second, "same", "1");
	kvs_set(&second, "other", "1 ");
	kvs_set(&second, "deep/er", "x");
	data = (struct run_data){.params = &second, .tags = &second};
	assert_ok(tracking_log(f.t, RUN, &data, &conflicts, &err));
	assert_int_equal(conflicts, 2);
	assert_ok(tracking_read(f.t, RUN, &params, &tags, &err));
	assert_string_equal(kvs_get(&params, "other"), "1");
	assert_string_equal(kvs_get(&params, "deep/er"), "");
	assert_string_equal(kvs_get(&tags, "other"), "1 ");
	assert_string_equal(kvs_get(&tags, "deep/er"), "x");
}

static void
metric_points_are_written_once(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_free char *path = run_path(&f, "/metrics/m");
	cleanup_free char *text = NULL;
	struct metrics m = METRICS_INIT;
	struct run_data data = {.metrics = &m};
	struct err err = ERR_INIT;

	(void)state;
	/* By another client, and cut short by a full disk. */
	temp_put("/", path, "1 0.10 0\n2 nan 1\n3 5 2 name digest\n9 1");
	metrics_add(&m, "m", 7, 4, 9);
	metrics_add(&m, "m", 0.1, 1, 0);
	metrics_add(&m, "m", -(double)NAN, 2, 1);
	metrics_add(&m, "m", 5, 3, 2);
	metrics_add(&m, "m", 7, 4, 9);
	metrics_add(&m, "m", 1.0 / 3, 4, 8);
	metrics_add(&m, "m", -INFINITY, 5, 3);
	metrics_add(&m, "m", 1e22, 5, -3);
	assert_ok(tracking_log(f.t, RUN, &data, NULL, &err));
	assert_ok(tracking_log(f.t, RUN, &data, NULL, &err));
	text = read_below(&f, "/metrics/m");
	assert_string_equal(text, "1 0.10 0\n2 nan 1\n3 5 2 name digest\n"
	                          "9 1\n"
	                          "4 7.0 9\n"
	                          "4 0.3333333333333333 8\n"
	                          "5 -inf 3\n"
	                          "5 1e+22 -3\n");
	metrics_free(&m);
}

static void
temporary_files_are_no_keys(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_kvs struct kvs both = KVS_INIT;
	cleanup_free char *leftover = run_path(&f, "/.kmlflow-0123");
	cleanup_kvs struct kvs read = KVS_INIT;
	struct run_data data = {.params = &both, .tags = &both};
	cleanup_strv struct strv dirs = STRV_INIT;
	cleanup_free char *dir = run_path(&f, "");
	struct err err = ERR_INIT;

	(void)state;
	kvs_set(&both, "a", "1");
	assert_ok(tracking_log(f.t, RUN, &data, NULL, &err));
	temp_put("/", leftover, "half");
	assert_ok(tracking_read(f.t, RUN, &read, NULL, &err));
	assert_int_equal(read.n, 1);
	assert_ok(file_list_dirs(dir, &dirs, &err));
	assert_int_equal(dirs.n, 4);
}

/* An entry that will not do does not keep the run from its end. */
static void
the_end_comes_with_the_data(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_run struct run run = {.id = NULL};
	struct kvs tags = KVS_INIT;
	const struct run_end end = {RUN_FAILED, 78};
	const struct run_data data = {.tags = &tags, .end = &end};
	struct err err = ERR_INIT;

	(void)state;
	kvs_set(&tags, "../k", "v");
	assert_int_equal(tracking_log(f.t, RUN, &data, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_non_null(strstr(err.msg, "../k"));
	assert_ok(tracking_get_run(f.t, RUN, &run, &err));
	assert_int_equal(run.status, RUN_FAILED);
	kvs_free(&tags);
}

static void
status_and_end_are_set(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_run struct run run = {.id = NULL};
	cleanup_free char *meta = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(tracking_set_status(f.t, RUN, RUN_KILLED, 77, &err));
	assert_ok(tracking_get_run(f.t, RUN, &run, &err));
	assert_int_equal(run.status, RUN_KILLED);
	meta = read_below(&f, "/meta.yaml");
	assert_non_null(strstr(meta, "\nend_time: 77\n"));
	mem_free_ptr(&meta);
	assert_ok(tracking_set_status(f.t, RUN, RUN_RUNNING, 0, &err));
	meta = read_below(&f, "/meta.yaml");
	assert_non_null(strstr(meta, "\nend_time: null\n"));
	assert_int_equal(tracking_set_status(f.t, RUN, 6, 0, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_int_equal(tracking_set_status(f.t, RUN2, 3, 0, &err), -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
}

static void
the_latest_run_with_a_tag(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_run struct run run = {.id = NULL};
	cleanup_kvs struct kvs tags = KVS_INIT;
	const char *ids[] = {"a1", "a2", "a3"};
	const int64_t starts[] = {20, 30, 10};
	struct err err = ERR_INIT;

	(void)state;
	kvs_set(&tags, "k", "v");
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		make_run(&f, ids[i], starts[i], &tags);
	assert_ok(
	    tracking_find_by_tag(f.t, f.experiment, "k", "v", &run, &err));
	assert_string_equal(run.id, "a2");
	run_free(&run);
	assert_ok(tracking_find_by_tag(f.t, NULL, "k", "v", &run, &err));
	assert_string_equal(run.id, "a2");
	run_free(&run);
	assert_int_equal(tracking_find_by_tag(f.t, NULL, "k", "vv", &run, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
	assert_int_equal(tracking_find_by_tag(f.t, "0", "k", "v", &run, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
}

static void
run_names_are_short_and_made_of_two_words(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		cleanup_free char *seed = mem_printf("%d", i);
		cleanup_free char *name = file_run_name(seed);
		cleanup_free char *again = file_run_name(seed);
		const char *dash = strchr(name, '-');

		assert_string_equal(name, again);
		assert_true(strlen(name) <= 20);
		assert_non_null(dash);
		dash = strchr(dash + 1, '-');
		assert_non_null(dash);
		assert_int_equal(strspn(dash + 1, "0123456789"),
		                 strlen(dash + 1));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(making_a_run_again_gives_the_same),
	    cmocka_unit_test(a_bad_tag_makes_no_run),
	    cmocka_unit_test(one_bad_entry_takes_none_along),
	    cmocka_unit_test(params_stay_and_tags_are_replaced),
	    cmocka_unit_test(metric_points_are_written_once),
	    cmocka_unit_test(temporary_files_are_no_keys),
	    cmocka_unit_test(the_end_comes_with_the_data),
	    cmocka_unit_test(status_and_end_are_set),
	    cmocka_unit_test(the_latest_run_with_a_tag),
	    cmocka_unit_test(run_names_are_short_and_made_of_two_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
