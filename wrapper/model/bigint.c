/* SPDX-License-Identifier: MIT */
/* bigint.c - integers of any base to decimal, as long as Python prints them */
#include "model/bigint.h"

#include <inttypes.h>

#include "base/buf.h"

enum { BASE = 1000000000 };

static bool
fits(const struct bigint *b)
{
	size_t digits = b->n ? (b->n - 1) * 9 : 0;

	for (uint32_t top = b->n ? b->v[b->n - 1] : 0; top; top /= 10)
		digits++;
	return digits <= BIGINT_MAX_DIGITS;
}

bool
bigint_muladd(struct bigint *b, uint32_t factor, uint32_t add)
{
	uint64_t carry = add;

	for (size_t i = 0; i < b->n; i++) {
		carry += (uint64_t)b->v[i] * factor;
		b->v[i] = (uint32_t)(carry % BASE);
		carry /= BASE;
	}
	while (carry) {
		if (b->n == BIGINT_LIMBS)
			return false;
		b->v[b->n++] = (uint32_t)(carry % BASE);
		carry /= BASE;
	}
	return fits(b);
}

void
bigint_print(const struct bigint *b, struct buf *to)
{
	if (!b->n) {
		buf_addc(to, '0');
		return;
	}
	buf_addf(to, "%" PRIu32, b->v[b->n - 1]);
	for (size_t i = b->n - 1; i--;)
		buf_addf(to, "%09" PRIu32, b->v[i]);
}
