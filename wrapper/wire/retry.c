/* SPDX-License-Identifier: MIT */
/* retry.c - how often and how late a request is sent again */
#include "wire/retry.h"

#include <ctype.h>

enum { WAIT_MAX_MS = 120 * 1000, SECONDS_MAX = 1 << 30 };

int64_t
retry_backoff_ms(const struct retry_policy *p, int n, double chance)
{
	double ms = p->factor * 1000;

	for (int i = 1; i < n && ms < WAIT_MAX_MS; i++)
		ms *= 2;
	ms += p->jitter * 1000 * chance;
	if (!(ms > 0))
		return 0;
	return ms < WAIT_MAX_MS ? (int64_t)ms : WAIT_MAX_MS;
}

static int64_t
date_ms(const char *value, int64_t now_ms)
{
	struct tm tm = {.tm_sec = 0};
	const char *end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	int64_t ms;

	if (!end || *end)
		return -1;
	ms = (int64_t)timegm(&tm) * 1000 - now_ms;
	return ms > 0 ? ms : 0;
}

int64_t
retry_after_ms(const char *value, int64_t now_ms)
{
	int64_t seconds = 0;
	const char *p;

	if (!value || !*value)
		return -1;
	for (p = value; isdigit((unsigned char)*p); p++)
		if (seconds < SECONDS_MAX)
			seconds = seconds * 10 + (*p - '0');
	return *p ? date_ms(value, now_ms) : seconds * 1000;
}

bool
retry_is_transient(int status)
{
	return status == 408 || status == 429 || status == 500 ||
	       status == 502 || status == 503 || status == 504;
}
