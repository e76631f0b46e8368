/* SPDX-License-Identifier: MIT */
/* mlflow_yml.h - what mlflow.yml says, in each layout that it has had */
#pragma once

#include <stdbool.h>

struct err;
struct strv;
struct value;

/*
 * Values of the type that the key wants, borrowed; NULL where nothing (or
 * null) is said.  Layouts: kedro-mlflow 0.2 (flat), 0.3 to 0.7 (flat, with
 * hooks.node), 0.8 and later (nested).
 */
struct mlflow_yml {
	const struct value *uri;
	const struct value *credentials;
	const struct value *experiment;
	const struct value *experiment_create;  /* flat only */
	const struct value *restore_if_deleted; /* nested only */
	const struct value *artifact_location;
	const struct value *experiment_tags; /* a mapping of scalars */
	const struct value *run_id;
	const struct value *run_name;
	const struct value *nested;
	const struct value *disabled_pipelines; /* a list of strings */
	const struct value *flatten;
	const struct value *recursive;
	const struct value *sep;
	const struct value *strategy; /* "fail", "tag" or "truncate" */
	const struct value *ui_host;
	const struct value *ui_port;         /* a string or an integer */
	const struct value *header_provider; /* a Python class */
};

/*
 * 'yml' is the merged mapping, or NULL.  An unknown key or a value of another
 * type is ERR_CONFIG and names the nearest valid key, or the type.
 */
int mlflow_yml_read(const struct value *yml, struct mlflow_yml *ret,
                    struct err *err);

/* Whether it is of the flat layout; NULL and {} are of the nested one. */
bool mlflow_yml_is_flat(const struct value *yml);

/* All keys with their layouts, "flat KEY" or "nested KEY": for the manual. */
void mlflow_yml_keys(struct strv *to);
