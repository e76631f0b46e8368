/* SPDX-License-Identifier: MIT */
/* file_make.c - experiments of the local store: making and restoring them */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/ucs.h"
#include "store/file_meta.h"
#include "store/file_store.h"
#include "store/key.h"
#include "store/local_uri.h"

struct new_experiment {
	const char *id;
	const char *name;
	const char *location;
	const struct kvs *tags;
};

static void
describe(const struct new_experiment *e, struct meta *m)
{
	int64_t now = clock_now_ms();

	meta_set_str(m, "artifact_location", e->location);
	meta_set_int(m, "creation_time", now);
	meta_set_str(m, "experiment_id", e->id);
	meta_set_int(m, "last_update_time", now);
	meta_set_str(m, "lifecycle_stage", "active");
	meta_set_str(m, "name", e->name);
}

/*
 * Fills an empty directory that no reader sees yet.  Once for all runs of an
 * experiment, so with care: an empty meta.yaml would be nobody's experiment.
 */
static int
fill(const char *dir, const struct new_experiment *e, struct err *err)
{
	cleanup_meta struct meta m = META_INIT;
	bool was;
	int failed;

	for (size_t i = 0; e->tags && i < e->tags->n; i++)
		if (file_put_tag(dir, &e->tags->v[i], true, err))
			return -1;
	describe(e, &m);
	was = fs_set_careful(true);
	failed = meta_save(dir, &m, true, err);
	fs_set_careful(was);
	return failed;
}

/* The whole experiment appears by one rename; 1: 'id' is taken. */
static int
make(const struct file_store *fs, const struct new_experiment *e,
     struct err *err)
{
	cleanup_free char *prefix = mem_printf("%s/", fs->root);
	cleanup_free char *temp = file_temp_name(prefix, FILE_TEMP_DIR_SUFFIX);
	cleanup_free char *dir = file_experiment_path(fs, e->id, false);
	struct err ignored = ERR_INIT;
	int ret = -1;

	if (mkdir(temp, 0777))
		return err_sys(err, "create directory '%s'", temp);
	if (!fill(temp, e, err)) {
		ret = 0;
		if (file_rename_new(temp, dir))
			ret = errno == EEXIST || errno == ENOTEMPTY
			          ? 1
			          : err_sys(err, "create '%s'", dir);
	}
	if (ret)
		fs_remove_tree(temp, &ignored);
	return ret;
}

/* Beside the root and then renamed, so that it is never without Default. */
static int
make_root(const struct file_store *fs, const char *temp, struct err *err)
{
	cleanup_free char *trash = fs_join(temp, FILE_TRASH);
	cleanup_free char *dir = fs_join(temp, "0");
	cleanup_free char *location = local_uri_append(fs->location, "0");
	struct new_experiment e = {
	    .id = "0",
	    .name = "Default",
	    .location = location,
	};

	if (mkdir(temp, 0777) || mkdir(trash, 0777) || mkdir(dir, 0777))
		return err_sys(err, "create directory '%s'", fs->root);
	if (fill(dir, &e, err))
		return -1;
	if (file_rename_new(temp, fs->root) && errno != EEXIST &&
	    errno != ENOTEMPTY)
		return err_sys(err, "create directory '%s'", fs->root);
	return 0;
}

int
file_ensure_root(const struct file_store *fs, struct err *err)
{
	cleanup_free char *parent = NULL;
	cleanup_free char *prefix = NULL;
	cleanup_free char *temp = NULL;
	struct err ignored = ERR_INIT;
	int ret;

	if (fs_is_dir(fs->root))
		return 0;
	if (fs_exists(fs->root)) {
		errno = ENOTDIR;
		return err_sys(err, "'%s'", fs->root);
	}
	parent = fs_dirname(fs->root);
	if (fs_mkdirs(parent, 0777, err))
		return -1;
	prefix = mem_printf("%s/", parent);
	temp = file_temp_name(prefix, "");
	ret = make_root(fs, temp, err);
	/* Somebody else was first, or it failed. */
	fs_remove_tree(temp, &ignored);
	return ret;
}

