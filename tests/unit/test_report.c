/* SPDX-License-Identifier: MIT */
/* test_report.c - summaries: written, kept, found again */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <sys/time.h>

#include "model/manifest.h"
#include "model/record.h"
#include "stage/outcome.h"
#include "stage/publish.h"
#include "stage/report.h"
#include "stage/spool.h"
#include "temp.h"
#include "wire/json.h"

struct around {
	char *dir;
	struct spool spool;
	struct record record;
	struct outcome outcome;
	struct publish_tally tally;
	struct strv problems;
	struct report report;
};

static void
set_up(struct around *a)
{
	struct err err = ERR_INIT;

	*a = (struct around){.dir = temp_dir()};
	setenv("KMLFLOW_SPOOL_DIR", a->dir, 1);
	assert_ok(spool_create("/", "0123456789abcdef0123456789abcdef",
	                       &a->spool, &err));
	a->record.run_id = mem_dup("aabbcc");
	a->record.tracking_uri = mem_dup("/m");
	kvs_set(&a->record.params, "p\"1", "caf\xe9");
	strv_add(&a->record.warnings, "careful");
	a->outcome = (struct outcome){.exit_code = 3, .end_time = 1000};
	a->report = (struct report){
	    .record = &a->record,
	    .outcome = &a->outcome,
	    .tally = &a->tally,
	    .problems = &a->problems,
	    .blind = &a->problems,
	    .capture = "complete",
	    .published = true,
	};
}

static void
tear_down(struct around *a)
{
	record_free(&a->record);
	spool_close(&a->spool);
	strv_free(&a->problems);
	temp_free(&a->dir);
}

#define cleanup_around __attribute__((cleanup(tear_down)))

static struct cJSON *
write_and_read(struct around *a)
{
	cleanup_free char *path = fs_join(a->dir, "out.json");
	struct cJSON *o = NULL;
	struct err err = ERR_INIT;

	assert_ok(report_write(&a->report, &a->spool, path, &err));
	assert_ok(json_read(path, 1 << 20, &o, &err));
	return o;
}

static void
says_what_came_of_it(void **state)
{
	cleanup_around struct around a;
	cleanup_json struct cJSON *o = NULL;

	(void)state;
	set_up(&a);
	a.tally.uploaded = 2;
	o = write_and_read(&a);
	assert_int_equal(json_int(o, "format", 0), 1);
	assert_string_equal(json_str(o, "run_id"), "aabbcc");
	assert_string_equal(json_str(o, "status"), "FAILED");
	assert_int_equal(json_int(o, "exit_code", -1), 3);
	assert_string_equal(json_str(o, "end_time"),
	                    "1970-01-01T00:00:01.000Z");
	assert_int_equal(json_int(o, "uploaded", 0), 2);
	assert_true(json_bool(o, "published", false));
	assert_null(json_str(o, "spool"));
	assert_string_equal(json_str(json_get(o, "params"), "p\"1"), "caf\xe9");
	assert_true(json_is_array(json_get(o, "files")));
	assert_null(json_first(json_get(o, "files")));
}

static void
a_killed_run_has_a_signal_and_an_unknown_one_neither(void **state)
{
	cleanup_around struct around a;
	cleanup_json struct cJSON *killed = NULL;
	cleanup_json struct cJSON *unknown = NULL;

	(void)state;
	set_up(&a);
	a.outcome = (struct outcome){.exit_code = -1, .signal = 9};
	a.report.published = false;
	killed = write_and_read(&a);
	assert_string_equal(json_str(killed, "status"), "KILLED");
	assert_int_equal(json_int(killed, "signal", 0), 9);
	assert_null(json_get(killed, "exit_code"));
	assert_string_equal(json_str(killed, "spool"), a.spool.dir);
	a.outcome = (struct outcome){.exit_code = -1, .unknown = true};
	unknown = write_and_read(&a);
	assert_int_equal(json_int(unknown, "exit_code", 77), 77); /* null */
	assert_null(json_get(unknown, "signal"));
}

