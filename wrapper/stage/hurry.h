/* SPDX-License-Identifier: MIT */
/* hurry.h - how long recording may take once CMD has ended */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct outcome;

enum hurry {
	HURRY_NONE,   /* go on */
	HURRY_SIGNAL, /* somebody wants us to end: begin nothing more */
	HURRY_TIME,   /* the time is over: stop also what is under way */
};

/*
 * From here on the first signal that asks to end is one for hurry_now(), and
 * the second ends this program as 'leave' says, at once.  So does none that
 * our caller ignores.  'ms' is how long it may take.
 */
void hurry_begin(const struct outcome *leave, int64_t ms);

/* Before hurry_begin() always HURRY_NONE. */
enum hurry hurry_now(void);

/* What follows may take its time; a second signal still ends it. */
void hurry_end(void);
