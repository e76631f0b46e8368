/* SPDX-License-Identifier: MIT */
/* mem.h - heap memory that is never NULL, and clean-up at end of scope */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/*
 * Out of memory ends the program here and nowhere else: exit status 125 and
 * one line on stderr.  What was captured is safe in the spool.
 */
void *mem_alloc(size_t size);                         /* zeroed */
void *mem_grow(void *old, size_t count, size_t size); /* count * size bytes */
char *mem_dup(const char *s);                         /* NULL gives NULL */
char *mem_ndup(const char *s, size_t len);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The value of *p, which becomes NULL (or -1): hands ownership on. */
void *mem_steal(void *p);
int fd_steal(int *fd);

/* Frees *p and sets it to copy; 'copy' is taken over. */
void mem_replace(char **p, char *copy);

void mem_free_ptr(void *p);
void fd_close_ptr(int *fd);

#define cleanup_free __attribute__((cleanup(mem_free_ptr)))
#define cleanup_fd __attribute__((cleanup(fd_close_ptr)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member)                                        \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))
