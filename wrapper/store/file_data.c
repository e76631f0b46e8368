/* SPDX-License-Identifier: MIT */
/* file_data.c - params, tags and metrics of the local store: one file each */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/ucs.h"
#include "model/run.h"
#include "store/file_meta.h"
#include "store/file_metric.h"
#include "store/file_store.h"
#include "store/key.h"

#define TAG_RUN_NAME "mlflow.runName"

/* Keys have at most 250 characters, so no more levels than this. */
enum { DEPTH_MAX = 128 };

/*
 * A key can be too long for the file system, or be a directory because of
 * another key: that is about this key alone.
 */
static int
blame_key(const char *what, const char *key, struct err *err)
{
	if (err->kind == ERR_SYS &&
	    (err->sys == ENAMETOOLONG || err->sys == EISDIR ||
	     err->sys == ENOTDIR || err->sys == EEXIST))
		err->kind = ERR_FORMAT;
	return err_wrap(err, "%s '%.80s'", what, key);
}

int
file_put_tag(const char *dir, const struct kv *tag, bool unseen,
             struct err *err)
{
	cleanup_free char *path = mem_printf("%s/tags/%s", dir, tag->key);
	cleanup_buf struct buf text = BUF_INIT;
	size_t cut = key_clean_value(&text, tag->value, TAG_VALUE_MAX);

	if (cut)
		log_debug("tag '%s': %zu characters over MLflow's %d are left "
		          "out",
		          tag->key, cut, TAG_VALUE_MAX);
	if (unseen ? file_put_unseen(path, &text, err)
	           : file_put(dir, path, &text, true, err))
		return blame_key("tag", tag->key, err);
	return 0;
}

/* A value that is there stays; another one than ours is counted. */
static int
compare_param(const char *path, const struct buf *ours, int *conflicts,
              struct err *err)
{
	cleanup_buf struct buf theirs = BUF_INIT;

	if (file_get(path, &theirs, err))
		return -1;
	*conflicts += theirs.len != ours->len ||
	              memcmp(theirs.s, ours->s, ours->len) != 0;
	return 0;
}

static bool
file_is_empty(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !st.st_size;
}

static int
put_param(const char *dir, const struct kv *p, int *conflicts, struct err *err)
{
	cleanup_free char *path = mem_printf("%s/params/%s", dir, p->key);
	cleanup_buf struct buf text = BUF_INIT;
	int ret;

	if (tracking_check_key(p->key, err))
		return err_wrap(err, "param");
	if (key_clean_value(&text, p->value, PARAM_VALUE_MAX))
		return err_set(err, ERR_FORMAT,
		               "param '%s': %zu characters, MLflow takes %d",
		               p->key, ucs_count(p->value), PARAM_VALUE_MAX);
	ret = file_put_settled(dir, path, &text, false, err);
	/* What comes after the loss of power finds names without values. */
	if (ret > 0 && fs_is_careful() && file_is_empty(path))
		ret = file_put_settled(dir, path, &text, true, err);
	if (ret > 0)
		ret = compare_param(path, &text, conflicts, err);
	return ret ? blame_key("param", p->key, err) : 0;
}

static int
put_tag(const char *dir, const struct kv *tag, struct err *err)
{
	if (tracking_check_key(tag->key, err))
		return err_wrap(err, "tag");
	return file_put_tag(dir, tag, false, err);
}

/* The first error is the one that is told. */
static void
note(struct err *first, const struct err *e)
{
	if (first->kind == ERR_NONE)
		*first = *e;
}

static void
put_params(const char *dir, const struct kvs *params, int *conflicts,
           struct err *first)
{
	for (size_t i = 0; params && i < params->n; i++) {
		struct err e = ERR_INIT;

		if (put_param(dir, &params->v[i], conflicts, &e))
			note(first, &e);
	}
}

/* The run's name is kept in meta.yaml as well, and they agree. */
static int
rename_run(const char *dir, struct meta *meta, const char *name,
           struct err *err)
{
	if (meta_is(meta, "run_name", name))
		return 0;
	meta_set_str(meta, "run_name", name);
	return file_save_run(dir, meta, err);
}

