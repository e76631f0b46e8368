/* SPDX-License-Identifier: MIT */
/* look.h - goes over a path once, eight bytes at a time */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ONES UINT64_C(0x0101010101010101)
#define LOW UINT64_C(0x7f7f7f7f7f7f7f7f)

/* The top bit of each byte of 'w' that is 'c', and nothing else. */
static inline uint64_t
equal(uint64_t w, unsigned char c)
{
	uint64_t x = w ^ ONES * c;

	return ~(((x & LOW) + LOW) | x | LOW);
}

/*
 * Eight bytes, of which some may lie before or behind the string.  Aligned,
 * so that they are in one page: what is behind can be read, if not used.
 */
static inline __attribute__((no_sanitize("address"))) uint64_t
aligned_word(const char *at)
{
	uint64_t w = *(const uint64_t *)(const void *)at;

	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(w)
	                                              : w;
}

/* Byte in which the lowest, or highest, bit that equal() set is. */
static inline uint32_t
lowest(uint64_t bits)
{
	return (uint32_t)__builtin_ctzll(bits) / 8;
}

static inline uint32_t
highest(uint64_t bits)
{
	return (63 - (uint32_t)__builtin_clzll(bits)) / 8;
}

/* Where the parts of a path are. */
struct look {
	const char *name;
	const char *ext; /* NULL: no dot */
	const char *end;
};

/* False: there are empty, "." or ".." components, or it is very long. */
static inline bool
look_over(const char *path, struct look *p)
{
	uint32_t skew = (uintptr_t)path & 7;
	const char *at = path - skew;
	uint64_t live = UINT64_MAX << 8 * skew;
	uint64_t before = 0;
	uint64_t messy = 0;
	uint64_t nul;

	p->name = path;
	p->ext = NULL;
	for (;; at += 8) {
		uint64_t w = aligned_word(at);
		uint64_t slash = equal(w, '/') & live;
		uint64_t dot = equal(w, '.') & live;

		nul = equal(w, '\0') & live;
		live = UINT64_MAX;
		if (nul) {
			slash &= (nul & -nul) - 1;
			dot &= (nul & -nul) - 1;
		}
		messy |= (slash << 8 | before) & (slash | dot);
		before = slash >> 56;
		if (slash)
			p->name = at + highest(slash) + 1;
		if (dot)
			p->ext = at + highest(dot);
		if (nul)
			break;
	}
	p->end = at + lowest(nul);
	return !messy && *path != '.' && p->name != p->end &&
	       p->end - path < PATH_MAX;
}

/* NULL, or no address of a program's (-1 and the like): EFAULT. */
static inline bool
is_path(const char *path)
{
	return (uintptr_t)path >= 4096 && (intptr_t)path >= 0;
}
