/* SPDX-License-Identifier: MIT */
/* tracking_settings.h - which store, experiment and run, and who says so */
#pragma once

struct mlflow_yml;
struct project;
struct settings_request;
struct tracking_settings;
struct value;

/* What decided: a flag, a variable, … by its name, or a value in a file. */
struct decision {
	const char *by; /* "--experiment", "KMLFLOW_EXPERIMENT", "built in" */
	const struct value *over; /* in mlflow.yml, but not taken; or NULL */
	const struct value *file; /* taken from there: 'by' is NULL */
};

struct decisions {
	struct decision uri;
	struct decision experiment;
	struct decision run_id;
	struct decision run_name;
};

/*
 * Flags over KMLFLOW_* over mlflow.yml over MLFLOW_* over what is built in;
 * all but the credentials.  'why' may be NULL.  tracking_settings_free() frees
 * *ret.
 */
void tracking_settings_fill(const struct settings_request *request,
                            const struct mlflow_yml *mlflow,
                            const struct project *project,
                            struct tracking_settings *ret,
                            struct decisions *why);
void tracking_settings_free(struct tracking_settings *t);
