/* SPDX-License-Identifier: MIT */
/* test_attempt.c - whose run it is when a job is started again */
#include "local_store.h"

#include "model/record.h"
#include "stage/attempt.h"

static struct record
record_of(const struct fixture *f, const char *invocation, int64_t start)
{
	struct record r = {.start_time = start};

	r.invocation_id = mem_dup(invocation);
	r.experiment_id = mem_dup(f->experiment);
	r.key = mem_dup("job");
	kvs_set(&r.tags, "kmlflow.invocation_id", invocation);
	return r;
}

/* The run of a first start. */
static struct record
first_start(struct fixture *f, int64_t start)
{
	struct record r = record_of(f, RUN, start);

	attempt_number(&r, 1);
	make_run(f, RUN, start, &r.tags);
	return r;
}

static void
without_an_earlier_start_there_is_none(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	cleanup_record struct record r = record_of(&f, RUN, 5);
	struct attempt a;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(attempt_find(f.t, f.experiment, "job", &a, &err), 0);
	assert_ok(attempt_continue(f.t, &r, &err));
	assert_null(r.run_id);
}

static void
the_next_start_counts(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	cleanup_record struct record first = first_start(&f, 5);
	cleanup_record struct record next = record_of(&f, RUN2, 7);
	cleanup_attempt struct attempt a = {.number = 0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(attempt_find(f.t, f.experiment, "job", &a, &err), 1);
	assert_int_equal(a.number, 1);
	assert_int_equal(a.start_time, 5);
	assert_string_equal(a.invocation, RUN);
	assert_ok(attempt_continue(f.t, &next, &err));
	assert_string_equal(next.run_id, RUN);
	assert_string_equal(kvs_get(&next.tags, "kmlflow.attempt"), "2");
	assert_string_equal(kvs_get(&next.tags, "kmlflow.attempt.start"), "7");
}

static void
the_same_start_does_not_count_again(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	cleanup_record struct record first = first_start(&f, 5);
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(attempt_continue(f.t, &first, &err));
	assert_string_equal(first.run_id, RUN);
	assert_string_equal(kvs_get(&first.tags, "kmlflow.attempt"), "1");
}

static void
an_earlier_start_that_comes_late_says_nothing(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	cleanup_record struct record later = first_start(&f, 5);
	cleanup_record struct record late = record_of(&f, RUN2, 3);
	struct err err = ERR_INIT;
	bool ended;

	(void)state;
	assert_ok(attempt_continue(f.t, &late, &err));
	assert_string_equal(late.run_id, RUN);
	assert_int_equal(late.tags.n, 0);
	assert_int_equal(attempt_is_over(f.t, &late, &ended, &err), 1);
	assert_false(ended);
	assert_ok(tracking_set_status(f.t, RUN, RUN_FINISHED, 9, &err));
	assert_int_equal(attempt_is_over(f.t, &late, &ended, &err), 1);
	assert_true(ended);
	mem_replace(&later.run_id, mem_dup(RUN));
	assert_int_equal(attempt_is_over(f.t, &later, &ended, &err), 0);
}

static void
what_was_said_of_the_end_is_forgotten(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	cleanup_record struct record first = first_start(&f, 5);
	cleanup_kvs struct kvs tags = KVS_INIT;
	cleanup_kvs struct kvs now = KVS_INIT;
	const struct run_data data = {.tags = &tags};
	struct err err = ERR_INIT;

	(void)state;
	kvs_set(&tags, "kmlflow.signal", "SIGKILL");
	kvs_set(&tags, "other", "x");
	assert_ok(tracking_log(f.t, RUN, &data, NULL, &err));
	assert_ok(attempt_forget(f.t, RUN, &err));
	/* There is nothing left to forget. */
	assert_ok(attempt_forget(f.t, RUN, &err));
	assert_ok(tracking_delete_tag(f.t, RUN, "never/there", &err));
	assert_ok(tracking_read(f.t, RUN, NULL, &now, &err));
	assert_null(kvs_get(&now, "kmlflow.signal"));
	assert_string_equal(kvs_get(&now, "other"), "x");
	assert_int_equal(tracking_delete_tag(f.t, RUN, "../meta.yaml", &err),
	                 -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_an_earlier_start_there_is_none),
	    cmocka_unit_test(the_next_start_counts),
	    cmocka_unit_test(the_same_start_does_not_count_again),
	    cmocka_unit_test(what_was_said_of_the_end_is_forgotten),
	    cmocka_unit_test(an_earlier_start_that_comes_late_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
