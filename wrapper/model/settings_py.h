/* SPDX-License-Identifier: MIT */
/* settings_py.h - what a project's settings.py says without being run */
#pragma once

#include <stdbool.h>

struct project;
struct settings_py;
struct strv;
struct value;

/* Kedro's loaders: OmegaConf's, the old plain one, the old one of "${a|b}". */
enum loader { LOADER_OMEGACONF, LOADER_PLAIN, LOADER_TEMPLATED };

enum py_key {
	PY_CONF_SOURCE,
	PY_BASE_ENV,
	PY_RUN_ENV,
	PY_GLOBALS_PATTERN,
	PY_GLOBALS_DICT,
	PY_MERGE_STRATEGY,
	PY_CONFIG_PATTERNS,
	PY_CUSTOM_RESOLVERS,
};

/*
 * Looks into the project's package: settings.py, and where 'old' (before
 * 0.19) hooks.py and run.py too, for a TemplatedConfigLoader.  Never NULL; a
 * project without one has said nothing.
 */
struct settings_py *settings_py_read(const struct project *p, bool old,
                                     const char *cwd);
void settings_py_free(struct settings_py *s);

enum loader settings_py_loader(const struct settings_py *s);

/* The value, or NULL; computed ones are unresolved, see value.h. */
struct value *settings_py_value(const struct settings_py *s, enum py_key key);

/* The text that it is, else 'fallback'. */
const char *settings_py_text(const struct settings_py *s, enum py_key key,
                             const char *fallback);

/* Whether CONFIG_LOADER_ARGS is computed as a whole. */
bool settings_py_unread(const struct settings_py *s);

/* Adds what could not be told by reading, each with file and line. */
void settings_py_warn(const struct settings_py *s, struct strv *warnings);
