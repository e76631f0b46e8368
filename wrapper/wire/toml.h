/* SPDX-License-Identifier: MIT */
/* toml.h - the strings of one table of a TOML file */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;
struct kvs;

/*
 * Adds the string values of [table] to 'to', and sets *found where the table
 * is there.  All else is passed over without judging more of it than is
 * needed to find its end.  ERR_CONFIG, "FILE:LINE:COLUMN: …".
 */
int toml_table(const char *file, const char *text, const char *table,
               struct kvs *to, bool *found, struct err *err);
