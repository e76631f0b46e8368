/* SPDX-License-Identifier: MIT */
/* sqlite_create.c - a new database, as MLflow itself would make it */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "store/file_layout.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_store.h"

/* All tables, and the experiment that each MLflow expects. */
static int
fill(struct sqlite_store *s, struct err *err)
{
	cleanup_buf struct buf script = BUF_INIT;
	enum sqlite_state state;

	if (sqlite_store_look(s, &state, err))
		return -1;
	/* Somebody else was first. */
	if (state != SQLITE_EMPTY)
		return 0;
	for (const char *const *line = sqlite_schema; *line; line++)
		buf_adds(&script, *line);
	if (sqlite_exec(s->db, script.s, err) ||
	    sqlite_store_look(s, &state, err))
		return -1;
	return sqlite_add_experiment(s, 0, "Default", NULL, err);
}

int
sqlite_store_fill(struct sqlite_store *s, struct err *err)
{
	if (sqlite_begin(s->db, err))
		return -1;
	return sqlite_end(s->db, fill(s, err), err);
}

static int
sync_file(const char *path, struct err *err)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 || fsync(fd) ? err_sys(err, "write '%s'", path) : 0;
}

/* Nobody else knows the file yet: neither a journal nor locks matter. */
static int
make(struct sqlite_store *s, const char *temp, struct err *err)
{
	int failed;

	if (sqlite_open(temp, true, &s->db, err))
		return -1;
	failed = sqlite_exec(s->db,
	                     "PRAGMA journal_mode = OFF;"
	                     "PRAGMA synchronous = OFF",
	                     err) ||
	         sqlite_store_fill(s, err);
	sqlite_close(s->db);
	s->db = NULL;
	return failed ? -1 : sync_file(temp, err);
}

/* What a database of this name has left behind when it was removed. */
static bool
has_leftovers(const char *path)
{
	cleanup_free char *journal = mem_printf("%s-journal", path);
	cleanup_free char *wal = mem_printf("%s-wal", path);

	return !fs_is_absent(journal) || !fs_is_absent(wal);
}

/* SQLite knows what to do with leftovers, where it makes the file itself. */
static int
make_in_place(struct sqlite_store *s, struct err *err)
{
	int failed = sqlite_open(s->path, true, &s->db, err);

	if (!failed)
		failed = sqlite_store_fill(s, err);
	sqlite_close(s->db);
	s->db = NULL;
	return failed;
}

int
sqlite_store_create(struct sqlite_store *s, struct err *err)
{
	cleanup_free char *dir = fs_dirname(s->path);
	cleanup_free char *prefix = mem_printf("%s/", dir);
	cleanup_free char *temp = file_temp_name(prefix, ".db");
	int failed;

	if (fs_mkdirs(dir, 0777, err))
		return err_wrap(err, "the database '%s'", s->path);
	if (has_leftovers(s->path))
		return make_in_place(s, err);
	failed = make(s, temp, err);
	if (!failed && file_rename_new(temp, s->path) && errno != EEXIST)
		failed = err_sys(err, "create the database '%s'", s->path);
	/* Gone already, unless it failed or somebody else was first. */
	unlink(temp);
	return failed;
}
