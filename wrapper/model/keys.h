/* SPDX-License-Identifier: MIT */
/* keys.h - mappings that know only certain keys */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;
struct value;

/*
 * Each key of 'dict' must be one of 'known'.  ERR_CONFIG names key, place and
 * the nearest valid one; 'what' says whose keys they are ("dataset 'x'").
 */
int keys_check(const struct value *dict, const char *const *known,
               const char *what, struct err *err);

/*
 * The string that 'dict' holds under 'key': *ret NULL where it is absent or
 * null.  Another type, a NUL byte or an interpolation is ERR_CONFIG.
 */
int keys_text(const struct value *dict, const char *key, const char *what,
              const char **ret, struct err *err);

/* The same for true and false; *ret is left as it is where absent. */
int keys_bool(const struct value *dict, const char *key, const char *what,
              bool *ret, struct err *err);
