/* SPDX-License-Identifier: MIT */
/* sqlite.h - SQLite databases, by a library that is loaded when it is needed */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct sqlite;       /* a connection to one file */
struct sqlite_query; /* a prepared statement */

/*
 * What goes wrong is ERR_RETRY where another program holds the database for
 * longer than 20 seconds, ERR_CONFIG where the user must do something (no
 * right to write, not a database, no library), ERR_CONFLICT where a
 * constraint of the tables forbids it, ERR_SYS where the system refused, else
 * ERR_REMOTE.  The message names the file.
 */

/*
 * Opens a file for reading and writing, or for reading alone where nothing
 * else is permitted; foreign keys are enforced.  ERR_NOTFOUND: there is no
 * such file and 'create' is not set.
 */
int sqlite_open(const char *path, bool create, struct sqlite **ret,
                struct err *err);

/*
 * NULL is a no-op.  The connection may be kept for the next sqlite_open() of
 * the same file, without a lock; a child process must not exit() meanwhile.
 */
void sqlite_close(struct sqlite *db);

/* All statements of 'script'; rows are thrown away. */
int sqlite_exec(struct sqlite *db, const char *script, struct err *err);

/*
 * Begins a transaction that writes: nobody else can until sqlite_end(), which
 * commits, or takes all back if 'failed' is not 0 (-1 then, 'err' untouched).
 */
int sqlite_begin(struct sqlite *db, struct err *err);
int sqlite_end(struct sqlite *db, int failed, struct err *err);

/* One statement with "?" for values; NULL: failed.  For sqlite_query_free(). */
struct sqlite_query *sqlite_prepare(struct sqlite *db, const char *text,
                                    struct err *err);

/*
 * Gives the value of the 'at'th "?", counted from 1; what fails is told by
 * sqlite_step().  A NULL text is SQL's NULL; a text is copied.
 */
void sqlite_bind_text(struct sqlite_query *q, int at, const char *value);
void sqlite_bind_int(struct sqlite_query *q, int at, int64_t value);
void sqlite_bind_real(struct sqlite_query *q, int at, double value);

/* 1: a row is there; 0: there are no more; -1: failed. */
int sqlite_step(struct sqlite_query *q, struct err *err);

/* Steps through a statement that gives no rows, ready to be bound again. */
int sqlite_run(struct sqlite_query *q, struct err *err);

/* Ready to be bound and stepped again; the values bound stay. */
void sqlite_reset(struct sqlite_query *q);

/*
 * Columns of the row, counted from 0.  A text is NULL for SQL's NULL, and
 * borrowed until the next call with this query.
 */
const char *sqlite_text(struct sqlite_query *q, int column);
int64_t sqlite_int(struct sqlite_query *q, int column);

/* Rows that the last INSERT, UPDATE or DELETE has changed. */
int sqlite_changes(struct sqlite *db);

/* The row id of the last INSERT. */
int64_t sqlite_last_id(struct sqlite *db);

/* Takes the address of a query, which may be NULL. */
void sqlite_query_free(struct sqlite_query **q);
#define cleanup_sqlite_query __attribute__((cleanup(sqlite_query_free)))
