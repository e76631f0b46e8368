/* SPDX-License-Identifier: MIT */
/* file_export.c - all that a local store holds, to be told to another store */
#include "store/file_export.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/tree.h"
#include "model/run.h"
#include "store/file_meta.h"
#include "store/file_metric.h"
#include "store/file_store.h"

static void
free_run(struct file_run *r)
{
	free(r->dir);
	free(r->id);
	free(r->name);
	free(r->user);
	free(r->experiment_id);
	free(r->experiment_name);
	free(r->artifact_uri);
	*r = (struct file_run){.dir = NULL};
}

void
file_runs_free(struct file_runs *runs)
{
	for (size_t i = 0; i < runs->n; i++)
		free_run(&runs->v[i]);
	free(runs->v);
	*runs = (struct file_runs){.v = NULL};
}

/* 1: *ret is filled; 0: it is not a run of this experiment. */
static int
read_run(const char *dir, const struct meta *experiment, struct file_run *ret)
{
	cleanup_meta struct meta m = META_INIT;
	cleanup_free char *id = fs_basename(dir);
	struct err ignored = ERR_INIT;

	if (meta_load(dir, &m, &ignored) || !meta_is(&m, "run_id", id))
		return 0;
	*ret = (struct file_run){
	    .dir = mem_dup(dir),
	    .id = mem_steal(&id),
	    .name = meta_str(&m, "run_name"),
	    .user = meta_str(&m, "user_id"),
	    .experiment_id = meta_str(experiment, "experiment_id"),
	    .experiment_name = meta_str(experiment, "name"),
	    .artifact_uri = meta_str(&m, "artifact_uri"),
	    .status = (int)meta_int(&m, "status", RUN_RUNNING),
	    .start_time = meta_int(&m, "start_time", 0),
	    .end_time = meta_int(&m, "end_time", 0),
	    .deleted = meta_is(&m, "lifecycle_stage", "deleted"),
	};
	if (ret->experiment_id && ret->experiment_name && ret->artifact_uri)
		return 1;
	free_run(ret);
	return 0;
}

static int
add_runs(const char *dir, bool deleted, struct file_runs *to, struct err *err)
{
	cleanup_strv struct strv names = STRV_INIT;
	cleanup_meta struct meta m = META_INIT;
	struct err ignored = ERR_INIT;

	if (meta_load(dir, &m, &ignored))
		return 0;
	if (file_list_dirs(dir, &names, err))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		cleanup_free char *below = fs_join(dir, names.v[i]);
		struct file_run run;

		if (!read_run(below, &m, &run))
			continue;
		run.deleted |= deleted;
		to->v = mem_grow(to->v, to->n + 1, sizeof(*to->v));
		to->v[to->n++] = run;
	}
	return 0;
}

static int
add_experiments(const char *root, bool deleted, struct file_runs *to,
                struct err *err)
{
	cleanup_strv struct strv names = STRV_INIT;

	if (file_list_dirs(root, &names, err))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		cleanup_free char *dir = fs_join(root, names.v[i]);

		if (add_runs(dir, deleted, to, err))
			return -1;
	}
	return 0;
}

static int
compare_start(const void *a, const void *b)
{
	const struct file_run *x = a;
	const struct file_run *y = b;

	if (x->start_time != y->start_time)
		return x->start_time < y->start_time ? -1 : 1;
	return strcmp(x->id, y->id);
}

int
file_export_runs(const char *root, struct file_runs *ret, struct err *err)
{
	cleanup_free char *trash = fs_join(root, FILE_TRASH);
	struct file_runs runs = {.v = NULL};

	if (add_experiments(root, false, &runs, err) ||
	    add_experiments(trash, true, &runs, err)) {
		file_runs_free(&runs);
		return -1;
	}
	if (runs.n)
		qsort(runs.v, runs.n, sizeof(*runs.v), compare_start);
	*ret = runs;
	return 0;
}

int
file_export_data(const struct file_run *run, struct kvs *params,
                 struct kvs *tags, struct metrics *metrics, struct err *err)
{
	cleanup_free char *params_dir = fs_join(run->dir, "params");
	cleanup_free char *tags_dir = fs_join(run->dir, "tags");

	if (file_read_values(params_dir, params, err) ||
	    file_read_values(tags_dir, tags, err))
		return -1;
	return file_read_metrics(run->dir, metrics, err);
}

int
file_export_models(const struct file_run *run, file_model_fn *fn, void *arg,
                   struct err *err)
{
	cleanup_free char *experiment = fs_dirname(run->dir);
	cleanup_free char *models = fs_join(experiment, "models");
	cleanup_strv struct strv names = STRV_INIT;

	if (file_list_dirs(models, &names, err))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		cleanup_free char *dir = fs_join(models, names.v[i]);
		cleanup_free char *files = fs_join(dir, "artifacts");
		cleanup_meta struct meta m = META_INIT;
		cleanup_free char *name = NULL;
		struct err ignored = ERR_INIT;
		int got;

		if (meta_load(dir, &m, &ignored) ||
		    !meta_is(&m, "source_run_id", run->id))
			continue;
		name = meta_str(&m, "name");
		got = fn(arg, name ? name : names.v[i], files);
		if (got)
			return got;
	}
	return 0;
}

int
file_export_inputs(const struct file_run *run, file_model_fn *fn, void *arg,
                   struct err *err)
{
	cleanup_free char *experiment = fs_dirname(run->dir);
	cleanup_free char *inputs = fs_join(run->dir, "inputs");
	cleanup_strv struct strv names = STRV_INIT;

	if (file_list_dirs(inputs, &names, err))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		cleanup_free char *dir = fs_join(inputs, names.v[i]);
		cleanup_meta struct meta m = META_INIT;
		cleanup_free char *id = NULL;
		cleanup_free char *file = NULL;
		struct err ignored = ERR_INIT;
		int got;

		if (meta_load(dir, &m, &ignored))
			continue;
		id = meta_str(&m, "source_id");
		if (!id || !file_is_id(id))
			continue;
		file = mem_printf("%s/datasets/%s/" FILE_META, experiment, id);
		got = fs_exists(file) ? fn(arg, id, file) : 0;
		if (got)
			return got;
	}
	return 0;
}

static bool
has_dirs(const char *base, const char *name)
{
	cleanup_free char *dir = fs_join(base, name);
	cleanup_strv struct strv names = STRV_INIT;
	struct err ignored = ERR_INIT;

	return !file_list_dirs(dir, &names, &ignored) && names.n;
}

bool
file_export_has_more(const char *root)
{
	cleanup_strv struct strv names = STRV_INIT;
	struct err ignored = ERR_INIT;

	if (has_dirs(root, "models"))
		return true;
	if (file_list_dirs(root, &names, &ignored))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		cleanup_free char *dir = fs_join(root, names.v[i]);

		if (has_dirs(dir, "traces"))
			return true;
	}
	return false;
}
