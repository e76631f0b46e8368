/* SPDX-License-Identifier: MIT */
/* file_name.c - names for runs that were given none */
#include "model/run_name.h"
#include "store/file_store.h"

char *
file_run_name(const char *seed)
{
	return run_name_make(seed);
}
