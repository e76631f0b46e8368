/* SPDX-License-Identifier: MIT */
/* test_metric_points.c - where metrics from files go on in a run's history */
#include "local_store.h"

#include <stdlib.h>

#include "base/buf.h"
#include "model/manifest.h"
#include "model/metric_file.h"
#include "model/record.h"
#include "stage/metric_points.h"
#include "stage/outcome.h"
#include "stage/publish.h"
#include "stage/spool.h"

/* A spool of a run whose command has written a file for each entry. */
struct around {
	struct fixture f;
	struct spool spool;
	struct record record;
};

static void
set_up(struct around *a)
{
	struct err err = ERR_INIT;
	struct record *r = &a->record;

	*a = (struct around){.f = begin(RUN)};
	setenv("KMLFLOW_SPOOL_DIR", a->f.dir, 1);
	assert_ok(spool_create("/", RUN, &a->spool, &err));
	r->invocation_id = mem_dup(RUN);
	r->tracking_uri = mem_dup(a->f.root);
	r->run_id = mem_dup(RUN);
	r->cwd = mem_dup("/");
}

static void
tear_down(struct around *a)
{
	record_free(&a->record);
	spool_close(&a->spool);
	fixture_free(&a->f);
}
#define cleanup_around __attribute__((cleanup(tear_down)))

static void
declare(struct around *a, enum metric_place place)
{
	struct declared *d = declared_add(&a->record.declared);

	d->path = mem_dup("/m");
	d->metric = mem_alloc(sizeof(*d->metric));
	d->metric->place = place;
}

/* A manifest of "RULE TEXT [RUN]" each: a file for the metric "m". */
static void
write_manifest(struct around *a, const char *const (*files)[3], size_t n)
{
	cleanup_free char *path = spool_path(&a->spool, "manifest");
	struct manifest_writer w;
	struct err err = ERR_INIT;

	assert_ok(manifest_create(path, &w, &err));
	for (size_t i = 0; i < n; i++) {
		cleanup_entry struct manifest_entry e = {
		    .path = fs_join(a->f.dir, "m.json"),
		    .key = mem_dup(files[i][0]),
		    .metric = mem_dup("m"),
		    .run_id = mem_dup(files[i][2]),
		};

		temp_put(a->f.dir, "m.json", files[i][1]);
		assert_ok(metric_points_keep(&a->spool, i, &e, &err));
		assert_ok(manifest_add(&w, &e, &err));
	}
	assert_ok(manifest_commit(&w, &err));
	manifest_abandon(&w);
}

static void
log_point(struct around *a, const char *run_id, int64_t step)
{
	struct metrics m = METRICS_INIT;
	struct run_data data = {.metrics = &m};
	struct err err = ERR_INIT;

	metrics_add(&m, "m", 0.5, 1, step);
	assert_ok(tracking_log(a->f.t, run_id, &data, NULL, &err));
	metrics_free(&m);
}

static int
publish_it(struct around *a)
{
	struct outcome outcome = {.end_time = 9, .unknown = true};
	struct kvs tags = KVS_INIT;
	struct publish_end end = {.outcome = &outcome, .tags = &tags};
	cleanup_strv struct strv problems = STRV_INIT;
	struct publish_tally tally;

	return publish(&a->spool, &a->record, &end, &tally, &problems);
}

/* "VALUE@STEP …" of what was logged with our time. */
static void
assert_history(const struct around *a, const char *run_id, const char *want)
{
	cleanup_free char *path = mem_printf("%s/%s/%s/metrics/m", a->f.root,
	                                     a->f.experiment, run_id);
	cleanup_free char *text = temp_read("/", path);
	cleanup_buf struct buf got = BUF_INIT;

	for (char *line = text; *line; line += strcspn(line, "\n") + 1) {
		double value;
		int when, step;

		assert_int_equal(sscanf(line, "%d %lf %d", &when, &value,
		                        &step),
		                 3);
		if (when == 9)
			buf_addf(&got, "%s%g@%d", got.len ? " " : "", value,
			         step);
	}
	assert_string_equal(got.s, want);
}

static void
a_metric_goes_on_after_what_is_there(void **state)
{
	static const char *const files[][3] = {{"0", "[1, 2]", NULL},
	                                       {"0", "3", NULL}};
	cleanup_around struct around a;

	(void)state;
	set_up(&a);
	declare(&a, METRIC_APPEND);
	log_point(&a, RUN, 4);
	log_point(&a, RUN, 2);
	write_manifest(&a, files, 2);
	assert_int_equal(publish_it(&a), 0);
	assert_history(&a, RUN, "1@5 2@6 3@7");
}

static void
one_that_overwrites_stands_at_the_last_step(void **state)
{
	static const char *const files[][3] = {{"0", "1", NULL},
	                                       {"0", "2", RUN2}};
	cleanup_around struct around a;

	(void)state;
	set_up(&a);
	make_run(&a.f, RUN2, 1, NULL);
	declare(&a, METRIC_OVERWRITE);
	log_point(&a, RUN2, 3);
	write_manifest(&a, files, 2);
	assert_int_equal(publish_it(&a), 0);
	assert_history(&a, RUN, "1@0");
	assert_history(&a, RUN2, "2@3");
}

/* What was sent and not noted is sent again, and is the same point. */
static void
a_second_attempt_does_not_go_on_after_the_first(void **state)
{
	static const char *const files[][3] = {{"0", "1", NULL}};
	cleanup_around struct around a;
	cleanup_free char *done = NULL;
	cleanup_free char *text = NULL;
	char *end;

	(void)state;
	set_up(&a);
	declare(&a, METRIC_APPEND);
	write_manifest(&a, files, 1);
	assert_int_equal(publish_it(&a), 0);
	done = spool_path(&a.spool, "done");
	text = temp_read("/", done);
	end = strstr(text, "data\n");
	assert_non_null(end);
	*end = '\0';
	temp_put("/", done, text);
	assert_int_equal(publish_it(&a), 0);
	assert_history(&a, RUN, "1@0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_metric_goes_on_after_what_is_there),
	    cmocka_unit_test(one_that_overwrites_stands_at_the_last_step),
	    cmocka_unit_test(a_second_attempt_does_not_go_on_after_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
