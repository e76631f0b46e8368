/* SPDX-License-Identifier: MIT */
/* load.h - settings of a project that a test has written */
#pragma once

#include "tree.h"

#include "base/strv.h"
#include "model/settings.h"

/* Variables that would reach into every test. */
static inline void
load_clean_environment(void)
{
	static const char *const names[] = {"KEDRO_ENV",
	                                    "MLFLOW_TRACKING_URI",
	                                    "MLFLOW_EXPERIMENT_NAME",
	                                    "MLFLOW_EXPERIMENT_ID",
	                                    "KMLFLOW_TRACKING_URI",
	                                    "KMLFLOW_EXPERIMENT",
	                                    "KMLFLOW_RUN_NAME"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
}

/* 'request' may be NULL; its cwd becomes 'dir' where it has none. */
static inline void
load(const char *dir, const struct settings_request *request,
     struct settings *ret)
{
	struct settings_request r = {.cwd = dir};
	struct err err = ERR_INIT;

	if (request)
		r = *request;
	if (!r.cwd)
		r.cwd = dir;
	if (settings_load(&r, ret, &err))
		fail_msg("%s", err.msg);
}

/* Refused, with that message in full. */
static inline void
load_refused(const char *dir, const struct settings_request *request,
             const char *message)
{
	struct settings_request r = {.cwd = dir};
	struct settings s = {.params = KVS_INIT};
	struct err err = ERR_INIT;

	if (request)
		r = *request;
	if (!r.cwd)
		r.cwd = dir;
	if (!settings_load(&r, &s, &err)) {
		settings_free(&s);
		fail_msg("accepted instead of: %s", message);
	}
	if (err.kind != ERR_CONFIG && err.kind != ERR_USAGE)
		fail_msg("kind %d: %s", err.kind, err.msg);
	assert_string_equal(err.msg, message);
}

#define cleanup_settings __attribute__((cleanup(settings_free)))
