/* SPDX-License-Identifier: MIT */
/* test_publish.c - a spool into the stores, once, whatever comes between */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <signal.h>

#include "model/manifest.h"
#include "model/record.h"
#include "stage/hurry.h"
#include "stage/outcome.h"
#include "stage/publish.h"
#include "stage/spool.h"
#include "stage/upload.h"
#include "store/artifact.h"
#include "store/tracking.h"
#include "temp.h"

struct around {
	char *dir;
	struct spool spool;
	struct record record;
	struct outcome outcome;
	struct kvs end_tags;
	struct publish_end end;
	struct publish_tally tally;
	struct strv problems;
};

/* A run in a store of its own, its command ended, nothing published. */
static void
set_up(struct around *a)
{
	struct tracking *t;
	struct run run;
	const struct experiment_spec experiment = {.name = "exp",
	                                           .create = true};
	struct run_spec spec = {.start_time = 1700000000000, .user = "u"};
	struct err err = ERR_INIT;
	struct record *r = &a->record;

	*a = (struct around){.dir = temp_dir()};
	setenv("KMLFLOW_SPOOL_DIR", a->dir, 1);
	assert_ok(spool_create("/", "0123456789abcdef0123456789abcdef",
	                       &a->spool, &err));
	r->invocation_id = mem_dup("0123456789abcdef0123456789abcdef");
	r->tracking_uri = fs_join(a->dir, "mlruns");
	kvs_set(&r->params, "lr", "0.1");
	kvs_set(&a->end_tags, "kmlflow.exit_code", "0");
	assert_ok(tracking_open(r->tracking_uri, &t, &err));
	assert_ok(tracking_experiment(t, &experiment, false, &r->experiment_id,
	                              &r->experiment_name, &err));
	spec.invocation_id = r->invocation_id;
	spec.experiment_id = r->experiment_id;
	spec.tags = &r->tags;
	assert_ok(tracking_create_run(t, &spec, &run, &err));
	r->run_id = mem_steal(&run.id);
	r->artifact_uri = mem_steal(&run.artifact_uri);
	run_free(&run);
	tracking_close(t);
	a->outcome = (struct outcome){
	    .start_time = 1700000000000,
	    .end_time = 1700000005000,
	    .wall_ns = 5000000000,
	};
	a->end = (struct publish_end){
	    .outcome = &a->outcome,
	    .tags = &a->end_tags,
	};
}

static void
tear_down(struct around *a)
{
	record_free(&a->record);
	spool_close(&a->spool);
	kvs_free(&a->end_tags);
	strv_free(&a->problems);
	temp_free(&a->dir);
}

#define cleanup_around __attribute__((cleanup(tear_down)))

/* A manifest of 'n' names; "!NAME" is for a run that does not exist. */
static void
write_manifest(struct around *a, const char *const *names, size_t n)
{
	cleanup_free char *path = spool_path(&a->spool, "manifest");
	struct manifest_writer w;
	struct err err = ERR_INIT;

	assert_ok(manifest_create(path, &w, &err));
	for (size_t i = 0; i < n; i++) {
		bool other = names[i][0] == '!';
		cleanup_entry struct manifest_entry e = {
		    .path = fs_join(a->dir, names[i] + other),
		    .key = mem_dup(names[i] + other),
		    .run_id = other ? mem_dup("nosuchrun") : NULL,
		};

		assert_ok(manifest_add(&w, &e, &err));
	}
	assert_ok(manifest_commit(&w, &err));
	manifest_abandon(&w);
}

static int
publish_it(struct around *a)
{
	strv_free(&a->problems);
	return publish(&a->spool, &a->record, &a->end, &a->tally, &a->problems);
}

static char *
stored(const struct around *a, const char *key)
{
	const char *uri = a->record.artifact_uri;

	return fs_join(strncmp(uri, "file://", 7) ? uri : uri + 7, key);
}

static struct run
run_now(const struct around *a, struct kvs *params, struct kvs *tags)
{
	struct tracking *t;
	struct run run;
	struct err err = ERR_INIT;

	assert_ok(tracking_open(a->record.tracking_uri, &t, &err));
	assert_ok(tracking_get_run(t, a->record.run_id, &run, &err));
	assert_ok(tracking_read(t, a->record.run_id, params, tags, &err));
	tracking_close(t);
	return run;
}

