/* SPDX-License-Identifier: MIT */
/* sqlite_uri.h - sqlite:///FILE, as SQLAlchemy reads it */
#pragma once

#include <stdbool.h>

struct err;

/* Whether the scheme is sqlite, or sqlite+pysqlite. */
bool sqlite_uri_is(const char *uri);

/*
 * The normalised path of the database: "sqlite:///a" is relative to 'cwd',
 * "sqlite:////a" is absolute.  %XX is decoded, as SQLAlchemy 2.1 does, unless
 * only the file that older releases mean is there.  ERR_CONFIG: in memory, or
 * not of this form.
 */
int sqlite_uri_path(const char *uri, const char *cwd, char **ret,
                    struct err *err);

/*
 * The same database for somebody in another directory; what names no file
 * stays as it is.  Owned.
 */
char *sqlite_uri_absolute(const char *uri, const char *cwd);

/* For a file by its absolute path; owned. */
char *sqlite_uri_of(const char *path);
