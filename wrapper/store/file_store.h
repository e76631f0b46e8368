/* SPDX-License-Identifier: MIT */
/* file_store.h - the parts of the local tracking store, for one another */
#pragma once

#include "store/file_layout.h"

struct kv;
struct meta;

/* Makes the root with its Default experiment where there is no root. */
int file_ensure_root(const struct file_store *fs, struct err *err);

/* Ids of all experiments, without the deleted ones or with only those. */
int file_experiments(const struct file_store *fs, bool deleted,
                     struct strv *ret, struct err *err);

/*
 * The directory of an experiment (owned), and whether it is a deleted one.
 * ERR_NOTFOUND: there is none of this id.
 */
int file_experiment_dir(const struct file_store *fs, const char *id, char **ret,
                        bool *deleted, struct err *err);

/* What the store knows of one experiment; 'id' NULL: there is none. */
struct file_found {
	char *id;
	char *name;
	int64_t created;
	bool deleted;
};

void file_found_free(struct file_found *f);
#define cleanup_file_found __attribute__((cleanup(file_found_free)))

/* Where an experiment is, or would be; owned. */
char *file_experiment_path(const struct file_store *fs, const char *id,
                           bool deleted);

/* Whether the name and the tags of 'spec' will do; ERR_FORMAT else. */
int file_check_new_experiment(const struct experiment_spec *spec,
                              struct err *err);

/* Both under the lock. */
int file_make_experiment(const struct file_store *fs,
                         const struct experiment_spec *spec,
                         struct file_found *ret, struct err *err);
int file_restore_experiment(const struct file_store *fs, struct file_found *f,
                            struct err *err);

/* The verbs of tracking_ops, from here on. */
int file_experiment(struct tracking *t, const struct experiment_spec *spec,
                    bool dry, char **id, char **name, struct err *err);

/*
 * The directory of a run (borrowed until the next call) and its meta.yaml.
 * ERR_NOTFOUND: no experiment has it.
 */
int file_run_dir(struct file_store *fs, const char *run_id, const char **ret,
                 struct meta *meta, struct err *err);

/* As above, and ERR_REMOTE if the run is deleted: nothing is added to it. */
int file_active_run(struct file_store *fs, const char *run_id, const char **ret,
                    struct meta *meta, struct err *err);

/*
 * Rewrites the run's meta.yaml, with the run_uuid that MLflow 3 leaves out
 * whenever it writes and that MLflow 1 and 2 cannot do without.
 */
int file_save_run(const char *dir, struct meta *meta, struct err *err);

/* What 'meta', read from 'dir', says of the run. */
int file_tell_run(const char *run_id, const char *dir, const struct meta *meta,
                  struct run *ret, struct err *err);

int file_create_run(struct tracking *t, const struct run_spec *spec,
                    struct run *ret, struct err *err);
int file_get_run(struct tracking *t, const char *run_id, struct run *ret,
                 struct err *err);
int file_find_by_tag(struct tracking *t, const char *experiment_id,
                     const char *key, const char *value, struct run *ret,
                     struct err *err);
int file_running(struct tracking *t, const char *host, struct strv *ret,
                 struct err *err);
int file_delete_tag(struct tracking *t, const char *run_id, const char *key,
                    struct err *err);
int file_set_status(struct tracking *t, const char *run_id, unsigned status,
                    int64_t end_time, struct err *err);

int file_last_steps(struct tracking *t, const char *run_id,
                    struct metrics *points, struct err *err);
int file_read(struct tracking *t, const char *run_id, struct kvs *params,
              struct kvs *tags, struct err *err);
int file_log(struct tracking *t, const char *run_id,
             const struct run_data *data, int *conflicts, struct err *err);

/*
 * All values below a directory, keys with slashes for what lies deeper.
 * Names that MLflow would not take are left out.
 */
int file_read_values(const char *dir, struct kvs *ret, struct err *err);

/*
 * Writes <dir>/tags/<key>, over what was there; whole, unless no reader looks
 * into 'dir' yet ('unseen').
 */
int file_put_tag(const char *dir, const struct kv *tag, bool unseen,
                 struct err *err);

/* "adjective-noun-NNN", at most 20 characters, always the same for a seed. */
char *file_run_name(const char *seed);

/* Letters, digits, '_' and '-' only: can be a directory's name. */
bool file_is_id(const char *id);
