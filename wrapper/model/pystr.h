/* SPDX-License-Identifier: MIT */
/* pystr.h - values as Python's str() and repr() write them */
#pragma once

#include <stddef.h>

struct buf;
struct value;

/* Appends; the letters are those of CPython 3.11 (Unicode 14). */
void pystr(const struct value *v, struct buf *to);
void pyrepr(const struct value *v, struct buf *to);

/* The shortest decimal that reads back as 'number': "0.1", "1e-05", "nan". */
void pyrepr_float(double number, struct buf *to);

/* A string literal with the quotes and escapes that Python chooses. */
void pyrepr_str(const char *s, size_t len, struct buf *to);
