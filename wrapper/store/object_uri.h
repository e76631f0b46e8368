/* SPDX-License-Identifier: MIT */
/* object_uri.h - artifact URIs of stores of objects: bucket and prefix */
#pragma once

#include <stdbool.h>

struct err;

/*
 * SCHEME://AUTHORITY/ROOT, the root without slashes at its ends and without
 * what follows a '?' or '#'; both owned.  ERR_CONFIG: there is no authority;
 * 'form' says how it is written.
 */
int object_uri_parse(const char *uri, const char *form, char **authority,
                     char **root, struct err *err);

/* A name that can only be itself, in a host or in a path. */
bool object_uri_is_bucket(const char *s);

/* The whole key of an artifact; owned. */
char *object_uri_key(const char *root, const char *artifact);
