/* SPDX-License-Identifier: MIT */
/* interp.h - values that other values are to be put into: "${…}" */
#pragma once

#include <stdbool.h>

struct err;
struct value;

/* Whether 'v' is a string with an interpolation. */
bool interp_is(const struct value *v);

/* The first such string in 'v' or below it, keys included; NULL: none. */
const struct value *interp_find(const struct value *v);

/*
 * 0 where interp_find() finds none.  Else ERR_CONFIG at its place; 'what'
 * says whose value it is ("parameter 'x'").
 */
int interp_refuse(const struct value *v, const char *what, struct err *err);
