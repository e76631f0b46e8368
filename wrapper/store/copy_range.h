/* SPDX-License-Identifier: MIT */
/* copy_range.h - the bytes of one file into another, the cheapest way */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct err;

/* Remembers between files what the file systems cannot do. */
struct copier {
	char *data; /* NULL until first needed */
	bool no_clone;
	bool no_kernel;
};

/*
 * The first 'size' bytes of 'from' (0: all that can be read) to the empty
 * file 'to'; fewer if there are fewer.  Holes stay holes.  Uses no offset of
 * 'from'.
 */
int copier_run(struct copier *c, int from, int to, off_t size, struct err *err);

/* 1: the first 'size' bytes of both are the same; 0: not; -1: failed. */
int copier_same(struct copier *c, int a, int b, off_t size, struct err *err);

void copier_free(struct copier *c);

/* Asked between pieces of a file: whether to give up, with ERR_RETRY. */
void copier_set_stop(bool (*wanted)(void));
