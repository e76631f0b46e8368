/* SPDX-License-Identifier: MIT */
/* drift.h - a run beside the catalog of now */
#pragma once

struct buf;
struct cJSON;
struct declared_list;

/*
 * What differs between the run of 'report' and what is declared 'now', as
 * lists of objects: not_written, not_declared, changed, added, removed.  What
 * a flag declared is not asked for again.  Owned; NULL: the report is of a
 * version that did not tell what was declared.
 */
struct cJSON *drift_find(const struct cJSON *report,
                         const struct declared_list *now);

/* The same for people. */
void drift_text(struct buf *to, const struct cJSON *drift);