static void
files_are_those_of_the_manifest(void **state)
{
	cleanup_around struct around a;
	cleanup_json struct cJSON *o = NULL;
	const struct cJSON *f;

	(void)state;
	set_up(&a);
	temp_put(a.spool.dir, "manifest",
	         "{\"fate\":\"missing\",\"path\":\"/a\\nb\"}\n"
	         "{\"fate\":\"missing\",\"path\":\"/c\"}\n");
	o = write_and_read(&a);
	f = json_first(json_get(o, "files"));
	assert_string_equal(json_str(f, "path"), "/a\nb");
	f = json_next(f);
	assert_string_equal(json_str(f, "path"), "/c");
	assert_null(json_next(f));
}

static void
a_place_that_cannot_be_written_keeps_nothing(void **state)
{
	cleanup_around struct around a;
	struct err err = ERR_INIT;

	(void)state;
	set_up(&a);
	assert_int_equal(report_write(&a.report, &a.spool, "/none/such/r",
	                              &err),
	                 -1);
	assert_int_equal(err.sys, ENOENT);
	/* A directory is in the way: no half-written file beside it. */
	assert_int_equal(report_write(&a.report, &a.spool, a.dir, &err), -1);
	assert_int_equal(err.kind, ERR_SYS);
}

static void
keep(struct around *a, const char *id, time_t when)
{
	cleanup_free char *path = mem_printf("%s/reports/%s.json", a->dir, id);
	const struct timeval times[2] = {{.tv_sec = when}, {.tv_sec = when}};
	struct err err = ERR_INIT;

	mem_replace(&a->record.run_id, mem_dup(id));
	assert_ok(report_keep(&a->report, &a->spool, &err));
	assert_int_equal(utimes(path, times), 0);
}

static void
the_newest_or_the_named_one_is_found(void **state)
{
	cleanup_around struct around a;
	cleanup_temp char *second = temp_dir();
	cleanup_strv struct strv places = STRV_INIT;
	cleanup_free char *newest = NULL;
	cleanup_free char *named = NULL;
	cleanup_free char *twice = NULL;
	struct err err = ERR_INIT;

	(void)state;
	set_up(&a);
	strv_add(&places, "/none/such");
	strv_add(&places, a.dir);
	strv_add(&places, second);
	assert_null(report_find(&places, NULL, &err));
	assert_int_equal(err.kind, ERR_NOTFOUND);
	keep(&a, "aa11", 1000);
	keep(&a, "aa22", 3000);
	keep(&a, "bb33", 2000);
	newest = report_find(&places, NULL, &err);
	assert_non_null(strstr(newest, "aa22.json"));
	named = report_find(&places, "b", &err);
	assert_non_null(strstr(named, "bb33.json"));
	assert_null(report_find(&places, "aa", &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_null(report_find(&places, "cc", &err));
	assert_int_equal(err.kind, ERR_NOTFOUND);
	/* One run with a summary in two places is one run. */
	temp_put(second, "reports/aa11.json", "{}");
	twice = report_find(&places, "aa11", &err);
	assert_non_null(twice);
	assert_int_equal(strncmp(twice, second, strlen(second)), 0);
}

static void
the_oldest_go(void **state)
{
	cleanup_around struct around a;
	cleanup_free char *first = NULL;
	cleanup_free char *last = NULL;

	(void)state;
	set_up(&a);
	for (int i = 0; i < 25; i++) {
		char id[8];

		snprintf(id, sizeof(id), "r%02d", i);
		keep(&a, id, 1000 + i);
	}
	keep(&a, "now", 5000);
	first = fs_join(a.dir, "reports/r04.json");
	last = fs_join(a.dir, "reports/r24.json");
	assert_false(fs_exists(first));
	assert_true(fs_exists(last));
}

static void
what_a_crash_left_is_no_summary(void **state)
{
	cleanup_around struct around a;
	cleanup_strv struct strv places = STRV_INIT;
	struct err err = ERR_INIT;

	(void)state;
	set_up(&a);
	strv_add(&places, a.dir);
	temp_put(a.dir, "reports/aa.json.kmlflow-part", "{");
	assert_null(report_find(&places, NULL, &err));
	assert_int_equal(err.kind, ERR_NOTFOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_came_of_it),
	    cmocka_unit_test(
		a_killed_run_has_a_signal_and_an_unknown_one_neither),
	    cmocka_unit_test(files_are_those_of_the_manifest),
	    cmocka_unit_test(a_place_that_cannot_be_written_keeps_nothing),
	    cmocka_unit_test(the_newest_or_the_named_one_is_found),
	    cmocka_unit_test(the_oldest_go),
	    cmocka_unit_test(what_a_crash_left_is_no_summary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
