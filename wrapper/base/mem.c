/* SPDX-License-Identifier: MIT */
/* mem.c - heap memory that is never NULL */
#include "base/mem.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

static void
die(void)
{
	static const char text[] = "kmlflow: out of memory\n";

	/* stdio may allocate, which is what has just failed. */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(125);
	_exit(125);
}

void *
mem_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		die();
	return p;
}

void *
mem_grow(void *old, size_t count, size_t size)
{
	void *p;

	if (size && count > SIZE_MAX / size)
		die();
	p = realloc(old, count && size ? count * size : 1);
	if (!p)
		die();
	return p;
}

char *
mem_dup(const char *s)
{
	return s ? mem_ndup(s, strlen(s)) : NULL;
}

char *
mem_ndup(const char *s, size_t len)
{
	char *p = mem_alloc(len + 1);

	memcpy(p, s, len);
	return p;
}

char *
mem_printf(const char *fmt, ...)
{
	char *ret = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&ret, fmt, ap);
	va_end(ap);
	if (n < 0)
		die();
	return ret;
}

void *
mem_steal(void *p)
{
	void *ret;
	void *none = NULL;

	/* By memcpy: 'p' points to a pointer of any type. */
	memcpy(&ret, p, sizeof(ret));
	memcpy(p, &none, sizeof(none));
	return ret;
}

int
fd_steal(int *fd)
{
	int ret = *fd;

	*fd = -1;
	return ret;
}

void
mem_replace(char **p, char *copy)
{
	free(*p);
	*p = copy;
}

void
mem_free_ptr(void *p)
{
	free(mem_steal(p));
}

void
fd_close_ptr(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}
