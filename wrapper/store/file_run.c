/* SPDX-License-Identifier: MIT */
/* file_run.c - runs of the local store: made, found, ended */
#include <errno.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/run.h"
#include "store/file_meta.h"
#include "store/file_store.h"
#include "store/key.h"
#include "store/local_uri.h"

#define TAG_RUN_NAME "mlflow.runName"

static void
remember(struct file_store *fs, const char *run_id, char *dir)
{
	mem_replace(&fs->run_id, mem_dup(run_id));
	mem_replace(&fs->run_dir, dir);
}

/* 1: 'meta' is that of the run; 0: it is not in this experiment. */
static int
try_experiment(struct file_store *fs, const char *experiment, bool deleted,
               const char *run_id, struct meta *meta, struct err *err)
{
	cleanup_free char *parent =
	    file_experiment_path(fs, experiment, deleted);
	cleanup_free char *dir = fs_join(parent, run_id);

	if (meta_load(dir, meta, err))
		return err->kind == ERR_NOTFOUND ||
		               (err->kind == ERR_SYS && err->sys == ENOTDIR)
		           ? 0
		           : -1;
	if (!meta_is(meta, "experiment_id", experiment))
		return 0;
	remember(fs, run_id, mem_steal(&dir));
	return 1;
}

static int
search(struct file_store *fs, const char *run_id, struct meta *meta,
       struct err *err)
{
	for (int deleted = 0; deleted < 2; deleted++) {
		cleanup_strv struct strv ids = STRV_INIT;

		if (file_experiments(fs, deleted, &ids, err))
			return -1;
		for (size_t i = 0; i < ids.n; i++) {
			int got = try_experiment(fs, ids.v[i], deleted, run_id,
			                         meta, err);

			if (got)
				return got < 0 ? -1 : 0;
		}
	}
	return err_set(err, ERR_NOTFOUND, "there is no run '%s' in '%s'",
	               run_id, fs->root);
}

int
file_run_dir(struct file_store *fs, const char *run_id, const char **ret,
             struct meta *meta, struct err *err)
{
	struct err ignored = ERR_INIT;

	if (!file_is_id(run_id))
		return err_set(err, ERR_NOTFOUND, "'%s' cannot be a run id",
		               run_id);
	/* Runs move when their experiment is deleted or restored. */
	if (!fs->run_id || strcmp(fs->run_id, run_id) != 0 ||
	    meta_load(fs->run_dir, meta, &ignored))
		if (search(fs, run_id, meta, err))
			return -1;
	*ret = fs->run_dir;
	return 0;
}

/* Some releases leave the runs of a deleted experiment marked as active. */
static bool
is_deleted(const char *dir, const struct meta *meta)
{
	cleanup_free char *experiment = fs_dirname(dir);
	cleanup_free char *parent = fs_dirname(experiment);
	cleanup_free char *name = fs_basename(parent);

	return !strcmp(name, FILE_TRASH) ||
	       meta_is(meta, "lifecycle_stage", "deleted");
}

int
file_active_run(struct file_store *fs, const char *run_id, const char **ret,
                struct meta *meta, struct err *err)
{
	if (file_run_dir(fs, run_id, ret, meta, err))
		return -1;
	if (is_deleted(*ret, meta))
		return err_set(err, ERR_REMOTE,
		               "the run '%s' is deleted: nothing can be added "
		               "to it",
		               run_id);
	return 0;
}

int
file_save_run(const char *dir, struct meta *meta, struct err *err)
{
	cleanup_free char *id = meta_str(meta, "run_id");

	if (id && !kvs_get(&meta->raw, "run_uuid"))
		meta_set_str(meta, "run_uuid", id);
	return meta_save(dir, meta, true, err);
}

