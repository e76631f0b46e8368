/* SPDX-License-Identifier: MIT */
/* clock.c - times, and the ids that are made of chance */
#include "base/clock.h"

#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/enc.h"

int64_t
clock_ms(struct timespec ts)
{
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_mono_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* 'colon' stands between hours, minutes and seconds. */
static void
stamp(int64_t ms, char colon, struct buf *to)
{
	int64_t part = (ms % 1000 + 1000) % 1000; /* times before 1970 too */
	time_t seconds = (time_t)((ms - part) / 1000);
	char text[40];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	for (char *p = strchr(text, ':'); p; p = strchr(p, ':'))
		*p++ = colon;
	buf_addf(to, "%s.%03dZ", text, (int)part);
}

void
clock_kedro_stamp(int64_t ms, struct buf *to)
{
	stamp(ms, '.', to);
}

void
clock_rfc3339(int64_t ms, struct buf *to)
{
	stamp(ms, ':', to);
}

static void
random_bytes(void *to, size_t len)
{
	char *p = to;

	while (len) {
		ssize_t n = getrandom(p, len, 0);

		if (n <= 0)
			continue; /* EINTR: the only failure for small reads */
		p += n;
		len -= (size_t)n;
	}
}

void
clock_uuid_hex(char ret[33])
{
	cleanup_buf struct buf hex = BUF_INIT;
	unsigned char u[16];

	random_bytes(u, sizeof(u));
	u[6] = (unsigned char)((u[6] & 0x0f) | 0x40);
	u[8] = (unsigned char)((u[8] & 0x3f) | 0x80);
	enc_hex(&hex, u, sizeof(u));
	memcpy(ret, hex.s, 33);
}

uint64_t
clock_random(uint64_t limit)
{
	uint64_t n;

	random_bytes(&n, sizeof(n));
	return limit ? n % limit : 0;
}
