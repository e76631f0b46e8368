/* SPDX-License-Identifier: MIT */
/* log.c - what kmlflow says on stderr */
#include "base/log.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"

static enum log_level log_level = LOG_INFO;

void
log_set_level(enum log_level level)
{
	log_level = level;
}

enum log_level
log_get_level(void)
{
	return log_level;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_buf struct buf line = BUF_INIT;
	int saved = errno;
	va_list ap;

	if (level > log_level)
		return;
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	buf_adds(&line, "kmlflow: ");
	enc_printable(&line, text.s, text.len);
	buf_addc(&line, '\n');
	/* One write, so that lines of parallel processes do not mix. */
	if (write(STDERR_FILENO, line.s, line.len) < 0)
		errno = saved; /* nowhere left to complain */
	errno = saved;
}
