/* SPDX-License-Identifier: MIT */
/* text.c - a text changed where it stands */
#include "base/text.h"

#include <ctype.h>
#include <string.h>

char *
text_trim(char *s)
{
	size_t len;

	while (isspace((unsigned char)*s))
		s++;
	len = strlen(s);
	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
	return s;
}
