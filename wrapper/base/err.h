/* SPDX-License-Identifier: MIT */
/* err.h - errors as values: what happened, to what, and what to do */
#pragma once

/* Kinds exist for decisions; the message is for people. */
enum err_kind {
	ERR_NONE,
	ERR_USAGE,  /* the command line: exit 125 (exec) or 2 */
	ERR_CONFIG, /* a file of the project; message starts "FILE:LINE:COLUMN:
	               " */
	ERR_SYS,    /* the system refused; 'sys' is the errno */
	ERR_RETRY,  /* worth trying again later */
	ERR_REMOTE, /* the store refused, for good */
	ERR_FORMAT, /* bytes that are not what they should be */
	ERR_NOTFOUND, /* the store has no such thing */
	ERR_CONFLICT, /* the store has another value there */
};

struct err {
	enum err_kind kind;
	int sys;
	char msg[1024];
};

#define ERR_INIT                                                               \
	{                                                                      \
		.kind = ERR_NONE                                               \
	}

/*
 * All return -1, so that "return err_set(err, …)" is the whole idiom.
 * err_sys() adds ": " and the text of errno, which it keeps.
 * err_wrap() puts context and ": " in front of a message that is there.
 * Control bytes in the result are shown as \xNN by whoever prints it.
 */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int err_sys(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int err_wrap(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * For a place in a configuration file, "FILE:LINE:COLUMN: …"; both count from
 * 1, and what is 0 is left out.
 */
int err_at(struct err *err, const char *file, int line, int column,
           const char *fmt, ...) __attribute__((format(printf, 5, 6)));
