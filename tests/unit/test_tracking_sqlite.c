/* SPDX-License-Identifier: MIT */
/* test_tracking_sqlite.c - experiments and runs in an SQLite database */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <sys/wait.h>

#include "model/run.h"
#include "store/tracking.h"
#include "temp.h"
#include "wire/sqlite.h"

#define RUN "0123456789abcdef0123456789abcdef"
#define RUN2 "1123456789abcdef0123456789abcdef"

/* A store in a directory of its own. */
struct fixture {
	char *dir;
	char *path;
	struct tracking *t;
};

static void
fixture_free(struct fixture *f)
{
	tracking_close(f->t);
	free(f->path);
	temp_free(&f->dir);
}
#define cleanup_fixture __attribute__((cleanup(fixture_free)))

static struct fixture
open_store(void)
{
	struct fixture f = {.dir = temp_dir()};
	cleanup_free char *uri = NULL;
	struct err err = ERR_INIT;

	f.path = fs_join(f.dir, "sub/m.db");
	uri = mem_printf("sqlite:///%s", f.path);
	assert_ok(tracking_open(uri, &f.t, &err));
	return f;
}

/* The first value that a query gives, as text; owned. */
static char *
ask(const struct fixture *f, const char *query)
{
	struct sqlite *db = NULL;
	struct sqlite_query *q;
	struct err err = ERR_INIT;
	char *ret = NULL;

	assert_ok(sqlite_open(f->path, false, &db, &err));
	q = sqlite_prepare(db, query, &err);
	if (!q || sqlite_step(q, &err) < 0)
		fail_msg("%s", err.msg);
	ret = mem_dup(sqlite_text(q, 0));
	sqlite_query_free(&q);
	sqlite_close(db);
	return ret;
}

static void
assert_told(const struct fixture *f, const char *query, const char *value)
{
	cleanup_free char *told = ask(f, query);

	if (!told || !value)
		assert_ptr_equal(told, value);
	else
		assert_string_equal(told, value);
}

static void
execute(const char *path, const char *script)
{
	struct sqlite *db = NULL;
	struct err err = ERR_INIT;

	assert_ok(sqlite_open(path, true, &db, &err));
	assert_ok(sqlite_exec(db, script, &err));
	sqlite_close(db);
}

static int
experiment(struct tracking *t, struct experiment_spec spec, bool dry, char **id,
           struct err *err)
{
	cleanup_free char *name = NULL;

	return tracking_experiment(t, &spec, dry, id, &name, err);
}

static void
make_run(struct fixture *f, const char *run_id, int64_t start,
         const struct kvs *tags)
{
	struct run_spec spec = {
	    .invocation_id = run_id,
	    .experiment_id = "1",
	    .user = "me",
	    .start_time = start,
	    .tags = tags,
	};
	cleanup_run struct run run = {.id = NULL};
	struct err err = ERR_INIT;

	assert_ok(tracking_create_run(f->t, &spec, &run, &err));
}

/* With experiment "e" and, where 'run_id' is given, a run in it. */
static struct fixture
begin(const char *run_id)
{
	struct experiment_spec spec = {.name = "e", .create = true};
	struct fixture f = open_store();
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;

	assert_ok(experiment(f.t, spec, false, &id, &err));
	assert_string_equal(id, "1");
	if (run_id)
		make_run(&f, run_id, 5, NULL);
	return f;
}

