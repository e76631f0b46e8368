/* SPDX-License-Identifier: MIT */
/* artifact_key.h - where a captured file goes within its run */
#pragma once

struct declared;
struct err;

/*
 * kedro-mlflow's rule: "[artifact_path/]basename" for a file and a versioned
 * dataset, "[artifact_path/]dirname/relative" below a directory; for a pattern
 * "[artifact_path/]" and what lies below its literal part.  'relative' is
 * walk.h's.  The key is owned by the caller.
 * ERR_FORMAT: the name cannot be one (control characters, "..", no UTF-8).
 */
int artifact_key(const struct declared *d, const char *relative, char **ret,
                 struct err *err);