/* Runs of MLflow before 1.30 have their name in a tag only. */
static char *
name_of(const char *dir, const struct meta *meta)
{
	cleanup_free char *name = meta_str(meta, "run_name");
	cleanup_free char *path = NULL;
	cleanup_buf struct buf tag = BUF_INIT;
	struct err ignored = ERR_INIT;

	if (name && *name)
		return mem_steal(&name);
	path = mem_printf("%s/tags/" TAG_RUN_NAME, dir);
	file_get(path, &tag, &ignored);
	return buf_detach(&tag);
}

static char *
experiment_name(const char *run_dir)
{
	cleanup_free char *dir = fs_dirname(run_dir);
	cleanup_meta struct meta m = META_INIT;
	struct err ignored = ERR_INIT;

	return meta_load(dir, &m, &ignored) ? NULL : meta_str(&m, "name");
}

int
file_tell_run(const char *run_id, const char *dir, const struct meta *meta,
              struct run *ret, struct err *err)
{
	cleanup_free char *uri = meta_str(meta, "artifact_uri");

	if (!uri)
		return err_set(err, ERR_FORMAT,
		               "'%s/" FILE_META "' has no artifact_uri", dir);
	*ret = (struct run){
	    .id = mem_dup(run_id),
	    .experiment_id = meta_str(meta, "experiment_id"),
	    .experiment_name = experiment_name(dir),
	    .name = name_of(dir, meta),
	    .artifact_uri = mem_steal(&uri),
	    .status = (enum run_status)meta_int(meta, "status", 0),
	    .start_time = meta_int(meta, "start_time", 0),
	    .deleted = is_deleted(dir, meta),
	};
	return 0;
}

int
file_get_run(struct tracking *t, const char *run_id, struct run *ret,
             struct err *err)
{
	struct file_store *fs = container_of(t, struct file_store, base);
	cleanup_meta struct meta m = META_INIT;
	const char *dir;

	if (file_run_dir(fs, run_id, &dir, &m, err))
		return -1;
	return file_tell_run(run_id, dir, &m, ret, err);
}

/* --- making ------------------------------------------------------------- */

static char *
choose_name(const struct run_spec *spec)
{
	const char *tag = spec->tags ? kvs_get(spec->tags, TAG_RUN_NAME) : NULL;

	if (spec->name && *spec->name)
		return mem_dup(spec->name);
	if (tag && *tag)
		return mem_dup(tag);
	/* The same each time, so that making the run again agrees. */
	return file_run_name(spec->invocation_id);
}

/* In the order in which MLflow writes the keys: by the alphabet. */
static void
describe(const struct run_spec *spec, const char *name, const char *uri,
         struct meta *m)
{
	const char *user = spec->user && *spec->user ? spec->user : "unknown";

	meta_set_str(m, "artifact_uri", uri);
	meta_set_null(m, "deleted_time");
	meta_set_null(m, "end_time");
	meta_set_str(m, "entry_point_name", "");
	meta_set_str(m, "experiment_id", spec->experiment_id);
	meta_set_str(m, "lifecycle_stage", "active");
	meta_set_str(m, "run_id", spec->invocation_id);
	meta_set_str(m, "run_name", name);
	meta_set_str(m, "run_uuid", spec->invocation_id);
	meta_set_str(m, "source_name", "");
	meta_set_int(m, "source_type", 4);
	meta_set_str(m, "source_version", "");
	meta_set_int(m, "start_time", spec->start_time);
	meta_set_int(m, "status", RUN_RUNNING);
	meta_set_raw(m, "tags", "[]");
	meta_set_str(m, "user_id", user);
}

static int
make_dirs(const char *dir, struct err *err)
{
	static const char *const subs[] = {"metrics", "params", "artifacts",
	                                   "tags"};

	if (mkdir(dir, 0777) && errno != EEXIST)
		return err_sys(err, "create directory '%s'", dir);
	for (size_t i = 0; i < ARRAY_LEN(subs); i++) {
		cleanup_free char *sub = fs_join(dir, subs[i]);

		if (mkdir(sub, 0777) && errno != EEXIST)
			return err_sys(err, "create directory '%s'", sub);
	}
	return 0;
}

