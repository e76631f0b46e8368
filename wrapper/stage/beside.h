/* SPDX-License-Identifier: MIT */
/* beside.h - what was written beside the declared files, and is not declared */
#pragma once

#include <stdint.h>

struct cJSON;
struct err;
struct record;
struct spool;

/*
 * Looks through the directories of the declared files and through CMD's own,
 * one and two levels deep, for files of this user that were made or changed
 * since the run began and look like results: not hidden, not empty, no sources
 * of programs, no caches.  What the manifest has, or an -x covers, is not among
 * them.  It is a sample: a few thousand names are looked at, a hundred files
 * told, and nothing of it costs CMD anything, for it is taken at its end.
 * It is kept in the spool.
 */
int beside_save(const struct spool *s, const struct record *r, struct err *err);

/*
 * What was kept: {"files": [{"path": …, "size": …, "modified": ms}, …],
 * "more": whether there was more than is looked at}; owned, NULL if nothing.
 */
struct cJSON *beside_load(const struct spool *s);
