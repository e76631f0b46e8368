/* SPDX-License-Identifier: MIT */
/* blind.h - what of CMD's processes nobody could see */
#pragma once

#include <stdbool.h>

struct buf;
struct sightings;
struct strv;

/*
 * Adds a line for each program that ran without the library in it, for what
 * was lost on the way, and for processes that outlive CMD; sorted.  'by_stat':
 * a file was found by comparison alone, which one of the lines must explain.
 */
void blind_list(const struct sightings *s, int survivors, bool by_stat,
                struct strv *ret);

/* "complete", or "partial: " and the first few of the list. */
void blind_note(const struct strv *blind, struct buf *to);