/*
 * Readers skip a directory without meta.yaml, so that comes last.  Cut short
 * before, it is filled again by the next call.
 */
static int
fill(const char *dir, const struct run_spec *spec, const char *location,
     struct err *err)
{
	cleanup_free char *below =
	    mem_printf("%s/artifacts", spec->invocation_id);
	cleanup_free char *uri = local_uri_append(location, below);
	cleanup_free char *name = choose_name(spec);
	cleanup_kvs struct kvs named = KVS_INIT;
	cleanup_meta struct meta m = META_INIT;

	if (make_dirs(dir, err))
		return -1;
	for (size_t i = 0; spec->tags && i < spec->tags->n; i++) {
		const struct kv *tag = &spec->tags->v[i];

		if (strcmp(tag->key, TAG_RUN_NAME) != 0 &&
		    file_put_tag(dir, tag, true, err))
			return -1;
	}
	kvs_set(&named, TAG_RUN_NAME, name);
	if (file_put_tag(dir, &named.v[0], true, err))
		return -1;
	describe(spec, name, uri, &m);
	return meta_save(dir, &m, false, err) < 0 ? -1 : 0;
}

/* Before anything is written: what will not do is refused as a whole. */
static int
check(const struct run_spec *spec, struct err *err)
{
	if (!file_is_id(spec->invocation_id))
		return err_set(err, ERR_FORMAT, "'%s' cannot be a run id",
		               spec->invocation_id);
	for (size_t i = 0; spec->tags && i < spec->tags->n; i++)
		if (tracking_check_key(spec->tags->v[i].key, err))
			return err_wrap(err, "tag");
	return 0;
}

static int
make_run(struct file_store *fs, const struct run_spec *spec, struct err *err)
{
	cleanup_free char *parent = NULL;
	cleanup_free char *location = NULL;
	cleanup_free char *dir = NULL;
	cleanup_meta struct meta m = META_INIT;
	bool deleted;

	if (file_experiment_dir(fs, spec->experiment_id, &parent, &deleted,
	                        err))
		return -1;
	if (deleted)
		return err_set(err, ERR_REMOTE,
		               "experiment '%s' is deleted: no run can be "
		               "added to it",
		               spec->experiment_id);
	if (meta_load(parent, &m, err))
		return -1;
	location = meta_str(&m, "artifact_location");
	if (!location || !*location)
		mem_replace(&location, local_uri_append(fs->location,
		                                        spec->experiment_id));
	dir = fs_join(parent, spec->invocation_id);
	if (fill(dir, spec, location, err))
		return -1;
	remember(fs, spec->invocation_id, mem_steal(&dir));
	return 0;
}

int
file_create_run(struct tracking *t, const struct run_spec *spec,
                struct run *ret, struct err *err)
{
	struct file_store *fs = container_of(t, struct file_store, base);
	cleanup_meta struct meta m = META_INIT;
	struct err lost = ERR_INIT;
	int got;

	if (check(spec, err))
		return -1;
	got = try_experiment(fs, spec->experiment_id, false,
	                     spec->invocation_id, &m, &lost);
	if (got != 1 && make_run(fs, spec, err))
		return file_advise(fs, err);
	return file_get_run(t, spec->invocation_id, ret, err);
}

/* --- ending ------------------------------------------------------------- */

int
file_set_status(struct tracking *t, const char *run_id, unsigned status,
                int64_t end_time, struct err *err)
{
	struct file_store *fs = container_of(t, struct file_store, base);
	cleanup_meta struct meta m = META_INIT;
	const char *dir;

	if (status < RUN_RUNNING || status > RUN_KILLED)
		return err_set(err, ERR_FORMAT, "%u is no status", status);
	if (file_active_run(fs, run_id, &dir, &m, err))
		return -1;
	meta_set_int(&m, "status", status);
	if (end_time)
		meta_set_int(&m, "end_time", end_time);
	else
		meta_set_null(&m, "end_time");
	return file_save_run(dir, &m, err) ? file_advise(fs, err) : 0;
}
