/* SPDX-License-Identifier: MIT */
/* spool_pick.h - the spools that a command line means */
#pragma once

#include <stdbool.h>

struct options;
struct strv;

/*
 * The project's, or with --all the user's; of those the ones that its words
 * name, if there are words.  The oldest of a place first.
 */
void spool_pick(const struct options *o, struct strv *to);

/* Whether the word is a spool's path, or how its id begins. */
bool spool_is_named(const char *word, const char *dir);

/* The same for any words. */
void spool_pick_all(const struct options *o, struct strv *to);
