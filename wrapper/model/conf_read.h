/* SPDX-License-Identifier: MIT */
/* conf_read.h - one file of conf/, as the project's loader reads it */
#pragma once

struct conf;
struct err;
struct value;

/*
 * The mapping that the file of 'type' ("": none) holds, or NULL where it holds
 * nothing; no "${…}" is replaced in it.  It lives as long as 'c'.  ERR_CONFIG.
 */
int conf_read(struct conf *c, const char *path, const char *type,
              struct value **ret, struct err *err);
