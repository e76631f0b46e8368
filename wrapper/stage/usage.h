/* SPDX-License-Identifier: MIT */
/* usage.h - what CMD used of the machine, as metrics */
#pragma once

struct metrics;
struct outcome;

/* Wall, user and system time, memory and I/O of CMD, one point each. */
void usage_metrics(const struct outcome *o, struct metrics *to);
