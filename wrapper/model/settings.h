/* SPDX-License-Identifier: MIT */
/* settings.h - everything that configuration says, const once loaded */
#pragma once

#include <stdbool.h>

#include "base/strv.h"
#include "model/declared.h"

struct err;

enum long_params { LONG_PARAMS_FAIL, LONG_PARAMS_TAG, LONG_PARAMS_TRUNCATE };

struct settings_py;

/* The Kedro project around us; 'root' NULL: there is none. */
struct project {
	char *root;       /* absolute */
	char *conf;       /* absolute path of conf/, NULL if there is none */
	char *base_env;   /* "base" unless settings.py says otherwise */
	char *source_dir; /* "src", NULL where nothing is said */
	struct settings_py *python; /* see settings_py.h; NULL: no root */
	char *package_name; /* from pyproject.toml or .kedro.yml, may be NULL */
	char *project_name; /* may be NULL */
	char *kedro_version; /* may be NULL */
	char *package_dir;   /* of the installed package that CMD runs, NULL */
	char *env;           /* "local" unless chosen, or settings.py's own */
	bool env_chosen;     /* by --env or KEDRO_ENV */
};

/* mlflow.yml in either layout; strings NULL where nothing is said. */
struct tracking_settings {
	char *uri;             /* absolute or with a scheme, never NULL */
	char *uri_place;       /* "FILE:LINE:COLUMN" that says so, or NULL */
	char *experiment_name; /* NULL only when 'experiment_id' is set */
	char *experiment_id;
	bool experiment_create; /* false: a missing one is an error */
	bool restore_if_deleted;
	char *artifact_location; /* for a new experiment; NULL: the store's */
	struct kvs experiment_tags;
	char *run_id;
	char *run_name;
	bool nested;
	struct strv disabled_pipelines;
	struct kvs credentials; /* variables for kmlflow and for CMD; secret */
	char *ui_host;
	char *ui_port;
};

struct params_settings {
	bool flatten;
	bool recursive;
	char *sep;
	enum long_params strategy;
};

struct settings {
	struct project project;
	struct tracking_settings tracking;
	struct params_settings params_rules;
	struct kvs params; /* key and rendered value, by the rules above */
	struct kvs long_params_tags; /* LONG_PARAMS_TAG: what went over */
	char *runtime_params; /* Python's repr() of CMD's --params, or NULL */
	struct declared_list declared;
	struct strv warnings; /* one line each, without prefix */
};

/* What the command line and environment ask of the loading. */
struct settings_request {
	const char *directory;      /* -C: the project root, NULL: walk up */
	const char *cwd;            /* absolute */
	const char *env;            /* --env, NULL: KEDRO_ENV, else "local" */
	const char *experiment;     /* -e, NULL */
	const char *run_name;       /* -n, NULL */
	const char *run_id;         /* --run-id, NULL */
	const char *conf_source;    /* CMD's --conf-source, NULL */
	const char *runtime_params; /* CMD's --params as typed, NULL */
	const struct run_config *run_config; /* CMD's --config, NULL */
	const struct packaged *packaged;     /* what CMD runs, NULL */
	bool kedro; /* Kedro itself will read the project: it must be whole */
	const struct kvs *params;        /* -p */
	const struct strv *params_files; /* -P */
	const struct strv *artifacts;    /* -a GLOB[=DEST] */
	const struct strv *metric_files; /* -M FILE */
	const struct strv *excludes;     /* -x GLOB */
};

/*
 * Reads the project and merges flags over KMLFLOW_* over files over MLFLOW_*
 * over built-in values.  Failures are ERR_CONFIG ("FILE:LINE:COLUMN: …") or
 * ERR_USAGE; 'ret' is then untouched.  settings_free() frees *ret.
 */
int settings_load(const struct settings_request *request, struct settings *ret,
                  struct err *err);

void settings_free(struct settings *s);
