/* SPDX-License-Identifier: MIT */
/* arena.h - many small objects that live and die together */
#pragma once

#include <stddef.h>

struct arena_chunk;

/* Zeroed is empty.  What comes from it lives until arena_free(). */
struct arena {
	struct arena_chunk *chunk;
	size_t left;
	size_t room; /* of the next chunk; 0: of the first */
	char *next;
};

void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned */
char *arena_ndup(struct arena *a, const char *s, size_t len); /* adds a NUL */
char *arena_dup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void arena_free(struct arena *a);

/* As arena_free(), but some memory is kept for what comes next. */
void arena_reset(struct arena *a);
#define cleanup_arena __attribute__((cleanup(arena_free)))
