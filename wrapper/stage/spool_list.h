/* SPDX-License-Identifier: MIT */
/* spool_list.h - the spools of a place, by their age */
#pragma once

struct strv;

/* The spools below 'place', as directory paths, the oldest first. */
void spool_list(const char *place, struct strv *to);
