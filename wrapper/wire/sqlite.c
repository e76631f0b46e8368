/* SPDX-License-Identifier: MIT */
/* sqlite.c - libsqlite3, loaded at the first use */
#include "wire/sqlite.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

enum {
	BUSY_MS = 20000,
	BUSY_AGAIN_MS = 500, /* once the long wait was in vain */
	OLDEST = 3031000,    /* MLflow's tables have generated columns */
};

/* Those of the library's functions that are used here. */
#define FUNCTIONS(X)                                                           \
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

#define MEMBER(name) __typeof__(&sqlite3_##name) name;
#define NAME(name) "sqlite3_" #name,

/* All are pointers to functions, in the order of the list. */
struct api {
	FUNCTIONS(MEMBER)
};

static const char *const names[] = {FUNCTIONS(NAME)};

static struct api lib;
static struct err load_error;
static pthread_once_t once = PTHREAD_ONCE_INIT;

struct sqlite {
	sqlite3 *db;
	char *path;
};

struct sqlite_query {
	struct sqlite *of;
	sqlite3_stmt *stmt;
	int failed; /* what a bind has said */
};

/* ISO C has no cast from an object's address to a function's. */
static void
load(void)
{
	void *handle = dlopen("libsqlite3.so.0", RTLD_LAZY | RTLD_LOCAL);
	const size_t size = sizeof(lib) / ARRAY_LEN(names);

	if (!handle)
		handle = dlopen("libsqlite3.so", RTLD_LAZY | RTLD_LOCAL);
	if (!handle) {
		err_set(
		    &load_error, ERR_CONFIG,
		    "libsqlite3 is not installed, and the tracking store is "
		    "an SQLite database: install it, or choose a directory "
		    "with MLFLOW_TRACKING_URI=mlruns (%s)",
		    dlerror());
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		void *found = dlsym(handle, names[i]);

		if (!found) {
			err_set(&load_error, ERR_CONFIG,
			        "libsqlite3 is too old: it has no %s",
			        names[i]);
			return;
		}
		memcpy((char *)&lib + i * size, &found, size);
	}
	if (lib.libversion_number() < OLDEST)
		err_set(&load_error, ERR_CONFIG,
		        "libsqlite3 is too old: MLflow's databases need 3.31");
}

static int
need_library(struct err *err)
{
	pthread_once(&once, load);
	if (load_error.kind == ERR_NONE)
		return 0;
	*err = load_error;
	return -1;
}

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
	               lib.errstr(code));
}

static int
tell_locked(const struct sqlite *db, struct err *err)
{
	lib.busy_timeout(db->db, BUSY_AGAIN_MS);
	return err_set(err, ERR_RETRY,
	               "the database '%s' is locked by another program, for %d "
	               "seconds or more; if it is on a network file system, a "
	               "tracking server in front of it helps",
	               db->path, BUSY_MS / 1000);
}

static int
tell(const struct sqlite *db, int code, struct err *err)
{
	int sys = lib.system_errno(db->db);

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
		               db->path, lib.errmsg(db->db));
	case SQLITE_CONSTRAINT:
		return err_set(err, ERR_CONFLICT, "the database '%s': %s",
		               db->path, lib.errmsg(db->db));
	default:
		return err_set(err, ERR_REMOTE, "the database '%s': %s",
		               db->path, lib.errmsg(db->db));
	}
}

/* --- connections -------------------------------------------------------- */

void
sqlite_close(struct sqlite *db)
{
	if (!db)
		return;
	lib.close(db->db);
	free(db->path);
	free(db);
}

int
sqlite_exec(struct sqlite *db, const char *script, struct err *err)
{
	int code = lib.exec(db->db, script, NULL, NULL, NULL);

	return code ? tell(db, lib.extended_errcode(db->db), err) : 0;
}

static int
set_up(struct sqlite *db, struct err *err)
{
	lib.busy_timeout(db->db, BUSY_MS);
	return sqlite_exec(db, "PRAGMA foreign_keys = ON", err);
}

int
sqlite_open(const char *path, bool create, struct sqlite **ret, struct err *err)
{
	int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
	struct sqlite *db;
	int code;

	if (!create && !fs_exists(path))
		return err_set(err, ERR_NOTFOUND, "there is no database '%s'",
		               path);
	if (need_library(err))
		return -1;
	db = mem_alloc(sizeof(*db));
	db->path = mem_dup(path);
	code = lib.open_v2(path, &db->db, flags, NULL);
	if (code ? tell(db, code, err) : set_up(db, err)) {
		sqlite_close(db);
		return -1;
	}
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
	if (!lib.get_autocommit(db->db))
		lib.exec(db->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int
sqlite_changes(struct sqlite *db)
{
	return lib.changes(db->db);
}

int64_t
sqlite_last_id(struct sqlite *db)
{
	return lib.last_insert_rowid(db->db);
}

/* --- statements --------------------------------------------------------- */

struct sqlite_query *
sqlite_prepare(struct sqlite *db, const char *text, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	struct sqlite_query *q;

	if (lib.prepare_v2(db->db, text, -1, &stmt, NULL)) {
		tell(db, lib.extended_errcode(db->db), err);
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
	note(q, value ? lib.bind_text(q->stmt, at, value, -1, SQLITE_TRANSIENT)
	              : lib.bind_null(q->stmt, at));
}

void
sqlite_bind_int(struct sqlite_query *q, int at, int64_t value)
{
	note(q, lib.bind_int64(q->stmt, at, value));
}

void
sqlite_bind_real(struct sqlite_query *q, int at, double value)
{
	note(q, lib.bind_double(q->stmt, at, value));
}

int
sqlite_step(struct sqlite_query *q, struct err *err)
{
	int code = q->failed ? q->failed : lib.step(q->stmt);

	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	tell(q->of, q->failed ? code : lib.extended_errcode(q->of->db), err);
	sqlite_reset(q);
	return -1;
}

void
sqlite_reset(struct sqlite_query *q)
{
	q->failed = 0;
	lib.reset(q->stmt);
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
	return (const char *)lib.column_text(q->stmt, column);
}

int64_t
sqlite_int(struct sqlite_query *q, int column)
{
	return lib.column_int64(q->stmt, column);
}

void
sqlite_query_free(struct sqlite_query **q)
{
	if (!*q)
		return;
	lib.finalize((*q)->stmt);
	free(*q);
	*q = NULL;
}
