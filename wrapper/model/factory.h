/* SPDX-License-Identifier: MIT */
/* factory.h - datasets that a pattern of the catalog makes when they are met */
#pragma once

#include "base/strv.h"
#include "model/declared.h"

/*
 * The declared path is then DECLARED_GLOB, and its name, artifact_path,
 * run_id and the key of its metric are patterns, see pattern.h.
 */
struct factory {
	enum declared_kind kind; /* of each dataset; never DECLARED_GLOB */
	char *path;              /* its path, absolute, with placeholders */
	char *suffix;            /* as of struct declared */
	struct strv before;      /* patterns that Kedro tries before this one */
	struct strv taken;       /* paths of names that have their own entry */
};

void factory_free(struct factory *f);

/* The glob of all files that such datasets may consist of; owned. */
char *factory_glob(const struct factory *f);

/*
 * The dataset of 'd', which has a factory, that a file at 'path' belongs to:
 * *ret as if it had an entry of its own, and *relative where the file is
 * below a directory.  -1: none.  declared_clear() frees what is in *ret.
 */
int factory_resolve(const struct declared *d, const char *path,
                    struct declared *ret, char **relative);
