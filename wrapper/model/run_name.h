/* SPDX-License-Identifier: MIT */
/* run_name.h - names for runs that were given none */
#pragma once

/* "adjective-noun-NNN", at most 20 characters, always the same for a seed. */
char *run_name_make(const char *seed);
