/* SPDX-License-Identifier: MIT */
/* snapshot.h - what declared files were like before CMD started */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"

struct declared_list;
struct err;
struct stat;

struct stamp {
	uint64_t dev;
	uint64_t ino;
	int64_t size;
	int64_t mtime_ns;
	int64_t ctime_ns;
};

struct snapshot {
	struct map files; /* path as walk.h gives it → struct stamp */
	int64_t time_ns;  /* CLOCK_REALTIME, before the first look */
};

void stamp_of(const struct stat *st, struct stamp *ret);

/*
 * When a file was written by a run that began at 'start' (ms): one that has
 * brought an older time along came here when its inode changed.
 */
int64_t stamp_written(const struct stat *st, int64_t start);

void snapshot_take(const struct declared_list *list, struct snapshot *ret);
void snapshot_free(struct snapshot *s);

/* One line a file, in the spool: publishing may happen in a later process. */
int snapshot_save(const struct snapshot *s, const char *path, struct err *err);
int snapshot_load(const char *path, struct snapshot *ret, struct err *err);

enum snapshot_verdict {
	SNAPSHOT_NEW,     /* was not there */
	SNAPSHOT_CHANGED, /* another inode, size or time */
	SNAPSHOT_TOUCHED, /* rights, owner or number of names; what is in it
	                     only by who has set the time back */
	SNAPSHOT_RACY,    /* the same, but so fresh then that clocks may lie */
	SNAPSHOT_SAME,
};

enum snapshot_verdict snapshot_compare(const struct snapshot *s,
                                       const char *path,
                                       const struct stat *now);
