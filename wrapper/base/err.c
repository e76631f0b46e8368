/* SPDX-License-Identifier: MIT */
/* err.c - errors as values */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Writes at 'used', keeping what fits; a cut message is still a message. */
__attribute__((format(printf, 3, 0))) static size_t
put(struct err *err, size_t used, const char *fmt, va_list ap)
{
	int n;

	if (used >= sizeof(err->msg) - 1)
		return used;
	n = vsnprintf(err->msg + used, sizeof(err->msg) - used, fmt, ap);
	return n < 0 ? used : used + (size_t)n;
}

int
err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	err->kind = kind;
	err->sys = 0;
	va_start(ap, fmt);
	put(err, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_sys(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	size_t used;
	va_list ap;

	err->kind = ERR_SYS;
	err->sys = saved;
	va_start(ap, fmt);
	used = put(err, 0, fmt, ap);
	va_end(ap);
	if (used < sizeof(err->msg))
		snprintf(err->msg + used, sizeof(err->msg) - used, ": %s",
		         strerror(saved));
	errno = saved;
	return -1;
}

int
err_wrap(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	size_t used;
	va_list ap;

	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	used = put(err, 0, fmt, ap);
	va_end(ap);
	if (used < sizeof(err->msg))
		snprintf(err->msg + used, sizeof(err->msg) - used, ": %.*s",
		         (int)(sizeof(err->msg) - used), old);
	return -1;
}

int
err_at(struct err *err, const char *file, int line, int column, const char *fmt,
       ...)
{
	size_t used;
	va_list ap;
	int n;

	err->kind = ERR_CONFIG;
	err->sys = 0;
	if (line > 0 && column > 0)
		n = snprintf(err->msg, sizeof(err->msg), "%s:%d:%d: ", file,
		             line, column);
	else if (line > 0)
		n = snprintf(err->msg, sizeof(err->msg), "%s:%d: ", file, line);
	else
		n = snprintf(err->msg, sizeof(err->msg), "%s: ", file);
	used = n < 0 ? 0 : (size_t)n;
	va_start(ap, fmt);
	put(err, used, fmt, ap);
	va_end(ap);
	return -1;
}
