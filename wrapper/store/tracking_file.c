/* SPDX-License-Identifier: MIT */
/* tracking_file.c - a local directory as the tracking store ("mlruns") */
#include "store/file_store.h"
#include "store/key.h"
#include "store/local_uri.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

static void
file_close(struct tracking *t)
{
	struct file_store *fs = container_of(t, struct file_store, base);

	free(fs->root);
	free(fs->location);
	free(fs->run_id);
	free(fs->run_dir);
	free(fs);
}

static int
file_open(const char *uri, struct tracking **ret, struct err *err)
{
	cleanup_free char *root = NULL;
	cleanup_free char *location = NULL;
	struct file_store *fs;

	if (local_uri_path(uri, &root, err) ||
	    local_uri_absolute(uri, &location, err))
		return err_wrap(err, "tracking URI");
	fs = mem_alloc(sizeof(*fs));
	fs->base.ops = &tracking_file_ops;
	fs->base.param_limit = PARAM_VALUE_MAX;
	fs->root = mem_steal(&root);
	fs->location = mem_steal(&location);
	*ret = &fs->base;
	return 0;
}

static char *
file_new_store(struct tracking *t)
{
	const struct file_store *fs = container_of(t, struct file_store, base);

	if (fs_exists(fs->root))
		return NULL;
	return mem_printf("new store '%s'; MLflow 3.13 and later open a "
	                  "directory only with MLFLOW_ALLOW_FILE_STORE=true, "
	                  "which 'kmlflow ui' sets",
	                  fs->root);
}

static const char *const schemes[] = {"", "file", NULL};

const struct tracking_ops tracking_file_ops = {
    .schemes = schemes,
    .open = file_open,
    .close = file_close,
    .new_store = file_new_store,
    .experiment = file_experiment,
    .create_run = file_create_run,
    .get_run = file_get_run,
    .read = file_read,
    .last_steps = file_last_steps,
    .find_by_tag = file_find_by_tag,
    .running = file_running,
    .log = file_log,
    .set_status = file_set_status,
    .delete_tag = file_delete_tag,
};
