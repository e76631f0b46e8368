/* SPDX-License-Identifier: MIT */
/* outcome_file.h - how CMD ended, as a file of a spool */
#pragma once

struct err;
struct outcome;

/* The file appears whole or not at all. */
int outcome_save(const struct outcome *o, const char *path, struct err *err);

/* ERR_SYS or ERR_FORMAT. */
int outcome_load(const char *path, struct outcome *ret, struct err *err);
