/* SPDX-License-Identifier: MIT */
/* credentials.h - the variables that credentials.yml holds for the server */
#pragma once

struct conf;
struct err;
struct kvs;
struct strv;
struct value;

/*
 * Adds the variables of the mapping that mlflow.yml names ('wanted', NULL:
 * none) to 'to'.  A name that is nowhere is a warning, as kedro-mlflow goes on
 * without.  ERR_CONFIG; no message shows a value.
 */
int credentials_load(struct conf *conf, const struct value *wanted,
                     struct kvs *to, struct strv *warnings, struct err *err);

/*
 * 'provider' is a Python class that makes headers, or NULL; ERR_CONFIG unless
 * the environment or 'credentials' has what serves instead.
 */
int credentials_check_provider(const struct value *provider,
                               const struct kvs *credentials, struct err *err);
