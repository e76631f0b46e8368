/* SPDX-License-Identifier: MIT */
/* test_publish_client.c - what a client logged into a spool, merged once */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/map.h"
#include "model/record.h"
#include "model/run.h"
#include "stage/client_store.h"
#include "stage/publish.h"
#include "stage/publish_client.h"
#include "stage/publish_run.h"
#include "stage/spool.h"
#include "store/file_export.h"
#include "store/tracking.h"
#include "temp.h"

#define ID "0123456789abcdef0123456789abcdef"
#define KID "1123456789abcdef0123456789abcdef"

struct around {
	char *dir;
	struct spool spool;
	struct record record;
	struct client_store client;
	struct tracking *inside; /* as a client of MLflow sees it */
	struct tracking *store;
	struct strv problems;
	struct publish_tally tally;
};

static void
set_up(struct around *a)
{
	struct record *r = &a->record;
	struct err err = ERR_INIT;

	*a = (struct around){.dir = temp_dir()};
	setenv("KMLFLOW_SPOOL_DIR", a->dir, 1);
	assert_ok(spool_create("/", ID, &a->spool, &err));
	r->invocation_id = mem_dup(ID);
	r->tracking_uri = fs_join(a->dir, "mlruns");
	r->experiment_name = mem_dup("exp");
	r->run_name = mem_dup("job");
	r->cwd = mem_dup("/");
	r->start_time = 1700000000000;
	r->pending = true;
	r->experiment.create = true;
	kvs_set(&r->tags, "kmlflow.invocation_id", ID);
	kvs_set(&r->tags, "ours", "1");
	assert_ok(client_store_make(&a->spool, r, &a->client, &err));
	assert_ok(tracking_open(a->client.uri, &a->inside, &err));
	assert_ok(tracking_open(r->tracking_uri, &a->store, &err));
}

static void
tear_down(struct around *a)
{
	tracking_close(a->inside);
	tracking_close(a->store);
	client_store_free(&a->client);
	record_free(&a->record);
	spool_close(&a->spool);
	strv_free(&a->problems);
	temp_free(&a->dir);
}

#define cleanup_around __attribute__((cleanup(tear_down)))

static void
log_inside(struct around *a, const char *id)
{
	cleanup_kvs struct kvs params = KVS_INIT;
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct metrics metrics = METRICS_INIT;
	const struct run_data data = {
	    .params = &params,
	    .metrics = &metrics,
	    .tags = &tags,
	};
	struct err err = ERR_INIT;

	kvs_set(&params, "lr", "0.5");
	kvs_set(&tags, "ours", "2");
	for (int i = 0; i < 3; i++)
		metrics_add(&metrics, "a/loss", i, 1700000000000 + i, i);
	assert_ok(tracking_log(a->inside, id, &data, NULL, &err));
	metrics_free(&metrics);
}

static void
begin_kid(struct around *a)
{
	cleanup_kvs struct kvs tags = KVS_INIT;
	const struct run_spec spec = {
	    .invocation_id = KID,
	    .experiment_id = a->client.experiment_id,
	    .name = "kid",
	    .start_time = 1700000000500,
	    .tags = &tags,
	};
	cleanup_run struct run run = {.id = NULL};
	struct err err = ERR_INIT;

	kvs_set(&tags, "mlflow.parentRunId", a->client.run_id);
	assert_ok(tracking_create_run(a->inside, &spec, &run, &err));
}

/* As publish() does; what is noted as done is not asked for. */
static int
send_it(struct around *a)
{
	struct map done = MAP_INIT;
	const struct publish_client_request request = {
	    .spool = &a->spool,
	    .record = &a->record,
	    .tracking = a->store,
	    .done = &done,
	};
	struct err err = ERR_INIT;

	if (a->record.pending)
		assert_ok(publish_run(a->store, &a->spool, &a->record, &err));
	return publish_client(&request, &a->tally, &a->problems);
}

