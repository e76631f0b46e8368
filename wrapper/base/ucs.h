/* SPDX-License-Identifier: MIT */
/* ucs.h - Unicode code points: decoding them, and which are word characters */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What ucs_decode() gives for a byte that is not UTF-8. */
#define UCS_BAD UINT32_MAX

/* The code point at 's'; *used is its length in bytes, 1 for UCS_BAD. */
uint32_t ucs_decode(const char *s, size_t len, size_t *used);

/* Code points in 's'; a byte that is not UTF-8 counts as one. */
size_t ucs_count(const char *s);

/* Letter or digit of any script, or '_': what Python's \w matches. */
bool ucs_is_word(uint32_t c);