static void
put_tags(const char *dir, const struct kvs *tags, struct meta *meta,
         struct err *first)
{
	for (size_t i = 0; tags && i < tags->n; i++) {
		const struct kv *tag = &tags->v[i];
		struct err e = ERR_INIT;

		if (put_tag(dir, tag, &e))
			note(first, &e);
		else if (!strcmp(tag->key, TAG_RUN_NAME) &&
		         rename_run(dir, meta, tag->value, &e))
			note(first, &e);
	}
}

int
file_log(struct tracking *t, const char *run_id, const struct run_data *data,
         int *conflicts, struct err *err)
{
	struct file_store *fs = container_of(t, struct file_store, base);
	cleanup_meta struct meta m = META_INIT;
	struct err first = ERR_INIT;
	const char *dir;

	if (file_active_run(fs, run_id, &dir, &m, err))
		return -1;
	put_params(dir, data->params, conflicts, &first);
	file_put_metrics(dir, data->metrics, &first);
	put_tags(dir, data->tags, &m, &first);
	if (first.kind == ERR_NONE)
		return 0;
	*err = first;
	return file_advise(fs, err);
}

int
file_delete_tag(struct tracking *t, const char *run_id, const char *key,
                struct err *err)
{
	struct file_store *fs = container_of(t, struct file_store, base);
	cleanup_meta struct meta m = META_INIT;
	cleanup_free char *path = NULL;
	const char *dir;

	if (file_active_run(fs, run_id, &dir, &m, err))
		return -1;
	path = mem_printf("%s/tags/%s", dir, key);
	if (!unlink(path) || errno == ENOENT || errno == ENOTDIR)
		return 0;
	err_sys(err, "remove '%s'", path);
	return file_advise(fs, err);
}

/* --- reading ------------------------------------------------------------ */

static int read_level(const char *dir, const char *prefix, int depth,
                      struct kvs *ret, struct err *err);

/* 'key' is a value, or a level of keys with slashes. */
static int
read_entry(const char *path, const char *key, int depth, struct kvs *ret,
           struct err *err)
{
	cleanup_free char *prefix = NULL;
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	struct stat st;

	if (stat(path, &st) || tracking_check_key(key, &ignored))
		return 0;
	if (S_ISDIR(st.st_mode)) {
		prefix = mem_printf("%s/", key);
		return depth < DEPTH_MAX
		           ? read_level(path, prefix, depth + 1, ret, err)
		           : 0;
	}
	if (!S_ISREG(st.st_mode))
		return 0;
	if (file_get(path, &text, err))
		return err->kind == ERR_NOTFOUND ? 0 : -1;
	kvs_push(ret, key, text.s);
	return 0;
}

static int
read_level(const char *path, const char *prefix, int depth, struct kvs *ret,
           struct err *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int got = 0;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return err_sys(err, "read directory '%s'", path);
	while (errno = 0, !got && (entry = readdir(dir))) {
		cleanup_free char *key = NULL;
		cleanup_free char *below = NULL;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		key = mem_printf("%s%s", prefix, entry->d_name);
		below = fs_join(path, entry->d_name);
		got = read_entry(below, key, depth, ret, err);
	}
	if (!got && errno)
		got = err_sys(err, "read directory '%s'", path);
	closedir(dir);
	return got;
}

int
file_read_values(const char *dir, struct kvs *ret, struct err *err)
{
	return read_level(dir, "", 0, ret, err);
}

static int
read_sub(const char *dir, const char *sub, struct kvs *ret, struct err *err)
{
	cleanup_free char *path = fs_join(dir, sub);

	return ret ? file_read_values(path, ret, err) : 0;
}

int
file_read(struct tracking *t, const char *run_id, struct kvs *params,
          struct kvs *tags, struct err *err)
{
	struct file_store *fs = container_of(t, struct file_store, base);
	cleanup_meta struct meta m = META_INIT;
	const char *dir;

	if (file_run_dir(fs, run_id, &dir, &m, err) ||
	    read_sub(dir, "params", params, err))
		return -1;
	return read_sub(dir, "tags", tags, err);
}

int
file_last_steps(struct tracking *t, const char *run_id, struct metrics *points,
                struct err *err)
{
	struct file_store *fs = container_of(t, struct file_store, base);
	cleanup_meta struct meta m = META_INIT;
	const char *dir;

	if (file_run_dir(fs, run_id, &dir, &m, err))
		return -1;
	return file_metric_steps(dir, points, err);
}
