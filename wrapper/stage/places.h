/* SPDX-License-Identifier: MIT */
/* places.h - where else this user has spools */
#pragma once

struct strv;

/*
 * Writes down that 'place', a directory of spools, is one of this user's: a
 * link in $XDG_STATE_HOME/kmlflow/places, else below ~/.local/state.  Called
 * after a spool has been made there.  Where that cannot be, only a search for
 * all spools misses it.
 */
void places_note(const char *place);

/* Takes that back if there is no spool any more, and with the last all of it.
 */
void places_forget(const char *place);

/*
 * Adds those that are written down and not in 'to' yet, and forgets those that
 * hold no spools any more.
 */
void places_known(struct strv *to);
