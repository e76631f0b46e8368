/* SPDX-License-Identifier: MIT */
/* project.h - the Kedro project around a directory */
#pragma once

#include "model/scalar.h"

struct err;
struct project;
struct settings_request;

/*
 * request->directory, or the nearest directory from request->cwd upwards, that
 * holds .kedro.yml, a pyproject.toml with [tool.kedro], or conf/base.  Without
 * one *ret has no root, which only request->directory makes an error.
 * ERR_USAGE or ERR_CONFIG; project_free() frees *ret.
 */
int project_find(const struct settings_request *request, struct project *ret,
                 struct err *err);
void project_free(struct project *p);

/* Its directory alone, owned; NULL: none, or one that cannot be read. */
char *project_find_root(const char *cwd);

/* The loader that this project's Kedro takes. */
enum dialect project_dialect(const struct project *p);

/* 'path' as messages name it: relative to 'cwd' where it is below; owned. */
char *project_shown(const char *path, const char *cwd);
