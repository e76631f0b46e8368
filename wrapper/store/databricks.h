/* SPDX-License-Identifier: MIT */
/* databricks.h - a workspace of Databricks: where it is, and who we are */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct kvs;

/* "databricks" or "databricks://PROFILE". */
bool databricks_is(const char *uri);

/*
 * The URL of the workspace, by DATABRICKS_HOST or the profile; owned.
 * ERR_CONFIG: none is named.
 */
int databricks_host(const char *uri, char **ret, struct err *err);

/*
 * Sets Authorization by the first of: a token, a name and password, a service
 * principal's id and secret, for which a token is asked (OAuth).  Each from
 * DATABRICKS_*, or the profile, which comes first where 'uri' names it.
 * *expires: seconds since 1970; 0: unknown.
 */
int databricks_sign(const char *uri, struct kvs *headers, int64_t *expires,
                    struct err *err);
