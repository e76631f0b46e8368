/* SPDX-License-Identifier: MIT */
/* file_find.c - runs of the local store, found by what their tags say */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/run.h"
#include "store/file_meta.h"
#include "store/file_store.h"

static bool
has_tag(const char *dir, const char *key, const char *value)
{
	cleanup_free char *path = mem_printf("%s/tags/%s", dir, key);
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;

	return !file_get(path, &text, &ignored) && !strcmp(text.s, value);
}

/* Goes on when a run is broken or vanishes: the others are still there. */
static int
search_runs(const char *experiment, const char *key, const char *value,
            struct run *best, struct err *err)
{
	cleanup_strv struct strv runs = STRV_INIT;

	if (file_list_dirs(experiment, &runs, err))
		return -1;
	for (size_t i = 0; i < runs.n; i++) {
		cleanup_free char *dir = fs_join(experiment, runs.v[i]);
		cleanup_meta struct meta m = META_INIT;
		struct run r = {.id = NULL};
		struct err ignored = ERR_INIT;

		if (!has_tag(dir, key, value) || meta_load(dir, &m, &ignored) ||
		    (best->id &&
		     meta_int(&m, "start_time", 0) <= best->start_time) ||
		    file_tell_run(runs.v[i], dir, &m, &r, &ignored))
			continue;
		run_free(best);
		*best = r;
	}
	return 0;
}

static int
search_all(const struct file_store *fs, const struct kv *tag, struct run *best,
           struct err *err)
{
	for (int deleted = 0; deleted < 2; deleted++) {
		cleanup_strv struct strv ids = STRV_INIT;

		if (file_experiments(fs, deleted, &ids, err))
			return -1;
		for (size_t i = 0; i < ids.n; i++) {
			cleanup_free char *dir =
			    file_experiment_path(fs, ids.v[i], deleted);

			if (search_runs(dir, tag->key, tag->value, best, err))
				return -1;
		}
	}
	return 0;
}

int
file_find_by_tag(struct tracking *t, const char *experiment_id, const char *key,
                 const char *value, struct run *ret, struct err *err)
{
	const struct file_store *fs = container_of(t, struct file_store, base);
	cleanup_free char *dir = NULL;
	struct run best = {.id = NULL};
	bool deleted;
	int got;

	if (experiment_id) {
		if (file_experiment_dir(fs, experiment_id, &dir, &deleted, err))
			return -1;
		got = search_runs(dir, key, value, &best, err);
	} else {
		struct kv tag = {.key = mem_dup(key), .value = mem_dup(value)};

		got = search_all(fs, &tag, &best, err);
		free(tag.key);
		free(tag.value);
	}
	if (!got && !best.id)
		got = err_set(err, ERR_NOTFOUND,
		              "no run has the tag %s=%s in '%s'", key, value,
		              fs->root);
	if (got) {
		run_free(&best);
		return -1;
	}
	*ret = best;
	return 0;
}

/* --- runs that nobody has ended ------------------------------------------ */

static void
add_running(const char *experiment, const char *host, const char *id,
            struct strv *to)
{
	cleanup_free char *dir = fs_join(experiment, id);
	cleanup_meta struct meta m = META_INIT;
	struct err ignored = ERR_INIT;

	if (!meta_load(dir, &m, &ignored) &&
	    meta_int(&m, "status", 0) == RUN_RUNNING &&
	    !meta_is(&m, "lifecycle_stage", "deleted") &&
	    has_tag(dir, "kmlflow.host", host))
		strv_add(to, id);
}

int
file_running(struct tracking *t, const char *host, struct strv *ret,
             struct err *err)
{
	const struct file_store *fs = container_of(t, struct file_store, base);
	cleanup_strv struct strv ids = STRV_INIT;

	if (file_experiments(fs, false, &ids, err))
		return -1;
	for (size_t i = 0; i < ids.n; i++) {
		cleanup_free char *dir =
		    file_experiment_path(fs, ids.v[i], false);
		cleanup_strv struct strv runs = STRV_INIT;

		if (file_list_dirs(dir, &runs, err))
			return -1;
		for (size_t k = 0; k < runs.n; k++)
			add_running(dir, host, runs.v[k], ret);
	}
	return 0;
}
