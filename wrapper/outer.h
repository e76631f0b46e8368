/* SPDX-License-Identifier: MIT */
/* outer.h - the run that an exec finds itself in, by its environment */
#pragma once

#include <stdbool.h>

struct err;
struct plan;
struct record;

/*
 * Its id, borrowed: ours when an exec made it (then this one becomes its
 * child), else a foreign one that is joined; NULL: there is none.
 */
const char *outer_run(bool *foreign);

/* The store that the owner of a foreign run names, else the settings'. */
char *outer_store_uri(const struct plan *p, bool foreign);

/*
 * Within an exec that has no store, the variables name one in its spool: takes
 * the store and the experiment that they stand for into the record.
 */
int outer_spool(struct plan *p, struct err *err);
