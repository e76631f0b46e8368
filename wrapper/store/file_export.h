/* SPDX-License-Identifier: MIT */
/* file_export.h - all that a local store holds, to be told to another store */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct kvs;
struct metrics;

struct file_run {
	char *dir;
	char *id;
	char *name; /* may be NULL */
	char *user; /* may be NULL */
	char *experiment_id;
	char *experiment_name;
	char *artifact_uri;
	int status; /* enum run_status */
	int64_t start_time;
	int64_t end_time; /* 0: none */
	bool deleted;
};

struct file_runs {
	struct file_run *v;
	size_t n;
};

/*
 * The runs of the local store in directory 'root', the earliest first, those
 * of deleted experiments as deleted.  What is broken is left out.  No root, no
 * runs.  file_runs_free() frees *ret.
 */
int file_export_runs(const char *root, struct file_runs *ret, struct err *err);
void file_runs_free(struct file_runs *runs);
#define cleanup_file_runs __attribute__((cleanup(file_runs_free)))

/* What a run holds: each point of each metric. */
int file_export_data(const struct file_run *run, struct kvs *params,
                     struct kvs *tags, struct metrics *metrics,
                     struct err *err);

/*
 * A model that a run has logged, in the manner of MLflow 3, lies beside the
 * run.  Calls 'fn' with the model's name and the directory of its files.
 */
typedef int file_model_fn(void *arg, const char *name, const char *files);

/*
 * The same for each dataset that the run has named as an input: an id of its
 * description, and the file that holds it.
 */
int file_export_inputs(const struct file_run *run, file_model_fn *fn, void *arg,
                       struct err *err);

/* Whether there are traces or registered models, which belong to no run. */
bool file_export_has_more(const char *root);
int file_export_models(const struct file_run *run, file_model_fn *fn, void *arg,
                       struct err *err);
