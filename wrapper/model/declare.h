/* SPDX-License-Identifier: MIT */
/* declare.h - from paths and patterns as people write them to declared ones */
#pragma once

#include "model/declared.h"

struct err;
struct value;

/* Where an artifact goes; borrowed, NULL where nothing is said. */
struct destination {
	const char *artifact_path;
	const char *run_id;
};

/*
 * Reads 'artifact_path' and 'run_id' of 'dict' over what is in *ret.
 * ERR_CONFIG: not a string, or an artifact path that is absolute or has "..".
 */
int destination_read(const struct value *dict, const char *what,
                     struct destination *ret, struct err *err);

/* "a//b/" becomes "a/b", "" becomes NULL; -1: absolute, or with "..". */
int artifact_path_clean(const char *path, char **ret);

/*
 * An -a argument, GLOB[=DEST] (the last "=" counts, "\=" is a letter), or the
 * 'path' of kmlflow.yml; 'base' is what relative ones are relative to.  A
 * plain path that ends in "/" is a directory.  ERR_USAGE.
 */
int declare_flag(const char *text, const char *base, struct declared_list *to,
                 struct err *err);
int declare_path(const char *pattern, const char *base,
                 const struct destination *dest, struct declared_list *to,
                 struct declared **ret);

/* An -x argument; without a slash it is about the last component alone. */
void declare_exclude(const char *pattern, const char *base,
                     struct declared_list *to);
