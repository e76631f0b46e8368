/* SPDX-License-Identifier: MIT */
/* cred_ini.h - settings of one section of an INI file, as Python reads it */
#pragma once

#include <stdbool.h>

struct kvs;

/*
 * Adds the "key = value" and "key: value" lines of [section], keys in lower
 * case; "%%" of a value stands for a percent sign.  False: the file cannot be
 * read or has no such section.  The values may be secrets.
 */
bool cred_ini_read(const char *path, const char *section, struct kvs *to);