static void
all_of_it_and_the_status_last(void **state)
{
	static const char *const names[] = {"a.csv", "b.csv"};
	cleanup_around struct around a;
	cleanup_kvs struct kvs params = KVS_INIT;
	cleanup_kvs struct kvs tags = KVS_INIT;
	cleanup_free char *text = NULL;
	cleanup_free char *path = NULL;
	cleanup_run struct run run = {.id = NULL};

	(void)state;
	set_up(&a);
	temp_put(a.dir, "a.csv", "one");
	temp_put(a.dir, "b.csv", "three");
	write_manifest(&a, names, 2);
	run = run_now(&a, NULL, NULL);
	assert_int_equal(run.status, RUN_RUNNING);
	run_free(&run);
	assert_int_equal(publish_it(&a), 0);
	assert_int_equal(a.problems.n, 0);
	assert_int_equal(a.tally.uploaded, 2);
	assert_int_equal(a.tally.bytes, 8);
	path = stored(&a, "b.csv");
	text = temp_read("/", path);
	assert_string_equal(text, "three");
	run = run_now(&a, &params, &tags);
	assert_int_equal(run.status, RUN_FINISHED);
	assert_string_equal(kvs_get(&params, "lr"), "0.1");
	assert_string_equal(kvs_get(&tags, "kmlflow.exit_code"), "0");
}

static void
a_second_time_does_nothing(void **state)
{
	static const char *const names[] = {"a.csv"};
	cleanup_around struct around a;
	cleanup_free char *path = NULL;

	(void)state;
	set_up(&a);
	temp_put(a.dir, "a.csv", "one");
	write_manifest(&a, names, 1);
	assert_int_equal(publish_it(&a), 0);
	path = stored(&a, "a.csv");
	assert_int_equal(unlink(path), 0); /* it would be seen if sent again */
	assert_int_equal(publish_it(&a), 0);
	assert_int_equal(a.tally.uploaded, 0);
	assert_false(fs_exists(path));
}

static void
what_is_there_already_is_not_sent(void **state)
{
	static const char *const names[] = {"same", "other"};
	cleanup_around struct around a;
	cleanup_free char *same = NULL;
	cleanup_free char *other = NULL;
	cleanup_free char *text = NULL;

	(void)state;
	set_up(&a);
	temp_put(a.dir, "same", "12345");
	temp_put(a.dir, "other", "12345");
	same = stored(&a, "same");
	other = stored(&a, "other");
	temp_put("/", same, "12345"); /* by a client inside CMD */
	temp_put("/", other, "54321");
	write_manifest(&a, names, 2);
	assert_int_equal(publish_it(&a), 0);
	assert_int_equal(a.tally.already_there, 1);
	assert_int_equal(a.tally.uploaded, 1);
	text = temp_read("/", other);
	assert_string_equal(text, "12345");
}

static void
one_that_fails_holds_up_nothing_else(void **state)
{
	static const char *const names[] = {"a", "!b", "gone", "c"};
	cleanup_around struct around a;
	cleanup_free char *c = NULL;
	cleanup_run struct run run = {.id = NULL};

	(void)state;
	set_up(&a);
	temp_put(a.dir, "a", "1");
	temp_put(a.dir, "b", "1");
	temp_put(a.dir, "c", "1");
	write_manifest(&a, names, 4);
	assert_int_equal(publish_it(&a), -1);
	assert_int_equal(a.tally.uploaded, 2);
	assert_int_equal(a.tally.failed, 2);
	assert_int_equal(a.problems.n, 2);
	c = stored(&a, "c");
	assert_true(fs_exists(c));
	run = run_now(&a, NULL, NULL);
	assert_int_equal(run.status, RUN_FINISHED);
	/* Later only what is left: a file that vanished does not come back. */
	assert_int_equal(publish_it(&a), -1);
	assert_int_equal(a.tally.uploaded, 0);
	assert_int_equal(a.tally.failed, 1);
	assert_non_null(strstr(a.problems.v[0], "nosuchrun"));
}

static void
somebody_who_wants_us_to_end_interrupts(void **state)
{
	static const char *const names[] = {"a", "b"};
	cleanup_around struct around a;

	(void)state;
	set_up(&a);
	temp_put(a.dir, "a", "1");
	temp_put(a.dir, "b", "1");
	write_manifest(&a, names, 2);
	hurry_begin(&a.outcome, 60000);
	raise(SIGTERM);
	assert_int_equal(publish_it(&a), -1);
	assert_int_equal(a.tally.uploaded, 0);
	hurry_end();
	assert_int_equal(publish_it(&a), 0);
	assert_int_equal(a.tally.uploaded, 2);
}

