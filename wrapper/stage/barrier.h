/* SPDX-License-Identifier: MIT */
/* barrier.h - what is acknowledged is on the disk */
#pragma once

#include <stdbool.h>

struct err;
struct strv;

/* Whether the user lets us wait for disks: KMLFLOW_FSYNC is not 0. */
bool barrier_wanted(void);

/*
 * Waits until all that was written to the file systems of the directories
 * 'dirs' is on their disks; a directory that is not there, and a file system
 * in memory, is passed over.  Once for each file system and not for each file:
 * ten thousand files take one wait.  ERR_SYS: a disk refused.  ERR_RETRY:
 * hurry_now() came first; the disks go on by themselves.
 */
int barrier(const struct strv *dirs, struct err *err);