int
file_check_new_experiment(const struct experiment_spec *spec, struct err *err)
{
	size_t left = strlen(spec->name);
	size_t chars = 0;
	size_t used;

	for (const char *p = spec->name; left; p += used, left -= used) {
		if (ucs_decode(p, left, &used) == UCS_BAD)
			return err_set(err, ERR_FORMAT,
			               "the experiment's name is not UTF-8");
		chars++;
	}
	if (!chars || chars > EXPERIMENT_NAME_MAX)
		return err_set(err, ERR_FORMAT,
		               "an experiment's name has 1 to %d characters, "
		               "not %zu",
		               EXPERIMENT_NAME_MAX, chars);
	for (size_t i = 0; spec->tags && i < spec->tags->n; i++)
		if (tracking_check_key(spec->tags->v[i].key, err))
			return err_wrap(err, "experiment tag");
	return 0;
}

/* A local one is made absolute; others are kept as they are. */
static int
artifact_location(const struct file_store *fs,
                  const struct experiment_spec *spec, const char *id,
                  char **ret, struct err *err)
{
	cleanup_free char *scheme = NULL;

	if (!spec->artifact_location || !*spec->artifact_location) {
		*ret = local_uri_append(fs->location, id);
		return 0;
	}
	scheme = local_uri_scheme(spec->artifact_location);
	if (!*scheme || !strcmp(scheme, "file"))
		return local_uri_absolute(spec->artifact_location, ret, err);
	*ret = mem_dup(spec->artifact_location);
	return 0;
}

/* MLflow's ids: 18 digits without a leading zero. */
int
file_make_experiment(const struct file_store *fs,
                     const struct experiment_spec *spec, struct file_found *ret,
                     struct err *err)
{
	for (int tries = 0; tries < 16; tries++) {
		cleanup_free char *location = NULL;
		cleanup_free char *id =
		    mem_printf("%llu", 100000000000000000ull +
		                           (unsigned long long)clock_random(
					       900000000000000000ull));
		struct new_experiment e = {.id = id, .name = spec->name};
		int made;

		if (artifact_location(fs, spec, id, &location, err))
			return -1;
		e.location = location;
		e.tags = spec->tags;
		made = make(fs, &e, err);
		if (made < 0)
			return -1;
		if (made)
			continue;
		ret->id = mem_steal(&id);
		ret->name = mem_dup(spec->name);
		return 0;
	}
	return err_set(err, ERR_RETRY, "no free experiment id was found");
}

static int
restore_run(const char *dir, struct err *err)
{
	cleanup_meta struct meta m = META_INIT;

	if (meta_load(dir, &m, err))
		return err->kind == ERR_NOTFOUND ? 0 : -1;
	if (!meta_is(&m, "lifecycle_stage", "deleted"))
		return 0;
	meta_set_str(&m, "lifecycle_stage", "active");
	meta_set_null(&m, "deleted_time");
	return file_save_run(dir, &m, err);
}

/* Runs first and the move last: cut short, it can be done again. */
int
file_restore_experiment(const struct file_store *fs, struct file_found *f,
                        struct err *err)
{
	cleanup_free char *from = file_experiment_path(fs, f->id, true);
	cleanup_free char *to = file_experiment_path(fs, f->id, false);
	cleanup_strv struct strv runs = STRV_INIT;
	cleanup_meta struct meta m = META_INIT;

	if (file_list_dirs(from, &runs, err))
		return -1;
	for (size_t i = 0; i < runs.n; i++) {
		cleanup_free char *dir = fs_join(from, runs.v[i]);

		if (restore_run(dir, err))
			return -1;
	}
	if (meta_load(from, &m, err))
		return -1;
	meta_set_str(&m, "lifecycle_stage", "active");
	meta_set_int(&m, "last_update_time", clock_now_ms());
	if (meta_save(from, &m, true, err))
		return -1;
	if (file_rename_new(from, to))
		return err_sys(err, "restore '%s'", to);
	f->deleted = false;
	return 0;
}
