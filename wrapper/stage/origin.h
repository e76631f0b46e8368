/* SPDX-License-Identifier: MIT */
/* origin.h - which process of which machine began a run */
#pragma once

#include <stdint.h>

struct buf;

#define ORIGIN_TAG "kmlflow.process"

/*
 * Appends the value of ORIGIN_TAG for this process: number,
 * start, boot, namespace of numbers, and a word for the machine that does not
 * tell its id.
 */
void origin_tell(struct buf *to);

enum origin_state {
	ORIGIN_ALIVE,
	ORIGIN_GONE,    /* it has ended, or its boot has */
	ORIGIN_UNKNOWN, /* of another machine, or not to be seen from here */
};

/* What has become of it. */
enum origin_state origin_state(const char *tag);

/* When the boot that it ran on was over at the latest: now, or this boot. */
int64_t origin_end_ms(const char *tag);
