/* SPDX-License-Identifier: MIT */
/* pattern.h - names with placeholders, "{layer}.{name}", as Kedro has them */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct kvs;
struct strv;

/* Whether 'text' has a placeholder at all. */
bool pattern_is(const char *text);

/*
 * Whether all of 'text' is 'pattern'; 'captures' (may be NULL) then gets what
 * each placeholder stands for: the shortest that fits, never nothing.  A
 * repeated one stands for the same.  In a 'path' none crosses a slash and
 * letters count as they are; in a name, large and small ones are the same.
 */
bool pattern_match(const char *pattern, const char *text, bool path,
                   struct kvs *captures);

/* 'pattern' with its placeholders replaced; NULL: one has no value.  Owned. */
char *pattern_fill(const char *pattern, const struct kvs *captures);

/* Adds the names of its placeholders. */
void pattern_names(const char *pattern, struct strv *to);

/* <0: Kedro tries 'a' before 'b': more letters first, then more places. */
int pattern_order(const char *a, const char *b);

/* Letters outside of placeholders; 0: it stands for every name. */
size_t pattern_letters(const char *pattern);

/* A pattern as glob(7) of the same paths and more; owned. */
char *pattern_glob(const char *pattern);
