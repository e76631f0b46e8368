/* SPDX-License-Identifier: MIT */
/* redact.h - keeps secrets out of what is recorded and printed */
#pragma once

#include <stdbool.h>

struct buf;

/* What stands in the place of a secret. */
#define REDACTED "***"

/* 'url' with the userinfo of its authority left out. */
void redact_url(struct buf *to, const char *url);

/* 'url' with its password replaced; a name before an '@' stays: a bucket. */
void redact_password(struct buf *to, const char *url);

/*
 * Whether a flag, variable or key of this name holds a secret: one of its
 * words (split at -, _, . and changes of case) is password, token, secret …
 * "use_cls_token" style names of programs are the price.
 */
bool redact_is_secret_name(const char *name);

/*
 * From here on the values of variables whose names say that they are secret
 * are replaced wherever redact_text() and redact_command() meet them.  Short
 * ones and paths are not: "true" is no secret.
 */
void redact_learn_environment(void);

/*
 * Free text, such as a shell script or JSON, with the values that follow
 * secret names, userinfo of URLs, private keys and what is shaped as a known
 * service's token replaced.
 */
void redact_text(struct buf *to, const char *text);

/* The value of a tag or param of this name, as a whole where it is secret. */
void redact_value(struct buf *to, const char *name, const char *value);

/*
 * A command line, each word quoted for a shell, with what follows secret flags
 * (--token X, --token=X, TOKEN=X), userinfo of URLs and words of known token
 * shapes replaced.
 */
void redact_command(struct buf *to, char *const *argv);
