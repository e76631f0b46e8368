/* SPDX-License-Identifier: MIT */
/* log.h - what kmlflow says on stderr: one line each, prefixed "kmlflow: " */
#pragma once

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };

/* -q sets LOG_ERROR, nothing LOG_INFO, -v LOG_DEBUG, -vv LOG_TRACE. */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/*
 * Control bytes are escaped, so that a file name cannot drive the terminal.
 * Above LOG_DEBUG only the commands and session.c speak.
 */
void log_line(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, "warning: " __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
#define log_trace(...) log_line(LOG_TRACE, __VA_ARGS__)
