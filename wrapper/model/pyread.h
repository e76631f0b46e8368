/* SPDX-License-Identifier: MIT */
/* pyread.h - what a Python file says by literals alone */
#pragma once

#include <stddef.h>

struct arena;
struct err;
struct value;

enum { PYREAD_MAX_BYTES = 1 << 20 };

/*
 * A mapping of the names that are assigned at the left margin to their
 * values, the last one of each: texts, numbers, True, False, None, lists,
 * mappings ({…} and dict(…)).  A name alone ("OmegaConfigLoader", "a.b") is
 * the text of it.  What is anything else is a text that is unresolved, see
 * value.h.  Nothing in it is an error: Python is the judge of its files.
 */
struct value *pyread_assignments(const char *text, const char *file,
                                 struct arena *arena);

/*
 * The named arguments of the first call of 'name', as a mapping; NULL: it is
 * not called.
 */
struct value *pyread_call(const char *text, const char *name, const char *file,
                          struct arena *arena);
