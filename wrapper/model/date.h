/* SPDX-License-Identifier: MIT */
/* date.h - dates and times as YAML 1.1 writes and Python prints them */
#pragma once

#include <stdbool.h>

struct buf;
struct value;
struct value_date;

/* Whether a plain scalar is a date by its form. */
bool date_looks_like(const char *s);

/* NULL, or the phrase "is no valid date". */
const char *date_parse(const char *s, struct value *ret);

/* Python's str(): "2001-12-14 21:59:43.100000+00:00". */
void date_str(const struct value_date *d, struct buf *to);

/* Python's repr(): "datetime.date(2001, 12, 14)". */
void date_repr(const struct value_date *d, struct buf *to);
