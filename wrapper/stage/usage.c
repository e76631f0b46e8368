/* SPDX-License-Identifier: MIT */
/* usage.c - what CMD used of the machine, as metrics */
#include "stage/usage.h"

#include "model/run.h"
#include "stage/outcome.h"

void
usage_metrics(const struct outcome *o, struct metrics *to)
{
	int64_t when = o->end_time;

	metrics_add(to, "kmlflow/wall_seconds", (double)o->wall_ns / 1e9, when,
	            0);
	metrics_add(to, "kmlflow/user_seconds", o->user_seconds, when, 0);
	metrics_add(to, "kmlflow/system_seconds", o->system_seconds, when, 0);
	metrics_add(to, "kmlflow/max_rss_bytes", (double)o->max_rss, when, 0);
	metrics_add(to, "kmlflow/read_bytes", (double)o->block_reads * 512,
	            when, 0);
	metrics_add(to, "kmlflow/written_bytes", (double)o->block_writes * 512,
	            when, 0);
}
