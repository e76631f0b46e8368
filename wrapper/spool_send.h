/* SPDX-License-Identifier: MIT */
/* spool_send.h - one spool sent by somebody who did not make it */
#pragma once

#include <stdbool.h>

struct err;
struct spool;

enum spool_fate {
	SPOOL_SENT,
	SPOOL_GONE, /* there was none, or no more */
	SPOOL_BUSY, /* its command runs, or another kmlflow works on it */
	SPOOL_FAILED,
};

/*
 * Publishes what the spool in 'dir' has left, and says what came of it; with
 * 'quiet' nothing of one that is busy.
 */
enum spool_fate spool_send(const char *dir, bool quiet);

/* The same for one that is open; what is left is in 'err'. */
int spool_send_open(struct spool *s, struct err *err);
