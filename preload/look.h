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

static inline uint64_t
word(const char *at)
{
	uint64_t w;

	__builtin_memcpy(&w, at, 8);
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(w)
	                                              : w;
}

/* Byte in which the highest bit is that equal() set. */
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

static inline bool
look_bytes(const char *path, struct look *l)
{
	bool messy = false;

	for (const char *p = path; p < l->end; p++) {
		if (*p == '/') {
			l->name = p + 1;
			messy = messy || p[1] == '/' || p[1] == '.';
		} else if (*p == '.') {
			l->ext = p;
		}
	}
	return messy;
}

/* The last word overlaps the one before it, to end where the path does. */
static inline bool
look_words(const char *path, struct look *l)
{
	const char *last = l->end - 8;
	const char *at = path;
	uint64_t before = 0; /* whether a slash comes before this word */
	uint64_t messy = 0;

	for (;;) {
		uint64_t w = word(at);
		uint64_t slash = equal(w, '/');
		uint64_t dot = equal(w, '.');

		messy |= (slash << 8 | before) & (slash | dot);
		if (slash)
			l->name = at + highest(slash) + 1;
		if (dot)
			l->ext = at + highest(dot);
		if (at == last)
			return messy;
		at = last - at < 8 ? last : at + 8;
		before = at[-1] == '/' ? 0x80 : 0;
	}
}

/* False: there are empty, "." or ".." components, or it is very long. */
static inline bool
look_over(const char *path, struct look *l)
{
	const char *end = path;
	bool messy;

	while (*end)
		end++;
	l->end = end;
	l->name = path;
	l->ext = NULL;
	messy = end - path < 8 ? look_bytes(path, l) : look_words(path, l);
	return !messy && *path != '.' && l->name != end &&
	       end - path < PATH_MAX;
}

/* NULL, or no address of a program's (-1 and the like): EFAULT. */
static inline bool
is_path(const char *path)
{
	const uintptr_t top =
	    sizeof(path) == 8 ? (uintptr_t)INTPTR_MAX : (uintptr_t)-4096;

	return (uintptr_t)path >= 4096 && (uintptr_t)path <= top;
}
