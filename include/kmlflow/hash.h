/* SPDX-License-Identifier: MIT */
/* hash.h - how the tables of the image are keyed */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define KMLFLOW_SEED_NAME UINT64_C(0x8f1bbcdc5a827999)
#define KMLFLOW_SEED_EXT UINT64_C(0xca62c1d66ed9eba1)
#define KMLFLOW_SEED_ROOT UINT64_C(0xc3d2e1f010325476)
#define KMLFLOW_SEED_PROGRAM UINT64_C(0x9d39247e33776d41)

/* Both halves of a 128-bit product, folded into one word. */
static inline uint64_t
kmlflow_fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	__extension__ typedef unsigned __int128 wide;
	wide r = (wide)a * b;

	return (uint64_t)r ^ (uint64_t)(r >> 64);
#else
	uint64_t al = (uint32_t)a, ah = a >> 32;
	uint64_t bl = (uint32_t)b, bh = b >> 32;
	uint64_t low = al * bl;
	uint64_t mid = ah * bl + (low >> 32);
	uint64_t mid2 = al * bh + (uint32_t)mid;

	return (mid2 << 32 | (uint32_t)low) ^
	       (ah * bh + (mid >> 32) + (mid2 >> 32));
#endif
}

/* The first 'len' bytes at 's', at most 8, as a number. */
static inline uint64_t
kmlflow_load(const char *s, size_t len)
{
	uint64_t word = 0;
	uint32_t low = 0;
	uint32_t high = 0;

	if (len >= 8) {
		__builtin_memcpy(&word, s, 8);
		return word;
	}
	if (len >= 4) {
		__builtin_memcpy(&low, s, 4);
		__builtin_memcpy(&high, s + len - 4, 4);
		return (uint64_t)high << 32 | low;
	}
	for (size_t i = 0; i < len; i++)
		word = word << 8 | (unsigned char)s[i];
	return word;
}

/* Goes on from 'h' over 'len' more bytes. */
static inline uint64_t
kmlflow_hash(uint64_t h, const char *s, size_t len)
{
	const char *last = s + len - 8;
	uint64_t end;

	if (len <= 8) {
		end = kmlflow_load(s, len);
	} else {
		do {
			h = kmlflow_fold(h ^ kmlflow_load(s, 8),
			                 UINT64_C(0x9e3779b97f4a7c15));
			s += 8;
		} while (s < last);
		end = kmlflow_load(last, 8);
	}
	return kmlflow_fold(h ^ end, UINT64_C(0xd6e8feb86659fd93) + 2 * len);
}

/*
 * A path's hash is made of that of its directory and that of its last
 * component, which is looked up by itself as well; so is that of "what ends in
 * this extension below this directory".
 */
static inline uint64_t
kmlflow_hash_in(uint64_t dir, uint64_t name)
{
	return kmlflow_fold(dir ^ name, UINT64_C(0xa0761d6478bd642f));
}

/* What a table stores; never 0.  The low half of 'h' gives the place. */
static inline uint32_t
kmlflow_key(uint64_t h)
{
	uint32_t key = (uint32_t)(h >> 32);

	return key ? key : 1;
}

/* Of the table of programs: a name is the last component of a path. */
static inline uint64_t
kmlflow_program_key(const char *name, size_t len)
{
	return kmlflow_hash(KMLFLOW_SEED_PROGRAM, name, len) | 1;
}

/* The place to try for it after 'tries' others, of 'n'. */
static inline uint32_t
kmlflow_program_place(uint64_t key, uint32_t tries, uint32_t n)
{
	/* In 32 bits: a smaller machine has no instruction for more. */
	return ((uint32_t)(key >> 32) + tries) % n;
}
