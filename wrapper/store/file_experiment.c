/* SPDX-License-Identifier: MIT */
/* file_experiment.c - experiments of the local store: looking them up */
#include <errno.h>
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

void
file_found_free(struct file_found *f)
{
	free(f->id);
	free(f->name);
	*f = (struct file_found){.id = NULL};
}

bool
file_is_id(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz"
	                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return len && len <= 256 && !id[len] && *id != '-';
}

int
file_experiments(const struct file_store *fs, bool deleted, struct strv *ret,
                 struct err *err)
{
	cleanup_free char *trash = fs_join(fs->root, FILE_TRASH);

	return file_list_dirs(deleted ? trash : fs->root, ret, err);
}

char *
file_experiment_path(const struct file_store *fs, const char *id, bool deleted)
{
	return mem_printf("%s%s/%s", fs->root, deleted ? "/" FILE_TRASH : "",
	                  id);
}

int
file_experiment_dir(const struct file_store *fs, const char *id, char **ret,
                    bool *deleted, struct err *err)
{
	if (!file_is_id(id))
		return err_set(err, ERR_NOTFOUND,
		               "'%s' cannot be an experiment id", id);
	for (int trash = 0; trash < 2; trash++) {
		cleanup_free char *dir = file_experiment_path(fs, id, trash);

		if (!fs_is_dir(dir))
			continue;
		*ret = mem_steal(&dir);
		*deleted = trash;
		return 0;
	}
	return err_set(err, ERR_NOTFOUND,
	               "there is no experiment with the id '%s' in '%s'", id,
	               fs->root);
}

/* 1: 'id' is an experiment; 0: no meta.yaml, or not one of its own. */
static int
load(const struct file_store *fs, const char *id, bool deleted,
     struct file_found *ret, struct err *err)
{
	cleanup_free char *dir = file_experiment_path(fs, id, deleted);
	cleanup_meta struct meta m = META_INIT;
	cleanup_free char *name = NULL;

	if (meta_load(dir, &m, err))
		return err->kind == ERR_NOTFOUND ? 0 : -1;
	name = meta_str(&m, "name");
	if (!meta_is(&m, "experiment_id", id) || !name)
		return 0;
	file_found_free(ret);
	*ret = (struct file_found){
	    .id = mem_dup(id),
	    .name = mem_steal(&name),
	    .created = meta_int(&m, "creation_time", 0),
	    .deleted = deleted,
	};
	return 1;
}

/* Where two have one name: the active one, then the newer, as MLflow. */
static bool
is_better(const struct file_found *a, const struct file_found *b)
{
	if (!b->id || a->deleted != b->deleted)
		return !b->id || !a->deleted;
	if (a->created != b->created)
		return a->created > b->created;
	return strcmp(a->id, b->id) < 0;
}

static int
find_name_in(const struct file_store *fs, const char *name, bool deleted,
             struct file_found *best, struct err *err)
{
	cleanup_strv struct strv ids = STRV_INIT;

	if (file_experiments(fs, deleted, &ids, err))
		return -1;
	for (size_t i = 0; i < ids.n; i++) {
		cleanup_file_found struct file_found f = {.id = NULL};
		struct err ignored = ERR_INIT;

		/* One broken directory must not hide all the others. */
		if (load(fs, ids.v[i], deleted, &f, &ignored) != 1 ||
		    strcmp(f.name, name) != 0 || !is_better(&f, best))
			continue;
		file_found_free(best);
		*best = f;
		f = (struct file_found){.id = NULL};
	}
	return 0;
}

/* By id or by name; ret->id stays NULL if there is none. */
static int
find(const struct file_store *fs, const struct experiment_spec *spec,
     struct file_found *ret, struct err *err)
{
	cleanup_free char *dir = NULL;
	bool deleted;
	int got;

	if (!spec->id) {
		if (find_name_in(fs, spec->name, false, ret, err))
			return -1;
		return ret->id ? 0
		               : find_name_in(fs, spec->name, true, ret, err);
	}
	if (file_experiment_dir(fs, spec->id, &dir, &deleted, err))
		return err->kind == ERR_NOTFOUND ? 0 : -1;
	got = load(fs, spec->id, deleted, ret, err);
	if (got == 0)
		return err_set(err, ERR_FORMAT,
		               "'%s/" FILE_META "' is missing or tells of "
		               "another experiment",
		               dir);
	return got < 0 ? -1 : 0;
}

static int
missing(const struct file_store *fs, const struct experiment_spec *spec,
        struct err *err)
{
	if (spec->id)
		return err_set(err, ERR_NOTFOUND,
		               "there is no experiment with the id '%s' in "
		               "'%s'",
		               spec->id, fs->root);
	return err_set(err, ERR_NOTFOUND,
	               "there is no experiment '%s' in '%s', and it may not "
	               "be created",
	               spec->name, fs->root);
}

/* Under the lock what was seen before it may have changed. */
static int
change(const struct file_store *fs, const struct experiment_spec *spec,
       struct file_found *f, struct err *err)
{
	cleanup_file_lock struct file_lock lock = FILE_LOCK_INIT;

	if (file_lock(fs, &lock, err))
		return -1;
	file_found_free(f);
	if (find(fs, spec, f, err))
		return -1;
	if (!f->id)
		return file_make_experiment(fs, spec, f, err);
	return f->deleted ? file_restore_experiment(fs, f, err) : 0;
}

/* Whether a root that is still to be made will have it. */
static bool
is_default(const struct experiment_spec *spec)
{
	return spec->id ? !strcmp(spec->id, "0")
	                : !strcmp(spec->name, "Default");
}

static int
settle(const struct file_store *fs, const struct experiment_spec *spec,
       bool dry, struct file_found *f, struct err *err)
{
	bool may_create = !spec->id && spec->create;

	if (!dry && (may_create || is_default(spec)) &&
	    file_ensure_root(fs, err))
		return -1;
	if (find(fs, spec, f, err))
		return -1;
	if (f->id && !f->deleted)
		return 0;
	if (f->id && !spec->restore_if_deleted)
		return err_set(err, ERR_REMOTE,
		               "experiment '%s' (id %s) is deleted: restore "
		               "it, or choose another",
		               f->name, f->id);
	if (dry && !f->id && is_default(spec) && !fs_exists(fs->root)) {
		f->name = mem_dup("Default");
		return 0;
	}
	if (!f->id && !may_create)
		return missing(fs, spec, err);
	if (!f->id && file_check_new_experiment(spec, err))
		return -1;
	if (!dry)
		return change(fs, spec, f, err);
	if (!f->name)
		f->name = mem_dup(spec->name);
	return 0;
}

int
file_experiment(struct tracking *t, const struct experiment_spec *spec,
                bool dry, char **id, char **name, struct err *err)
{
	const struct file_store *fs = container_of(t, struct file_store, base);
	cleanup_file_found struct file_found f = {.id = NULL};

	if (settle(fs, spec, dry, &f, err))
		return file_advise(fs, err);
	*id = mem_steal(&f.id);
	*name = mem_steal(&f.name);
	return 0;
}
