/* SPDX-License-Identifier: MIT */
/* arena.c - many small objects that live and die together */
#include "base/arena.h"

#include "base/mem.h"

/* Each chunk is twice as large as the one before it, up to a limit. */
enum { CHUNK = 32 * 1024, CHUNK_MAX = 1024 * 1024, ALIGN = 16 };

struct arena_chunk {
	_Alignas(ALIGN) struct arena_chunk *previous;
	size_t room; /* 0: of one object alone */
};

/* A chunk of its own for what would waste most of a new one. */
static void *
big(struct arena *a, size_t size)
{
	struct arena_chunk *chunk = mem_alloc(sizeof(*chunk) + size);

	if (a->chunk) {
		chunk->previous = a->chunk->previous;
		a->chunk->previous = chunk;
	} else {
		a->chunk = chunk;
	}
	return chunk + 1;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	void *ret;

	if (size > CHUNK / 4)
		return big(a, size);
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (size > a->left) {
		size_t room = a->room ? a->room : CHUNK;
		struct arena_chunk *chunk = mem_alloc(sizeof(*chunk) + room);

		chunk->previous = a->chunk;
		chunk->room = room;
		a->chunk = chunk;
		a->next = (char *)(chunk + 1);
		a->left = room;
		a->room = room < CHUNK_MAX ? room * 2 : room;
	}
	ret = a->next;
	a->next += size;
	a->left -= size;
	return ret;
}

char *
arena_ndup(struct arena *a, const char *s, size_t len)
{
	char *ret = arena_alloc(a, len + 1);

	memcpy(ret, s, len);
	return ret;
}

char *
arena_dup(struct arena *a, const char *s)
{
	return arena_ndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	char small[256];
	char *ret;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0)
		return arena_ndup(a, "", 0);
	if ((size_t)n < sizeof(small))
		return arena_ndup(a, small, (size_t)n);
	ret = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(ret, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return ret;
}

void
arena_reset(struct arena *a)
{
	struct arena_chunk *kept = a->chunk;
	size_t used;

	if (!kept || !kept->room) {
		arena_free(a);
		return;
	}
	used = kept->room - a->left;
	a->chunk = kept->previous;
	kept->previous = NULL;
	arena_free(a);
	a->chunk = kept;
	a->next = (char *)(kept + 1);
	a->left = kept->room;
	a->room = kept->room;
	memset(a->next, 0, used);
}

void
arena_free(struct arena *a)
{
	while (a->chunk) {
		struct arena_chunk *chunk = a->chunk;

		a->chunk = chunk->previous;
		free(chunk);
	}
	*a = (struct arena){.chunk = NULL};
}
