/* SPDX-License-Identifier: MIT */
/* conf.h - conf/base and conf/ENV, read and merged by type */
#pragma once

#include "base/arena.h"
#include "base/strv.h"
#include "model/scalar.h"
#include "model/settings_py.h"

struct err;
struct project;
struct value;

/*
 * All values that come from it live until conf_close(); the project must live
 * as long.
 */
struct conf {
	struct arena nodes; /* of the file that is being read */
	struct arena arena;
	enum dialect dialect;
	const char *cwd;  /* borrowed */
	const char *conf; /* borrowed: the absolute conf/ */
	const char *base; /* borrowed: the environment that all build on */
	const char *env;  /* borrowed */
	enum loader loader;
	const struct value *patterns;       /* of settings.py; NULL: none */
	const struct value *merge_strategy; /* the same */
	const char *globals_pattern;        /* LOADER_TEMPLATED; or NULL */
	bool jinja;                         /* it renders files by Jinja2, */
	bool jinja_globals;                 /* and those of globals, too */
	bool only_with_globals; /* it replaces nothing where there are none */
	bool env_everywhere;    /* oc.env is registered */
	struct strv base_files;
	struct strv env_files;
	struct strv
	    unread; /* files of a kind that we do not read, as sentences */
	struct value *globals; /* of globals.yml; NULL: none */
	struct value *runtime; /* of "${runtime_params:…}"; NULL: none */
	struct value *merged;  /* what is laid over parameters; NULL: none */
};

/* Looks for files; a project without conf/ has none.  ERR_CONFIG. */
int conf_open(const struct project *project, const char *cwd, struct conf *ret,
              struct err *err);
void conf_close(struct conf *c);

/*
 * The merged mapping of all files of 'type' ("catalog", …), with each "${…}"
 * replaced as far as that can be done, see omega_resolve().  Within one
 * directory no two files may say the same; then the environment's top-level
 * keys replace those of base.  Keys that begin with "_" are left out, but
 * OmegaConf's loader keeps them in "parameters", and lets its files share a
 * mapping.  *ret is NULL where there is no file.  ERR_CONFIG.
 */
int conf_load(struct conf *c, const char *type, struct value **ret,
              struct err *err);

/* One file outside conf/, a mapping or empty (*ret NULL); ERR_CONFIG. */
int conf_load_own(struct conf *c, const char *path, struct value **ret,
                  struct err *err);
