/* SPDX-License-Identifier: MIT */
/* version.c - releases of Kedro, in their order */
#include "model/version.h"

#include <ctype.h>
#include <stdlib.h>

bool
version_before(const char *version, int major, int minor, int patch)
{
	const int wanted[] = {major, minor, patch};

	if (!version || !isdigit((unsigned char)*version))
		return false;
	for (int i = 0; i < 3; i++) {
		char *end;
		long n = strtol(version, &end, 10);

		if (n != wanted[i])
			return n < wanted[i];
		version = *end == '.' ? end + 1 : end;
		if (!isdigit((unsigned char)*version))
			version = "0";
	}
	return false;
}
