/* SPDX-License-Identifier: MIT */
/* follow.h - an exec that is one rank of a launch, and not the first */
#pragma once

struct err;
struct options;
struct plan;

/*
 * Runs CMD as a part of rank 0's run and leaves as CMD did; asks no store for
 * anything.  Where rank 0 does not come, CMD runs unwatched.  Returns only to
 * refuse: as rank 0 has, or under --strict without it.
 */
int follow_run(const struct options *o, struct plan *p, struct err *err);
