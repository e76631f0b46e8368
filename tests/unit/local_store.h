/* SPDX-License-Identifier: MIT */
/* local_store.h - a tracking store in a directory of its own, for tests */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "model/run.h"
#include "store/tracking.h"
#include "temp.h"

#define RUN "0123456789abcdef0123456789abcdef"
#define RUN2 "1123456789abcdef0123456789abcdef"

/* A store in a directory of its own. */
struct fixture {
	char *dir;
	char *root;
	struct tracking *t;
	char *experiment; /* id of "e", where begin() made it */
};

static inline void
fixture_free(struct fixture *f)
{
	tracking_close(f->t);
	free(f->root);
	free(f->experiment);
	temp_free(&f->dir);
}
#define cleanup_fixture __attribute__((cleanup(fixture_free)))

static inline struct fixture
open_store(void)
{
	struct fixture f = {.dir = temp_dir()};
	struct err err = ERR_INIT;

	f.root = fs_join(f.dir, "mlruns");
	assert_ok(tracking_open(f.root, &f.t, &err));
	return f;
}

static inline int
ask(struct tracking *t, struct experiment_spec spec, bool dry, char **id,
    struct err *err)
{
	cleanup_free char *name = NULL;

	return tracking_experiment(t, &spec, dry, id, &name, err);
}

static inline void
make_run(struct fixture *f, const char *run_id, int64_t start,
         const struct kvs *tags)
{
	struct run_spec spec = {
	    .invocation_id = run_id,
	    .experiment_id = f->experiment,
	    .user = "me",
	    .start_time = start,
	    .tags = tags,
	};
	cleanup_run struct run run = {.id = NULL};
	struct err err = ERR_INIT;

	assert_ok(tracking_create_run(f->t, &spec, &run, &err));
}

/* With experiment "e" and, where 'run_id' is given, a run in it. */
static inline struct fixture
begin(const char *run_id)
{
	struct experiment_spec spec = {.name = "e", .create = true};
	struct fixture f = open_store();
	struct err err = ERR_INIT;

	assert_ok(ask(f.t, spec, false, &f.experiment, &err));
	if (run_id)
		make_run(&f, run_id, 5, NULL);
	return f;
}

static inline char *
run_path(const struct fixture *f, const char *below)
{
	return mem_printf("%s/%s/" RUN "%s", f->root, f->experiment, below);
}

static inline char *
read_below(const struct fixture *f, const char *below)
{
	cleanup_free char *path = run_path(f, below);

	return temp_read("/", path);
}
