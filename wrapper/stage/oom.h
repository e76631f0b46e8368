/* SPDX-License-Identifier: MIT */
/* oom.h - how often the out-of-memory killer has struck where we are */
#pragma once

#include <stdint.h>

/* Kills in our control group so far, cgroups(7); -1: nobody counts them. */
int64_t oom_kills(void);

/* The same by the texts of /proc/self/cgroup and of what it names. */
char *oom_counter_path(const char *cgroups);
int64_t oom_counter_read(const char *text);
