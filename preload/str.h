/* SPDX-License-Identifier: MIT */
/* str.h - the few string functions that are needed, without a call to libc */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

size_t str_len(const char *s);

/* Copies without a NUL; returns the end of the copy. */
char *str_put(char *to, const char *s, size_t len);

/* What follows 'prefix' in 's', or NULL. */
const char *str_after(const char *s, const char *prefix);

/* Whether the first 'len' bytes of 'a' are all of 'b'. */
bool str_same(const char *a, size_t len, const char *b);

/* Where the last component of 's' starts. */
size_t str_name(const char *s, size_t len);

/* In decimal, at most 20 bytes, without a NUL; returns the end. */
char *str_number(char *to, unsigned long n);
