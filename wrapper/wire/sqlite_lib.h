/* SPDX-License-Identifier: MIT */
/* sqlite_lib.h - libsqlite3, loaded at the first use */
#pragma once

#include <sqlite3.h>

struct err;

/* Those of the library's functions that are used here. */
#define SQLITE_LIB_FUNCTIONS(X)                                                \
	X(config)                                                              \
	X(open_v2)                                                             \
	X(close)                                                               \
	X(exec)                                                                \
	X(busy_timeout)                                                        \
	X(extended_errcode)                                                    \
	X(system_errno)                                                        \
	X(errmsg)                                                              \
	X(errstr)                                                              \
	X(get_autocommit)                                                      \
	X(prepare_v2)                                                          \
	X(bind_text)                                                           \
	X(bind_int64)                                                          \
	X(bind_double)                                                         \
	X(bind_null)                                                           \
	X(step)                                                                \
	X(reset)                                                               \
	X(column_text)                                                         \
	X(column_int64)                                                        \
	X(finalize)                                                            \
	X(changes)                                                             \
	X(last_insert_rowid)                                                   \
	X(libversion_number)

#define SQLITE_LIB_MEMBER(name) __typeof__(&sqlite3_##name) name;

/* All are pointers to functions, in the order of the list. */
struct sqlite_lib {
	SQLITE_LIB_FUNCTIONS(SQLITE_LIB_MEMBER)
};

/* Empty until sqlite_lib_need() has said 0. */
extern struct sqlite_lib sqlite_lib;

/* Loads it, once.  ERR_CONFIG: it is not installed, or too old. */
int sqlite_lib_need(struct err *err);
