/* SPDX-License-Identifier: MIT */
/* canary.h - tells a signal for our whole process group from one for us */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * kill(-PGID, …) and kill(PID, …) look alike to their receiver.  A second
 * member of the group that only reports what it gets tells them apart: what
 * reached it too has reached CMD as well and must not be sent on again.
 */
struct canary {
	pid_t pid; /* -1: none, everything counts as sent to us alone */
	int reports;
};

#define CANARY_INIT                                                            \
	{                                                                      \
		.pid = -1, .reports = -1                                       \
	}

/*
 * All signals must be blocked.  'argv' and 'argc' are main()'s: their bytes
 * are wiped in the canary, so that `pkill -f` does not hit it by our name.
 */
void canary_start(struct canary *c, int argc, char **argv);

/* Whether 'signo', which we have just received, came to the canary as well. */
bool canary_heard(struct canary *c, int signo);

void canary_stop(struct canary *c);
