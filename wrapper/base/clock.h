/* SPDX-License-Identifier: MIT */
/* clock.h - times, and the ids that are made of chance */
#pragma once

#include <stdint.h>
#include <time.h>

struct buf;

/* Milliseconds since 1970 (CLOCK_REALTIME), as MLflow counts. */
int64_t clock_now_ms(void);

/* A file's time in the same measure. */
int64_t clock_ms(struct timespec t);

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t clock_mono_ns(void);

/* "YYYY-MM-DDThh.mm.ss.mmmZ", Kedro's stamp of a session or a version. */
void clock_kedro_stamp(int64_t ms, struct buf *to);

/* "YYYY-MM-DDThh:mm:ss.mmmZ" (RFC 3339). */
void clock_rfc3339(int64_t ms, struct buf *to);

/* 32 lower-case hex digits of a random UUID, version 4 (RFC 4122). */
void clock_uuid_hex(char ret[33]);

/* A random number below 'limit'. */
uint64_t clock_random(uint64_t limit);
