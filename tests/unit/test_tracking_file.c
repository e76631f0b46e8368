/* SPDX-License-Identifier: MIT */
/* test_tracking_file.c - experiments in a local directory */
#include "local_store.h"

#include <sys/file.h>
#include <sys/wait.h>

static void
nothing_is_written_before_it_must_be(void **state)
{
	cleanup_fixture struct fixture f = open_store();
	struct experiment_spec spec = {.name = "e"};
	cleanup_run struct run run = {.id = NULL};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ask(f.t, spec, false, &id, &err), -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
	spec.create = true;
	assert_ok(ask(f.t, spec, true, &id, &err));
	assert_null(id);
	assert_int_equal(tracking_get_run(f.t, RUN, &run, &err), -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
	assert_int_equal(tracking_find_by_tag(f.t, NULL, "k", "v", &run, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOTFOUND);
	assert_false(fs_exists(f.root));
}

static void
a_new_root_has_a_default_experiment(void **state)
{
	cleanup_fixture struct fixture f = open_store();
	struct experiment_spec spec = {.name = "Default"};
	cleanup_free char *id = NULL;
	cleanup_free char *again = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ask(f.t, spec, false, &id, &err));
	assert_string_equal(id, "0");
	spec = (struct experiment_spec){.id = "0"};
	assert_ok(ask(f.t, spec, false, &again, &err));
	assert_string_equal(again, "0");
}

static void
an_empty_root_that_is_there_gets_none(void **state)
{
	cleanup_fixture struct fixture f = open_store();
	struct experiment_spec spec = {.name = "Default", .create = true};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(mkdir(f.root, 0777), 0);
	assert_ok(ask(f.t, spec, false, &id, &err));
	assert_int_equal(strlen(id), 18);
}

static void
experiments_keep_their_id(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	struct experiment_spec spec = {.name = "e", .create = true};
	cleanup_free char *id = NULL;
	cleanup_free char *name = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ask(f.t, spec, false, &id, &err));
	assert_string_equal(id, f.experiment);
	mem_free_ptr(&id);
	spec = (struct experiment_spec){.id = f.experiment};
	assert_ok(tracking_experiment(f.t, &spec, true, &id, &name, &err));
	assert_string_equal(id, f.experiment);
	assert_string_equal(name, "e");
}

static void
ids_that_cannot_be_are_not_looked_for(void **state)
{
	static const char *const ids[] = {"..",     "../0", "/",       "",
	                                  ".trash", "999",  ("0/" RUN)};
	cleanup_fixture struct fixture f = begin(RUN);
	cleanup_run struct run run = {.id = NULL};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct experiment_spec spec = {.id = ids[i], .create = true};

		assert_int_equal(ask(f.t, spec, false, &id, &err), -1);
		assert_int_equal(err.kind, ERR_NOTFOUND);
		assert_int_equal(tracking_get_run(f.t, ids[i], &run, &err), -1);
		assert_int_equal(err.kind, ERR_NOTFOUND);
	}
}

static void
names_that_no_experiment_can_have(void **state)
{
	cleanup_fixture struct fixture f = open_store();
	cleanup_free char *longest = mem_alloc(502);
	const char *const names[] = {"", "\xff", longest};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;

	(void)state;
	memset(longest, 'x', 501);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct experiment_spec spec = {.name = names[i],
		                               .create = true};

		assert_int_equal(ask(f.t, spec, true, &id, &err), -1);
		assert_int_equal(err.kind, ERR_FORMAT);
	}
	longest[500] = '\0';
	assert_ok(ask(f.t,
	              (struct experiment_spec){.name = longest, .create = true},
	              false, &id, &err));
}

static void
a_broken_neighbour_hides_nothing(void **state)
{
	cleanup_fixture struct fixture f = begin(RUN);
	struct experiment_spec spec = {.name = "e"};
	cleanup_run struct run run = {.id = NULL};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;

	(void)state;
	temp_put(f.root, "1/meta.yaml", "{broken");
	temp_put(f.root, "2/notes.txt", "");
	temp_put(f.root, "3/meta.yaml", "experiment_id: '4'\nname: 'e'\n");
	temp_put(f.root, "file", "");
	assert_ok(ask(f.t, spec, false, &id, &err));
	assert_string_equal(id, f.experiment);
	tracking_close(f.t);
	assert_ok(tracking_open(f.root, &f.t, &err));
	assert_ok(tracking_get_run(f.t, RUN, &run, &err));
	assert_string_equal(run.experiment_name, "e");
}

static void
a_store_that_cannot_be_is_told_with_advice(void **state)
{
	cleanup_temp char *dir = temp_dir();
	cleanup_free char *file = temp_file(dir, "file", "");
	cleanup_free char *below = fs_join(file, "mlruns");
	const char *const uris[] = {file, below};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(uris); i++) {
		struct experiment_spec spec = {.name = "e", .create = true};
		struct tracking *t = NULL;
		cleanup_free char *id = NULL;
		struct err err = ERR_INIT;

		assert_ok(tracking_open(uris[i], &t, &err));
		assert_int_equal(ask(t, spec, false, &id, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.msg, "cannot be written to"));
		tracking_close(t);
	}
}

/* The lock is given up when its holder is gone, and waited for before. */
static void
makers_of_experiments_take_turns(void **state)
{
	cleanup_fixture struct fixture f = begin(NULL);
	cleanup_free char *path = fs_join(f.root, ".kmlflow.lock");
	struct experiment_spec spec = {.name = "late", .create = true};
	cleanup_free char *id = NULL;
	struct err err = ERR_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	pid_t child;
	int status;

	(void)state;
	assert_int_equal(flock(fd, LOCK_EX), 0);
	child = fork();
	if (!child) {
		close(fd); /* else it would hold the lock as well */
		_exit(ask(f.t, spec, false, &id, &err) ? 1 : 0);
	}
	usleep(50000);
	assert_int_equal(ask(f.t, spec, true, &id, &err), 0);
	assert_null(id);
	close(fd);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_ok(ask(f.t, spec, true, &id, &err));
	assert_non_null(id);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_written_before_it_must_be),
	    cmocka_unit_test(a_new_root_has_a_default_experiment),
	    cmocka_unit_test(an_empty_root_that_is_there_gets_none),
	    cmocka_unit_test(experiments_keep_their_id),
	    cmocka_unit_test(ids_that_cannot_be_are_not_looked_for),
	    cmocka_unit_test(names_that_no_experiment_can_have),
	    cmocka_unit_test(a_broken_neighbour_hides_nothing),
	    cmocka_unit_test(a_store_that_cannot_be_is_told_with_advice),
	    cmocka_unit_test(makers_of_experiments_take_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
