/* SPDX-License-Identifier: MIT */
/* spool_notes.h - what of a spool is done, noted in it */
#pragma once

struct err;
struct spool;
struct strv;

/* 'item' is one word; read back by spool_done(). */
int spool_mark_done(struct spool *s, const char *item, struct err *err);

/* The same of many items, a line each. */
int spool_mark_lines(struct spool *s, const char *lines, struct err *err);

/* All that the notes so far are about is on a disk, and so is the spool. */
int spool_mark_synced(struct spool *s, struct err *err);

/*
 * What is noted, one after the other; nothing where no note was made.  When
 * the machine went down since, a note may be there and what it is about may
 * not: of what was not synchronised then, only what tells how to go on is told,
 * and SPOOL_LAPSED besides.
 */
#define SPOOL_LAPSED "lapsed"
int spool_done(const struct spool *s, struct strv *ret, struct err *err);
