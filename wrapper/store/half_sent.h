/* SPDX-License-Identifier: MIT */
/* half_sent.h - what has been begun in a store, for another process to end */
#pragma once

#include <sys/types.h>

struct artifact;

/*
 * 'place' names the object wherever it lies; 'id' is what the store calls what
 * has been begun, one line.  All of them do nothing where artifact_keep() has
 * not been called; what cannot be noted is only begun anew.
 */
void half_sent_note(const struct artifact *a, const char *place, off_t size,
                    const char *id);
void half_sent_forget(const struct artifact *a, const char *place);

/* The id, of a file of this size; NULL: nothing is noted.  Owned. */
char *half_sent_find(const struct artifact *a, const char *place, off_t size);
