/* SPDX-License-Identifier: MIT */
/* str.c - the few string functions that are needed, without a call to libc */
#include "str.h"

size_t
str_len(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

char *
str_put(char *to, const char *s, size_t len)
{
	size_t i = 0;

	for (; i + 8 <= len; i += 8)
		__builtin_memcpy(to + i, s + i, 8);
	for (; i < len; i++)
		to[i] = s[i];
	return to + len;
}

const char *
str_after(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return NULL;
	return s;
}

bool
str_same(const char *a, size_t len, const char *b)
{
	for (size_t i = 0; i < len; i++)
		if (!b[i] || a[i] != b[i])
			return false;
	return !b[len];
}

size_t
str_name(const char *s, size_t len)
{
	while (len && s[len - 1] != '/')
		len--;
	return len;
}

char *
str_number(char *to, unsigned long n)
{
	char digits[20];
	int i = 0;

	do
		digits[i++] = (char)('0' + n % 10);
	while (n /= 10);
	while (i)
		*to++ = digits[--i];
	return to;
}
