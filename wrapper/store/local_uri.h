/* SPDX-License-Identifier: MIT */
/* local_uri.h - URIs of local directories, in MLflow's reading of them */
#pragma once

struct err;

/*
 * The scheme in lower case, "" for a plain path.  The bare words "databricks",
 * "databricks-uc" and "uc" are schemes for MLflow too.  Owned by the caller.
 */
char *local_uri_scheme(const char *uri);

/*
 * The absolute, normalised path that a plain path or a "file:" URI means;
 * relative ones count from the cwd.  %XX is decoded in both, as MLflow does.
 * ERR_CONFIG: it is not local, or names another host.
 */
int local_uri_path(const char *uri, char **ret, struct err *err);

/*
 * As MLflow stores it: a plain path when 'uri' was one, else "file://" and the
 * encoded path.  A plain path that MLflow would misread ('%', '#', '?', not
 * UTF-8) is written as a URI as well.  'uri' must be one that
 * local_uri_path() takes.
 */
int local_uri_absolute(const char *uri, char **ret, struct err *err);

/* 'below' added to the path of any URI, before its query and fragment. */
char *local_uri_append(const char *uri, const char *below);
