/* SPDX-License-Identifier: MIT */
/* interp.h - values whose "${…}" could not be replaced */
#pragma once

#include <stdbool.h>

struct err;
struct value;

/* Whether 'v' is a text that needs Python of the project, see omega.h. */
bool interp_is(const struct value *v);

/* The first such text in 'v' or below it; NULL: none. */
const struct value *interp_find(const struct value *v);

/*
 * 0 where interp_find() finds none.  Else ERR_CONFIG at its place; 'what'
 * says whose value it is ("parameter 'x'").
 */
int interp_refuse(const struct value *v, const char *what, struct err *err);
