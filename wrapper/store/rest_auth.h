/* SPDX-License-Identifier: MIT */
/* rest_auth.h - what tells a tracking server who we are */
#pragma once

#include <stdbool.h>

struct err;
struct kvs;

/*
 * Adds the headers for the server of 'uri' (with userinfo, where it has some):
 * X-MLFLOW-WORKSPACE, and Authorization by the first of
 *   1. userinfo of 'uri', or of $MLFLOW_TRACKING_URI for the same server
 *   2. MLFLOW_TRACKING_USERNAME and _PASSWORD, each of them from
 *      ~/.mlflow/credentials where the environment has none
 *   3. MLFLOW_TRACKING_TOKEN
 * *netrc: none of these, so ~/.netrc has the last word.  ERR_CONFIG: a way to
 * authenticate that kmlflow does not have, or a value that cannot be sent.
 */
int rest_auth_load(const char *uri, struct kvs *headers, bool *netrc,
                   struct err *err);
