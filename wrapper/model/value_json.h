/* SPDX-License-Identifier: MIT */
/* value_json.h - JSON to a value, as Python's json reads it */
#pragma once

#include <stddef.h>

struct arena;
struct err;
struct value;

/*
 * What YAML's reader would take for something else: "1e3" is a number, an
 * escaped pair of surrogates one letter, the last of equal keys counts, and
 * NaN and Infinity are numbers.  A NUL stands behind 'text'.  The value lives
 * in 'arena' and borrows 'file'.  ERR_CONFIG, "FILE:LINE:COLUMN: …".
 */
int value_from_json(const char *text, size_t len, const char *file,
                    struct arena *arena, struct value **ret, struct err *err);
