/* SPDX-License-Identifier: MIT */
/* bigint.h - integers of any base to decimal, as long as Python prints them */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum {
	BIGINT_MAX_DIGITS = 4300, /* Python refuses to print more */
	BIGINT_LIMBS = (BIGINT_MAX_DIGITS + 8) / 9 + 1,
};

/* Not negative; zeroed is 0. */
struct bigint {
	uint32_t v[BIGINT_LIMBS]; /* base 10^9, least first */
	size_t n;
};

/* b = b * factor + add; false: more than BIGINT_MAX_DIGITS. */
bool bigint_muladd(struct bigint *b, uint32_t factor, uint32_t add);

/* Appends it in decimal. */
void bigint_print(const struct bigint *b, struct buf *to);
