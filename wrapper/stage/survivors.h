/* SPDX-License-Identifier: MIT */
/* survivors.h - descendants that outlive CMD */
#pragma once

#include <sys/types.h>

struct survivors {
	int all;
	int same_session; /* not those that became daemons by setsid(2) */
};

/*
 * Counts our children, which by now are CMD's orphans, and 'but' left out.
 * Both are 0 where /proc cannot be read.
 */
struct survivors survivors_count(pid_t but);
