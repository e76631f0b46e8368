/* SPDX-License-Identifier: MIT */
/* tracking_uri.h - tracking URIs made absolute, as MLflow does */
#pragma once

#include <stdbool.h>

struct project;

/* Whether it has a scheme, or is a word of MLflow's own ("databricks"). */
bool uri_is_remote_or_schemed(const char *uri);

/* Whether it names a local directory: by a path, or a file URI. */
bool uri_is_directory(const char *uri);

/*
 * One that was written down: what has a scheme stays as it is, but for an
 * SQLite file relative to 'cwd'; a path is taken relative to the project,
 * where there is one, and becomes file://…, as kedro-mlflow does; else to
 * 'cwd', and stays a path, as MLflow does.  Owned.
 */
char *uri_absolute(const char *uri, const struct project *project,
                   const char *cwd);

/*
 * Where nothing is said: kedro-mlflow's "mlruns" in a project; elsewhere
 * MLflow's "mlflow.db", unless there is an "mlruns" with experiments.
 */
char *uri_default(const struct project *project, const char *cwd);
