/* SPDX-License-Identifier: MIT */
/* sqlite.c - connections to SQLite databases, and statements */
#include "wire/sqlite.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "wire/sqlite_lib.h"

enum {
	BUSY_MS = 20000,
	BUSY_AGAIN_MS = 500, /* once the long wait was in vain */
};

struct sqlite {
	sqlite3 *db;
	char *path;
	struct stat file; /* that 'path' was */
	bool reused;
};

/*
 * The last connection that was closed, for the next that asks for the same
 * file: to read MLflow's sixty tables again is a third of what a run costs.
 * It holds no lock.
 */
static struct sqlite *parked;

struct sqlite_query {
	struct sqlite *of;
	sqlite3_stmt *stmt;
	int failed; /* what a bind has said */
};

/* --- errors ------------------------------------------------------------- */

static int
tell_cannot_write(const struct sqlite *db, struct err *err)
{
	return err_set(err, ERR_CONFIG,
	               "the database '%s' cannot be written to: permit writing "
	               "to it and to its directory, or choose another tracking "
	               "store",
	               db->path);
}

static int
tell_system(const struct sqlite *db, int code, int sys, struct err *err)
{
	if (sys == EACCES || sys == EPERM || sys == EROFS)
		return tell_cannot_write(db, err);
	errno = sys ? sys : EIO;
	return err_sys(err, "the database '%s': %s", db->path,
	               sqlite_lib.errstr(code));
}

static int
tell_locked(const struct sqlite *db, struct err *err)
{
	sqlite_lib.busy_timeout(db->db, BUSY_AGAIN_MS);
	return err_set(err, ERR_RETRY,
	               "the database '%s' is locked by another program, for %d "
	               "seconds or more; if it is on a network file system, a "
	               "tracking server in front of it helps",
	               db->path, BUSY_MS / 1000);
}

static int
tell(const struct sqlite *db, int code, struct err *err)
{
	int sys = sqlite_lib.system_errno(db->db);

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return tell_locked(db, err);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return tell_cannot_write(db, err);
	case SQLITE_FULL:
		return tell_system(db, code, ENOSPC, err);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return tell_system(db, code, sys, err);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return err_set(err, ERR_CONFIG,
		               "'%s' is damaged or not an SQLite database: "
		               "restore it from a copy, or choose another "
		               "tracking store (%s)",
		               db->path, sqlite_lib.errmsg(db->db));
	case SQLITE_CONSTRAINT:
		return err_set(err, ERR_CONFLICT, "the database '%s': %s",
		               db->path, sqlite_lib.errmsg(db->db));
	default:
		return err_set(err, ERR_REMOTE, "the database '%s': %s",
		               db->path, sqlite_lib.errmsg(db->db));
	}
}

/* --- connections -------------------------------------------------------- */

static void
disconnect(struct sqlite *db)
{
	sqlite_lib.close(db->db);
	free(db->path);
	free(db);
}

static void __attribute__((destructor)) disconnect_parked(void)
{
	if (parked)
		disconnect(parked);
	parked = NULL;
}

/* Once only: whoever uses a store twice in a row will hardly do it again. */
void
sqlite_close(struct sqlite *db)
{
	if (!db)
		return;
	if (parked || db->reused || !db->file.st_ino ||
	    !sqlite_lib.get_autocommit(db->db))
		disconnect(db);
	else
		parked = db;
}

/* NULL: none, or it is of a file that is not there any more. */
static struct sqlite *
take_parked(const char *path)
{
	struct sqlite *db = parked;
	struct stat st;

	if (!db || strcmp(db->path, path) != 0)
		return NULL;
	parked = NULL;
	if (!stat(path, &st) && st.st_dev == db->file.st_dev &&
	    st.st_ino == db->file.st_ino) {
		db->reused = true;
		sqlite_lib.busy_timeout(db->db, BUSY_MS);
		return db;
	}
	disconnect(db);
	return NULL;
}

int
sqlite_exec(struct sqlite *db, const char *script, struct err *err)
{
	int code = sqlite_lib.exec(db->db, script, NULL, NULL, NULL);

	return code ? tell(db, sqlite_lib.extended_errcode(db->db), err) : 0;
}