/* What can be sent is; nothing counts as sent that could not be read. */
static void
a_damaged_manifest_holds_up_itself_alone(void **state)
{
	static const char *const names[] = {"a.csv"};
	cleanup_around struct around a;
	cleanup_kvs struct kvs params = KVS_INIT;
	cleanup_free char *done = NULL;
	cleanup_free char *path = NULL;
	cleanup_run struct run run = {.id = NULL};

	(void)state;
	set_up(&a);
	temp_put(a.dir, "a.csv", "one");
	temp_put(a.spool.dir, "manifest", "{\"fate\": 7");
	assert_int_equal(publish_it(&a), -1);
	run = run_now(&a, &params, NULL);
	assert_string_equal(kvs_get(&params, "lr"), "0.1");
	assert_int_equal(run.status, RUN_FINISHED);
	done = spool_path(&a.spool, "done");
	assert_true(fs_is_absent(done));
	write_manifest(&a, names, 1);
	assert_int_equal(publish_it(&a), 0);
	path = stored(&a, "a.csv");
	assert_true(fs_exists(path));
}

static void
a_joined_run_is_not_ended(void **state)
{
	cleanup_around struct around a;
	cleanup_run struct run run = {.id = NULL};

	(void)state;
	set_up(&a);
	a.record.joined = true;
	write_manifest(&a, NULL, 0);
	assert_int_equal(publish_it(&a), 0);
	run = run_now(&a, NULL, NULL);
	assert_int_equal(run.status, RUN_RUNNING);
}

static void
params_of_a_client_inside_stay(void **state)
{
	cleanup_around struct around a;
	cleanup_kvs struct kvs theirs = KVS_INIT;
	cleanup_kvs struct kvs now = KVS_INIT;
	cleanup_run struct run run = {.id = NULL};
	struct run_data data = {.params = &theirs};
	struct tracking *t;
	struct err err = ERR_INIT;

	(void)state;
	set_up(&a);
	kvs_set(&theirs, "lr", "0.5");
	assert_ok(tracking_open(a.record.tracking_uri, &t, &err));
	assert_ok(tracking_log(t, a.record.run_id, &data, NULL, &err));
	tracking_close(t);
	kvs_set(&a.record.params, "n", "1");
	write_manifest(&a, NULL, 0);
	assert_int_equal(publish_it(&a), 0);
	assert_int_equal(a.tally.conflicts, 1);
	run = run_now(&a, &now, NULL);
	assert_string_equal(kvs_get(&now, "lr"), "0.5");
	assert_string_equal(kvs_get(&now, "n"), "1");
}

static void
a_store_that_is_gone_keeps_all(void **state)
{
	cleanup_around struct around a;

	(void)state;
	set_up(&a);
	mem_replace(&a.record.tracking_uri, mem_dup("nosuch://host"));
	write_manifest(&a, NULL, 0);
	assert_int_equal(publish_it(&a), -1);
	assert_int_equal(a.problems.n, 1);
}

static void
only_regular_files_are_read(void **state)
{
	cleanup_around struct around a;
	struct artifact *store;
	struct upload_result result;
	struct err err = ERR_INIT;
	cleanup_entry struct manifest_entry e = {.key = mem_dup("k")};

	(void)state;
	set_up(&a);
	e.path = fs_join(a.dir, "fifo");
	assert_int_equal(mkfifo(e.path, 0600), 0);
	assert_ok(artifact_open(a.record.artifact_uri, NULL, &store, &err));
	assert_int_equal(upload_file(store, &e, &result, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	artifact_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_of_it_and_the_status_last),
	    cmocka_unit_test(a_second_time_does_nothing),
	    cmocka_unit_test(what_is_there_already_is_not_sent),
	    cmocka_unit_test(one_that_fails_holds_up_nothing_else),
	    cmocka_unit_test(somebody_who_wants_us_to_end_interrupts),
	    cmocka_unit_test(a_damaged_manifest_holds_up_itself_alone),
	    cmocka_unit_test(a_joined_run_is_not_ended),
	    cmocka_unit_test(params_of_a_client_inside_stay),
	    cmocka_unit_test(a_store_that_is_gone_keeps_all),
	    cmocka_unit_test(only_regular_files_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