static void
nothing_is_written_before_it_must_be(void **state)
{
	cleanup_fixture struct fixture f = open_store();
	struct experiment_spec spec = {.name = "e"};
	cleanup_run struct run run = {.id = NULL};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(experiment(f.t, spec, false, &id, &err), -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
	spec.create = true;
	assert_ok(experiment(f.t, spec, true, &id, &err));
	assert_null(id);
	assert_int_equal(tracking_param_limit(f.t), 6000);
	assert_int_equal(tracking_get_run(f.t, RUN, &run, &err), -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
	assert_int_equal(tracking_find_by_tag(f.t, NULL, "k", "v", &run, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
	assert_false(fs_exists(f.path));
}

static int
count_files(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(dir);
	return n;
}

static void
a_new_database_is_whole(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	cleanup_free char *dir = fs_dirname(f.path);

	(void)state;
	assert_told(&f, "SELECT name FROM experiments WHERE experiment_id = 0",
	            "Default");
	assert_told(&f, "SELECT count(*) FROM experiments", "2");
	assert_told(&f, "SELECT count(*) FROM alembic_version", "1");
	assert_told(&f, "SELECT name FROM workspaces", "default");
	assert_told(&f, "PRAGMA integrity_check", "ok");
	assert_told(&f, "PRAGMA foreign_key_check", NULL);
	assert_int_equal(count_files(dir), 1);
}

static void
an_empty_file_is_filled(void **state)
{
	cleanup_fixture struct fixture f = open_store();
	struct experiment_spec spec = {.name = "Default"};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;

	(void)state;
	temp_put(f.dir, "sub/m.db", "");
	assert_ok(experiment(f.t, spec, true, &id, &err));
	assert_null(id);
	assert_ok(experiment(f.t, spec, false, &id, &err));
	assert_string_equal(id, "0");
}

/* A journal of a database that was removed must not go into the new one. */
static void
leftovers_do_no_harm(void **state)
{
	cleanup_fixture struct fixture f = open_store();
	struct experiment_spec spec = {.name = "Default"};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;

	(void)state;
	temp_put(f.dir, "sub/m.db-journal", "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7");
	assert_ok(experiment(f.t, spec, false, &id, &err));
	assert_told(&f, "PRAGMA integrity_check", "ok");
}

static void
other_files_are_refused(void **state)
{
	static const struct {
		const char *text, *script, *says;
	} rows[] = {
	    {"this is a text, not a database", NULL, "not an SQLite database"},
	    {NULL, "CREATE TABLE mine (a)", "not one of MLflow"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_fixture struct fixture f = open_store();
		struct experiment_spec spec = {.name = "e", .create = true};
		cleanup_free char *id = NULL;
		struct err err = ERR_INIT;

		temp_put(f.dir, "sub/m.db", rows[i].text ? rows[i].text : "");
		if (rows[i].script)
			execute(f.path, rows[i].script);
		assert_int_equal(experiment(f.t, spec, false, &id, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.msg, rows[i].says));
		assert_non_null(strstr(err.msg, f.path));
	}
}

static void
a_directory_in_its_place(void **state)
{
	cleanup_fixture struct fixture f = open_store();
	struct experiment_spec spec = {.name = "e", .create = true};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;

	(void)state;
	temp_put(f.dir, "sub/m.db/x", "");
	assert_int_equal(experiment(f.t, spec, false, &id, &err), -1);
	assert_non_null(strstr(err.msg, f.path));
}

static void
experiments_are_counted(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	struct kvs tags = KVS_INIT;
	struct experiment_spec spec = {.name = "it's", .create = true};
	cleanup_free char *id = NULL;
	cleanup_free char *again = NULL;
	struct err err = ERR_INIT;

	(void)state;
	kvs_set(&tags, "k", "v");
	spec.tags = &tags;
	spec.artifact_location = "s3://bucket/x";
	assert_ok(experiment(f.t, spec, false, &id, &err));
	assert_string_equal(id, "2");
	assert_ok(experiment(f.t, spec, false, &again, &err));
	assert_string_equal(again, "2");
	assert_told(&f,
	            "SELECT artifact_location FROM experiments"
	            " WHERE experiment_id = 2",
	            "s3://bucket/x");
	assert_told(&f,
	            "SELECT key || value FROM experiment_tags"
	            " WHERE experiment_id = 2",
	            "kv");
	kvs_free(&tags);
}

static void
ids_that_cannot_be(void **state)
{
	static const char *const ids[] = {"",  "-1",  "1 OR 1=1",
	                                  "e", "1.0", "99999999999999999999",
	                                  "7"};
	cleanup_fixture struct fixture f = begin(NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct experiment_spec spec = {.id = ids[i], .create = true};
		cleanup_free char *id = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(experiment(f.t, spec, false, &id, &err), -1);
		assert_int_equal(err.kind, ERR_NOTFOUND);
	}
}

static void
deleted_experiments(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	struct experiment_spec spec = {.name = "e", .create = true};
	cleanup_run struct run run = {.id = NULL};
	struct run_spec again = {.invocation_id = RUN2, .experiment_id = "1"};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;

	(void)state;
	execute(f.path, "UPDATE experiments SET lifecycle_stage = 'deleted'"
	                " WHERE experiment_id = 1;"
	                "UPDATE runs SET lifecycle_stage = 'deleted',"
	                " deleted_time = 7");
	assert_int_equal(experiment(f.t, spec, false, &id, &err), -1);
	assert_int_equal(err.kind, ERR_REMOTE);
	assert_int_equal(tracking_create_run(f.t, &again, &run, &err), -1);
	assert_int_equal(err.kind, ERR_REMOTE);
	assert_int_equal(tracking_set_status(f.t, RUN, RUN_FINISHED, 1, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_REMOTE);

	spec.restore_if_deleted = true;
	assert_ok(experiment(f.t, spec, true, &id, &err));
	assert_told(&f, "SELECT lifecycle_stage FROM runs", "deleted");
	mem_replace(&id, NULL);
	assert_ok(experiment(f.t, spec, false, &id, &err));
	assert_string_equal(id, "1");
	assert_told(&f,
	            "SELECT lifecycle_stage || coalesce(deleted_time, '')"
	            " FROM runs",
	            "active");
	assert_ok(tracking_set_status(f.t, RUN, RUN_FINISHED, 1, &err));
}

static void
making_a_run_again_gives_the_same(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_run struct run run = {.id = NULL};
	struct err err = ERR_INIT;

	(void)state;
	make_run(&f, RUN, 99, NULL);
	assert_told(&f, "SELECT count(*) FROM runs", "1");
	assert_ok(tracking_get_run(f.t, RUN, &run, &err));
	assert_int_equal(run.start_time, 5);
	assert_string_equal(run.experiment_name, "e");
	assert_int_equal(run.status, RUN_RUNNING);
	assert_non_null(
	    strstr(run.artifact_uri, "/mlruns/1/" RUN "/artifacts"));
	assert_told(&f,
	            "SELECT source_type || source_name || entry_point_name ||"
	            " source_version || user_id || lifecycle_stage FROM runs",
	            "UNKNOWNmeactive");
	assert_told(&f,
	            "SELECT count(*) FROM runs JOIN tags USING (run_uuid)"
	            " WHERE key = 'mlflow.runName' AND value = name",
	            "1");
}

static void
a_bad_tag_makes_no_run(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct run_spec spec = {.invocation_id = RUN,
	                        .experiment_id = "1",
	                        .tags = &tags};
	cleanup_run struct run run = {.id = NULL};
	struct err err = ERR_INIT;

	(void)state;
	kvs_set(&tags, "fine", "1");
	kvs_set(&tags, "not/../fine", "1");
	assert_int_equal(tracking_create_run(f.t, &spec, &run, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_told(&f, "SELECT count(*) FROM runs", "0");
	assert_told(&f, "SELECT count(*) FROM tags", "0");
}

static void
one_bad_entry_takes_none_along(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_kvs struct kvs params = KVS_INIT;
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct metrics metrics = METRICS_INIT;
	struct run_data data = {&params, &metrics, &tags, NULL};
	char wide[6002];
	struct err err = ERR_INIT;

	(void)state;
	memset(wide, 'x', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	kvs_set(&params, "long", wide);
	kvs_set(&params, "a*b", "1");
	kvs_set(&params, "ok", "\xff");
	kvs_set(&tags, "a*b", "1");
	kvs_set(&tags, "ok", "1");
	metrics_add(&metrics, "a*b", 1, 1, 1);
	metrics_add(&metrics, "ok", 1, 1, 1);
	assert_int_equal(tracking_log(f.t, RUN, &data, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_non_null(strstr(err.msg, "'long'"));
	assert_null(strstr(err.msg, "xxx"));
	assert_told(&f, "SELECT group_concat(key || value) FROM params",
	            "ok\xef\xbf\xbd");
	assert_told(&f, "SELECT group_concat(key) FROM metrics", "ok");
	assert_told(&f, "SELECT value FROM tags WHERE key = 'ok'", "1");
	metrics_free(&metrics);
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
	struct err err = ERR_INIT;
	int conflicts = 0;

	(void)state;
	kvs_set(&first, "same", "1");
	kvs_set(&first, "other", "1");
	kvs_set(&second, "same", "1");
	kvs_set(&second, "other", "2");
	kvs_set(&second, "mlflow.runName", "renamed");
	assert_ok(tracking_log(f.t, RUN, &data, &conflicts, &err));
	assert_int_equal(conflicts, 0);
	data = (struct run_data){.params = &second, .tags = &second};
	assert_ok(tracking_log(f.t, RUN, &data, &conflicts, &err));
	assert_int_equal(conflicts, 1);
	assert_ok(tracking_read(f.t, RUN, &params, &tags, &err));
	assert_string_equal(kvs_get(&params, "other"), "1");
	assert_string_equal(kvs_get(&tags, "other"), "2");
	assert_told(&f, "SELECT name FROM runs", "renamed");
}

/* -7 stands for none at all. */
static void
assert_last_step(const struct fixture *f, const char *key, int64_t want)
{
	struct metrics last = METRICS_INIT;
	struct err err = ERR_INIT;

	metrics_add(&last, key, 0, 0, -7);
	assert_ok(tracking_last_steps(f->t, RUN, &last, &err));
	assert_int_equal(last.v[0].step, want);
	metrics_free(&last);
}

static void
metric_points(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	struct metrics m = METRICS_INIT;
	struct run_data data = {.metrics = &m};
	struct err err = ERR_INIT;

	(void)state;
	metrics_add(&m, "m", 3, 10, 2);
	metrics_add(&m, "m", 9, 99, 1);
	metrics_add(&m, "m", 4, 10, 2);
	metrics_add(&m, "m", -INFINITY, 11, 2);
	metrics_add(&m, "n", NAN, 1, -1);
	assert_ok(tracking_log(f.t, RUN, &data, NULL, &err));
	assert_ok(tracking_log(f.t, RUN, &data, NULL, &err));
	assert_told(&f, "SELECT count(*) FROM metrics", "5");
	assert_told(&f,
	            "SELECT step || ' ' || timestamp || ' ' ||"
	            " (value < -1.797e308)"
	            " FROM latest_metrics WHERE key = 'm'",
	            "2 11 1");
	assert_told(&f,
	            "SELECT value || ' ' || is_nan || ' ' || step"
	            " FROM latest_metrics WHERE key = 'n'",
	            "0.0 1 -1");
	assert_last_step(&f, "m", 2);
	assert_last_step(&f, "n", -1);
	assert_last_step(&f, "none", -7);
	metrics_free(&m);
}

static void
status_and_end(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(tracking_set_status(f.t, RUN, RUN_KILLED, 77, &err));
	assert_told(&f, "SELECT status || end_time FROM runs", "KILLED77");
	assert_ok(tracking_set_status(f.t, RUN, RUN_RUNNING, 0, &err));
	assert_told(&f, "SELECT status || coalesce(end_time, '') FROM runs",
	            "RUNNING");
	assert_int_equal(tracking_set_status(f.t, RUN2, RUN_FAILED, 1, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
	assert_int_equal(tracking_set_status(f.t, RUN, 6, 1, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
}

/* The end comes with the data, or neither does. */
static void
data_with_the_end(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	struct kvs tags = KVS_INIT;
	struct run_end end = {RUN_FAILED, 78};
	struct run_data data = {.tags = &tags, .end = &end};
	struct err err = ERR_INIT;

	(void)state;
	kvs_set(&tags, "k", "v");
	assert_ok(tracking_log(f.t, RUN, &data, NULL, &err));
	assert_told(&f, "SELECT status || end_time FROM runs", "FAILED78");
	end.status = 6;
	kvs_set(&tags, "k", "w");
	assert_int_equal(tracking_log(f.t, RUN, &data, NULL, &err), -1);
	assert_told(&f, "SELECT value FROM tags WHERE key = 'k'", "v");
	kvs_free(&tags);
}

/* A connection that was kept is of the file that is there now. */
static void
a_database_that_was_replaced(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_free char *other = fs_join(f.dir, "other.db");
	cleanup_free char *uri = mem_printf("sqlite:///%s", f.path);
	cleanup_run struct run run = {.id = NULL};
	struct err err = ERR_INIT;

	(void)state;
	tracking_close(f.t);
	execute(other, "VACUUM");
	assert_int_equal(rename(other, f.path), 0);
	assert_ok(tracking_open(uri, &f.t, &err));
	assert_int_equal(tracking_get_run(f.t, RUN, &run, &err), -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
}

static void
the_latest_run_with_a_tag(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	cleanup_kvs struct kvs tags = KVS_INIT;
	cleanup_run struct run run = {.id = NULL};
	struct err err = ERR_INIT;

	(void)state;
	kvs_set(&tags, "k", "v");
	make_run(&f, RUN, 7, &tags);
	make_run(&f, RUN2, 6, &tags);
	assert_ok(tracking_find_by_tag(f.t, NULL, "k", "v", &run, &err));
	assert_string_equal(run.id, RUN);
	run_free(&run);
	assert_ok(tracking_find_by_tag(f.t, "1", "k", "v", &run, &err));
	assert_string_equal(run.id, RUN);
	assert_int_equal(tracking_find_by_tag(f.t, "0", "k", "v", &run, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
	assert_int_equal(tracking_find_by_tag(f.t, "1", "k", "V", &run, &err),
	                 -1);
}

/* As MLflow 1.2 had it: no times of experiments, params of 250 characters. */
static const char old_tables[] =
    "CREATE TABLE experiments (experiment_id INTEGER NOT NULL PRIMARY KEY,"
    " name VARCHAR(256) NOT NULL UNIQUE, artifact_location VARCHAR(256),"
    " lifecycle_stage VARCHAR(32));"
    "CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY,"
    " name VARCHAR(250), source_type VARCHAR(20), source_name VARCHAR(500),"
    " entry_point_name VARCHAR(50), user_id VARCHAR(256), status VARCHAR(20),"
    " start_time BIGINT, end_time BIGINT, source_version VARCHAR(50),"
    " lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200),"
    " experiment_id INTEGER REFERENCES experiments (experiment_id));"
    "CREATE TABLE params (key VARCHAR(250) NOT NULL,"
    " value VARCHAR(250) NOT NULL, run_uuid VARCHAR(32) NOT NULL"
    " REFERENCES runs (run_uuid), PRIMARY KEY (key, run_uuid));"
    "CREATE TABLE tags (key VARCHAR(250) NOT NULL, value VARCHAR(5000),"
    " run_uuid VARCHAR(32) NOT NULL REFERENCES runs (run_uuid),"
    " PRIMARY KEY (key, run_uuid));"
    "CREATE TABLE experiment_tags (key VARCHAR(250) NOT NULL,"
    " value VARCHAR(5000), experiment_id INTEGER NOT NULL,"
    " PRIMARY KEY (key, experiment_id));"
    "CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL,"
    " timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL,"
    " step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL,"
    " PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));";

static const char old_latest[] =
    "CREATE TABLE latest_metrics (key VARCHAR(250) NOT NULL,"
    " value FLOAT NOT NULL, timestamp BIGINT, step BIGINT NOT NULL,"
    " is_nan BOOLEAN NOT NULL, run_uuid VARCHAR(32) NOT NULL,"
    " PRIMARY KEY (key, run_uuid));";

/* Adds one that is missing while somebody waits for it. */
static pid_t
add_later(const char *path)
{
	const struct timespec pause = {.tv_nsec = 300000000};
	pid_t pid = fork();

	if (pid)
		return pid;
	nanosleep(&pause, NULL);
	execute(path, old_latest);
	_exit(0);
}

static void
old_tables_are_joined(void **state)
{
	cleanup_fixture struct fixture f = open_store();
	struct experiment_spec spec = {.name = "e", .create = true};
	cleanup_kvs struct kvs long_one = KVS_INIT;
	struct run_data data = {.params = &long_one, .tags = &long_one};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;
	char wide[252];
	pid_t other;

	(void)state;
	temp_put(f.dir, "sub/m.db", "");
	execute(f.path, old_tables);
	other = add_later(f.path);
	assert_ok(experiment(f.t, spec, false, &id, &err));
	assert_int_equal(waitpid(other, NULL, 0), other);
	assert_string_equal(id, "1");
	assert_int_equal(tracking_param_limit(f.t), 250);
	execute(f.path, "UPDATE experiments SET artifact_location = './a'");
	make_run(&f, RUN, 1, NULL);
	assert_told(&f,
	            "SELECT artifact_uri LIKE '/%/a/" RUN "/artifacts'"
	            " FROM runs",
	            "1");

	memset(wide, 'x', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	kvs_set(&long_one, "p", wide);
	assert_int_equal(tracking_log(f.t, RUN, &data, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_told(&f, "SELECT count(*) FROM params", "0");
	assert_told(&f, "SELECT length(value) FROM tags WHERE key = 'p'",
	            "251");
	execute(f.path, "UPDATE experiments SET lifecycle_stage = 'deleted'");
	spec.restore_if_deleted = true;
	mem_replace(&id, NULL);
	assert_ok(experiment(f.t, spec, false, &id, &err));
	assert_told(&f, "SELECT lifecycle_stage FROM experiments", "active");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_written_before_it_must_be),
	    cmocka_unit_test(a_new_database_is_whole),
	    cmocka_unit_test(an_empty_file_is_filled),
	    cmocka_unit_test(leftovers_do_no_harm),
	    cmocka_unit_test(other_files_are_refused),
	    cmocka_unit_test(a_directory_in_its_place),
	    cmocka_unit_test(experiments_are_counted),
	    cmocka_unit_test(ids_that_cannot_be),
	    cmocka_unit_test(deleted_experiments),
	    cmocka_unit_test(making_a_run_again_gives_the_same),
	    cmocka_unit_test(a_bad_tag_makes_no_run),
	    cmocka_unit_test(one_bad_entry_takes_none_along),
	    cmocka_unit_test(params_stay_and_tags_are_replaced),
	    cmocka_unit_test(metric_points),
	    cmocka_unit_test(status_and_end),
	    cmocka_unit_test(data_with_the_end),
	    cmocka_unit_test(a_database_that_was_replaced),
	    cmocka_unit_test(the_latest_run_with_a_tag),
	    cmocka_unit_test(old_tables_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