static void
all_of_it_becomes_the_run_s(void **state)
{
	cleanup_around struct around a;
	cleanup_kvs struct kvs params = KVS_INIT;
	cleanup_kvs struct kvs tags = KVS_INIT;
	cleanup_free char *file = NULL;
	cleanup_free char *got = NULL;
	struct err err = ERR_INIT;

	(void)state;
	set_up(&a);
	log_inside(&a, a.client.run_id);
	file = mem_printf("store/%s/" ID "/artifacts/sub/x",
	                  a.client.experiment_id);
	temp_put(a.spool.dir, file, "text");
	assert_int_equal(send_it(&a), 0);
	assert_int_equal(a.problems.n, 0);
	assert_int_equal(a.tally.uploaded, 1);
	assert_ok(tracking_read(a.store, ID, &params, &tags, &err));
	assert_string_equal(kvs_get(&params, "lr"), "0.5");
	assert_string_equal(kvs_get(&tags, "ours"), "2");
	assert_string_equal(kvs_get(&tags, "mlflow.runName"), "job");
	got = fs_join(a.record.artifact_uri, "sub/x");
	assert_true(fs_exists(got));
}

static size_t
points(const struct around *a)
{
	cleanup_file_runs struct file_runs runs = {.v = NULL};
	cleanup_kvs struct kvs params = KVS_INIT;
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct metrics metrics = METRICS_INIT;
	struct err err = ERR_INIT;
	size_t n;

	assert_ok(file_export_runs(a->record.tracking_uri, &runs, &err));
	assert_int_equal(runs.n, 1);
	assert_ok(file_export_data(&runs.v[0], &params, &tags, &metrics, &err));
	n = metrics.n;
	assert_string_equal(metrics.v[0].key, "a/loss");
	assert_int_equal(metrics.v[n - 1].step, 2);
	metrics_free(&metrics);
	return n;
}

static void
sent_again_it_is_there_once(void **state)
{
	cleanup_around struct around a;

	(void)state;
	set_up(&a);
	log_inside(&a, a.client.run_id);
	assert_int_equal(send_it(&a), 0);
	assert_int_equal(send_it(&a), 0);
	assert_int_equal(points(&a), 3);
}

static void
a_run_that_nobody_ended_is_killed(void **state)
{
	cleanup_around struct around a;
	cleanup_run struct run run = {.id = NULL};
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct err err = ERR_INIT;

	(void)state;
	set_up(&a);
	begin_kid(&a);
	log_inside(&a, KID);
	assert_int_equal(send_it(&a), 0);
	assert_ok(tracking_get_run(a.store, KID, &run, &err));
	assert_int_equal(run.status, RUN_KILLED);
	assert_string_equal(run.name, "kid");
	assert_string_equal(run.experiment_id, a.record.experiment_id);
	assert_ok(tracking_read(a.store, KID, NULL, &tags, &err));
	assert_string_equal(kvs_get(&tags, "mlflow.parentRunId"), ID);
}

static void
a_parent_that_is_still_in_its_spool_comes_first(void **state)
{
	cleanup_around struct around a;
	struct err err = ERR_INIT;

	(void)state;
	set_up(&a);
	kvs_set(&a.record.tags, "mlflow.parentRunId", KID);
	a.record.parent_spool = mem_dup(a.dir);
	assert_int_equal(publish_run(a.store, &a.spool, &a.record, &err), -1);
	assert_int_equal(err.kind, ERR_RETRY);
	/* Once its spool is gone there is nothing to wait for. */
	mem_replace(&a.record.parent_spool, fs_join(a.dir, "gone"));
	assert_ok(publish_run(a.store, &a.spool, &a.record, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_of_it_becomes_the_run_s),
	    cmocka_unit_test(sent_again_it_is_there_once),
	    cmocka_unit_test(a_run_that_nobody_ended_is_killed),
	    cmocka_unit_test(a_parent_that_is_still_in_its_spool_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