static int
set_up(struct sqlite *db, struct err *err)
{
	sqlite_lib.busy_timeout(db->db, BUSY_MS);
	return sqlite_exec(db, "PRAGMA foreign_keys = ON", err);
}

int
sqlite_open(const char *path, bool create, struct sqlite **ret, struct err *err)
{
	/* A connection is used by one thread at a time. */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
	            (create ? SQLITE_OPEN_CREATE : 0);
	struct sqlite *db;
	int code;

	if (!create && !fs_exists(path))
		return err_set(err, ERR_NOTFOUND, "there is no database '%s'",
		               path);
	db = take_parked(path);
	if (db) {
		*ret = db;
		return 0;
	}
	if (sqlite_lib_need(err))
		return -1;
	db = mem_alloc(sizeof(*db));
	db->path = mem_dup(path);
	code = sqlite_lib.open_v2(path, &db->db, flags, NULL);
	if (code ? tell(db, code, err) : set_up(db, err)) {
		disconnect(db);
		return -1;
	}
	if (stat(path, &db->file))
		db->file.st_ino = 0;
	*ret = db;
	return 0;
}

int
sqlite_begin(struct sqlite *db, struct err *err)
{
	return sqlite_exec(db, "BEGIN IMMEDIATE", err);
}

int
sqlite_end(struct sqlite *db, int failed, struct err *err)
{
	if (!failed && !sqlite_exec(db, "COMMIT", err))
		return 0;
	/* Some failures have rolled back already. */
	if (!sqlite_lib.get_autocommit(db->db))
		sqlite_lib.exec(db->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int
sqlite_changes(struct sqlite *db)
{
	return sqlite_lib.changes(db->db);
}

int64_t
sqlite_last_id(struct sqlite *db)
{
	return sqlite_lib.last_insert_rowid(db->db);
}

/* --- statements --------------------------------------------------------- */

struct sqlite_query *
sqlite_prepare(struct sqlite *db, const char *text, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	struct sqlite_query *q;

	if (sqlite_lib.prepare_v2(db->db, text, -1, &stmt, NULL)) {
		tell(db, sqlite_lib.extended_errcode(db->db), err);
		return NULL;
	}
	q = mem_alloc(sizeof(*q));
	q->of = db;
	q->stmt = stmt;
	return q;
}

static void
note(struct sqlite_query *q, int code)
{
	if (code)
		q->failed = code;
}

void
sqlite_bind_text(struct sqlite_query *q, int at, const char *value)
{
	note(q, value ? sqlite_lib.bind_text(q->stmt, at, value, -1,
	                                     SQLITE_TRANSIENT)
	              : sqlite_lib.bind_null(q->stmt, at));
}

void
sqlite_bind_int(struct sqlite_query *q, int at, int64_t value)
{
	note(q, sqlite_lib.bind_int64(q->stmt, at, value));
}

void
sqlite_bind_real(struct sqlite_query *q, int at, double value)
{
	note(q, sqlite_lib.bind_double(q->stmt, at, value));
}

int
sqlite_step(struct sqlite_query *q, struct err *err)
{
	int code = q->failed ? q->failed : sqlite_lib.step(q->stmt);

	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	tell(q->of, q->failed ? code : sqlite_lib.extended_errcode(q->of->db),
	     err);
	sqlite_reset(q);
	return -1;
}

void
sqlite_reset(struct sqlite_query *q)
{
	q->failed = 0;
	sqlite_lib.reset(q->stmt);
}

int
sqlite_run(struct sqlite_query *q, struct err *err)
{
	int got;

	do
		got = sqlite_step(q, err);
	while (got > 0);
	sqlite_reset(q);
	return got;
}

const char *
sqlite_text(struct sqlite_query *q, int column)
{
	return (const char *)sqlite_lib.column_text(q->stmt, column);
}

int64_t
sqlite_int(struct sqlite_query *q, int column)
{
	return sqlite_lib.column_int64(q->stmt, column);
}

void
sqlite_query_free(struct sqlite_query **q)
{
	if (!*q)
		return;
	sqlite_lib.finalize((*q)->stmt);
	free(*q);
	*q = NULL;
}
