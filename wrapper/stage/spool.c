/* SPDX-License-Identifier: MIT */
/* spool.c - a run's directory on disk while it is not yet fully recorded */
#include "stage/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "stage/group.h"
#include "stage/outcome_file.h"
#include "stage/places.h"
#include "stage/process.h"

void
spool_places(const char *root, struct strv *to)
{
	const char *own = getenv("KMLFLOW_SPOOL_DIR");
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	const char *tmp = getenv("TMPDIR");

	if (own && *own) {
		strv_take(to, *own == '/' ? mem_dup(own) : fs_join(root, own));
		return;
	}
	strv_take(to, fs_join(root, ".kmlflow"));
	if (state && *state == '/')
		strv_take(to, fs_join(state, "kmlflow"));
	else if (home && *home == '/')
		strv_take(to, fs_join(home, ".local/state/kmlflow"));
	strv_take(to, mem_printf("%s/kmlflow-%u", tmp && *tmp ? tmp : "/tmp",
	                         (unsigned)geteuid()));
}

/* Others must not be able to plant files where we work. */
int
spool_check_owner(const char *dir, struct err *err)
{
	struct stat link;
	struct stat st;

	if (lstat(dir, &link) || stat(dir, &st))
		return err_sys(err, "look at '%s'", dir);
	/* A link of ours to a directory of ours is as good as that. */
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    link.st_uid != geteuid()) {
		errno = EACCES;
		return err_sys(err, "'%s' is not a directory of this user",
		               dir);
	}
	return 0;
}

/* The directory of spools, with a .gitignore of its own. */
int
spool_make_place(const char *place, struct err *err)
{
	cleanup_free char *ignore = fs_join(place, ".gitignore");
	cleanup_fd int fd = -1;

	if (fs_mkparents(place, 0777, err) ||
	    (mkdir(place, 0700) && errno != EEXIST &&
	     err_sys(err, "create directory '%s'", place)))
		return -1;
	if (spool_check_owner(place, err))
		return -1;
	fd = open(ignore, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fs_write_fd(fd, "*\n", 2, err);
	return errno == EEXIST ? 0 : err_sys(err, "create '%s'", ignore);
}

static int
take_lock(struct spool *s, int flags, struct err *err)
{
	cleanup_free char *path = spool_path(s, "lock");

	s->lock = open(path, O_RDWR | flags | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return err_sys(err, "open '%s'", path);
	if (!flock(s->lock, LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(err, ERR_RETRY,
		               "'%s' is being worked on by another kmlflow",
		               s->dir);
	/* A file system without locks: alone is the best guess. */
	return 0;
}

static int
create_in(const char *place, const char *id, struct spool *s, struct err *err)
{
	cleanup_free char *kept = NULL;

	if (spool_make_place(place, err))
		return -1;
	mem_replace(&s->dir, fs_join(place, id));
	kept = spool_path(s, "kept");
	if (mkdir(s->dir, 0700))
		return err_sys(err, "create directory '%s'", s->dir);
	if (take_lock(s, O_CREAT | O_EXCL, err))
		return -1;
	return mkdir(kept, 0700) ? err_sys(err, "create directory '%s'", kept)
	                         : 0;
}

int
spool_create(const char *root, const char *id, struct spool *ret,
             struct err *err)
{
	cleanup_strv struct strv places = STRV_INIT;
	struct spool s = SPOOL_INIT;

	spool_places(root, &places);
	for (size_t i = 0; i < places.n; i++) {
		if (!create_in(places.v[i], id, &s, err)) {
			places_note(places.v[i]);
			*ret = s;
			return 0;
		}
	}
	spool_close(&s);
	return err_wrap(err, "no place for the spool (set KMLFLOW_SPOOL_DIR)");
}

/* Whether CMD of this spool is still there. */
static bool
child_runs(const struct spool *s)
{
	cleanup_free char *path = spool_path(s, "child");
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	return (!fs_read(path, 256, &text, &err) && process_alive(text.s)) ||
	       group_runs(s->dir);
}

int
spool_open(const char *dir, struct spool *ret, struct err *err)
{
	cleanup_free char *record = NULL;
	struct spool s = SPOOL_INIT;

	s.dir = mem_dup(dir);
	record = spool_path(&s, "run.json");
	/* A clean-up job may have taken the lock away, and left the run. */
	if (spool_check_owner(dir, err) ||
	    take_lock(&s, fs_is_absent(record) ? 0 : O_CREAT, err)) {
		spool_close(&s);
		if (err->sys == ENOENT)
			err->kind = ERR_NOTFOUND;
		return -1;
	}
	if (fs_is_absent(record)) {
		spool_close(&s);
		return err_set(err, ERR_NOTFOUND, "'%s' holds no run", dir);
	}
	if (child_runs(&s)) {
		spool_close(&s);
		return err_set(err, ERR_RETRY,
		               "the command of '%s' is still running", dir);
	}
	*ret = s;
	return 0;
}

bool
spool_is_stillborn(const char *dir)
{
	struct timespec now;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &now);
	return !lstat(dir, &st) && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && st.st_mtim.tv_sec < now.tv_sec - 60;
}

char *
spool_path(const struct spool *s, const char *name)
{
	return fs_join(s->dir, name);
}

void
spool_note_child(const struct spool *s, pid_t pid)
{
	cleanup_free char *path = spool_path(s, "child");
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	process_identify(pid, &text);
	/* Without it a sync that comes too early is only less careful. */
	(void)fs_write_atomic(path, text.s, text.len, 0600, &err);
}

int
spool_save_outcome(const struct spool *s, const struct outcome *o,
                   struct err *err)
{
	cleanup_free char *path = spool_path(s, "outcome.json");

	return outcome_save(o, path, err);
}

int
spool_load_outcome(const struct spool *s, struct outcome *ret, struct err *err)
{
	cleanup_free char *path = spool_path(s, "outcome.json");

	return outcome_load(path, ret, err);
}

int
spool_remove(struct spool *s, struct err *err)
{
	cleanup_free char *record = spool_path(s, "run.json");
	cleanup_free char *place = fs_dirname(s->dir);

	/* First of all: what is left without it is no run any more. */
	if (unlink(record) && errno != ENOENT)
		return err_sys(err, "remove '%s'", record);
	if (fs_remove_tree(s->dir, err))
		return -1;
	places_forget(place);
	return 0;
}

int
spool_abandon(struct spool *s, struct err *err)
{
	cleanup_free char *place = fs_dirname(s->dir);
	cleanup_free char *ignore = fs_join(place, ".gitignore");
	struct dirent *entry;
	int others = 0;
	DIR *dir;

	if (spool_remove(s, err))
		return -1;
	dir = opendir(place);
	while (dir && (entry = readdir(dir)))
		others += strcmp(entry->d_name, ".gitignore") &&
		          strcmp(entry->d_name, ".") &&
		          strcmp(entry->d_name, "..");
	if (dir)
		closedir(dir);
	if (dir && !others && !unlink(ignore) && rmdir(place))
		return err_sys(err, "remove '%s'", place);
	return 0;
}

void
spool_close(struct spool *s)
{
	fd_close_ptr(&s->lock);
	fd_close_ptr(&s->done_fd);
	free(s->dir);
	*s = (struct spool)SPOOL_INIT;
}
