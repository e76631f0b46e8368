/* SPDX-License-Identifier: MIT */
/* rest_login.h - names and passwords for a tracking server */
#pragma once

#include <stdbool.h>

struct err;
struct kvs;

/* Sets Authorization to "Basic …". */
void rest_login_basic(struct kvs *headers, const char *user,
                      const char *password);

/*
 * By the userinfo of 'uri', or of $MLFLOW_TRACKING_URI for the same server.
 * 1: set; 0: there is none; -1: 'uri' is no URL.
 */
int rest_login_userinfo(const char *uri, struct kvs *headers, struct err *err);

/* By MLFLOW_TRACKING_USERNAME and _PASSWORD, or ~/.mlflow/credentials. */
bool rest_login_password(struct kvs *headers);

/* The name of those alone, whether there is a password or not; owned. */
char *rest_login_user(void);
