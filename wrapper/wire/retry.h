/* SPDX-License-Identifier: MIT */
/* retry.h - how often and how late a request is sent again */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct retry_policy {
	int max;             /* repeats after the first try */
	double factor;       /* seconds; doubled from one wait to the next */
	double jitter;       /* seconds; up to so many are added */
	bool respect_server; /* a server's Retry-After comes before ours */
};

/*
 * How long to wait before repeat 'n' (from 1 on), in milliseconds, never more
 * than two minutes.  'chance' is from [0, 1).
 */
int64_t retry_backoff_ms(const struct retry_policy *p, int n, double chance);

/*
 * What a Retry-After header asks for, in milliseconds from 'now_ms' (since
 * 1970): seconds or an HTTP date; -1 for NULL and for what is neither.
 */
int64_t retry_after_ms(const char *value, int64_t now_ms);

/* Statuses that may be another one a little later. */
bool retry_is_transient(int status);
