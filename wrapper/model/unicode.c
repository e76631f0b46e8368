/* SPDX-License-Identifier: MIT */
/* unicode.c - what Unicode says of characters, as Python asks it */
#include "model/unicode.h"

#include "base/mem.h"
#include "model/unicode_tables.h"

static bool
within(const uint32_t (*ranges)[2], size_t n, uint32_t c)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;

		if (c < ranges[middle][0])
			n = middle;
		else if (c > ranges[middle][1])
			low = middle + 1;
		else
			return true;
	}
	return false;
}

bool
unicode_printable(uint32_t c)
{
	if (c < 0x7f)
		return c >= 0x20;
	return c != 0x7f && !within(hidden_ranges, ARRAY_LEN(hidden_ranges), c);
}

bool
unicode_word(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		       (c >= 'a' && c <= 'z') || c == '_';
	return within(word_ranges, ARRAY_LEN(word_ranges), c);
}
