/* SPDX-License-Identifier: MIT */
/* omega_scan.h - the letters and words of OmegaConf's expressions */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;
struct value;

/*
 * Length of the piece of an unquoted value that 's' begins with: letters,
 * blanks within it, an escape ("\" and one of "\()[]{}:=, ") or 2 for "${".
 * 0: it ends here.  A 'key' ends at a colon, too.
 */
size_t omega_scan_piece(const char *s, size_t len, bool key);

/* Null, a boolean, a number, or the text itself. */
struct value *omega_scan_value(const char *s, size_t len, struct arena *arena);

/* Length of a name between dots; 'to' gets it without its escapes. */
size_t omega_scan_key(const char *s, size_t len, struct buf *to);

/* A word as resolvers' names are made of. */
bool omega_scan_is_word(const char *s, size_t len);
