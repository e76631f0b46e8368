/* SPDX-License-Identifier: MIT */
/* outcome.h - how CMD ended, and what it used */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/run.h"

struct outcome {
	int exit_code;      /* 0–255; -1 when a signal ended CMD */
	int signal;         /* 0: none */
	int64_t start_time; /* ms since 1970 */
	int64_t end_time;
	int64_t wall_ns;
	double user_seconds; /* CMD and the descendants that it waited for */
	double system_seconds;
	int64_t max_rss;     /* bytes; the largest single process */
	int64_t block_reads; /* of 512 bytes, as getrusage(2) counts */
	int64_t block_writes;
	int survivors; /* processes of CMD that were still there at the end */
	int oom_kills; /* in our control group meanwhile, where it is counted */
	int rank;      /* of many, the one that decided how it ended */
	int ranks;     /* how many took part; 0: it was not one of many */
	bool unknown;  /* kmlflow was killed: nobody saw how CMD ended */
};

/* FINISHED for 0, KILLED for a signal or an unknown end, FAILED else. */
enum run_status outcome_status(const struct outcome *o);
