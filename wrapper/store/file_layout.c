/* SPDX-License-Identifier: MIT */
/* file_layout.c - MLflow's local directory: safe writing, listing, locking */
#include "store/file_layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"

enum {
	SMALL_FILE = 1024 * 1024, /* longest value that is read */
	LOCK_WAIT_MS = 15000,
	LOCK_STALE_S = 10, /* age at which a lock that is a file is void */
};

int
file_advise(const struct file_store *fs, struct err *err)
{
	if (err->kind != ERR_SYS)
		return -1;
	if (err->sys != EACCES && err->sys != EROFS && err->sys != EPERM &&
	    err->sys != ENOTDIR && err->sys != EEXIST)
		return -1;
	err->kind = ERR_CONFIG;
	return err_wrap(err,
	                "the tracking store '%s' cannot be written to; choose "
	                "another in mlflow.yml or with MLFLOW_TRACKING_URI",
	                fs->root);
}

char *
file_temp_name(const char *prefix, const char *suffix)
{
	return mem_printf("%s.kmlflow-%016llx%s", prefix,
	                  (unsigned long long)clock_random(UINT64_MAX), suffix);
}

int
file_rename_new(const char *from, const char *to)
{
	if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* NFS and old kernels: link(2) refuses as well, but only files. */
	if (!link(from, to))
		return unlink(from);
	if (errno != EPERM && errno != EOPNOTSUPP && errno != EISDIR)
		return -1;
	if (!fs_is_absent(to)) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

/* The parents of a key with slashes are made when they are missed. */
static int
place(const char *temp, const char *path, bool replace, struct err *err)
{
	for (int again = 1; again >= 0; again--) {
		int failed =
		    replace ? rename(temp, path) : file_rename_new(temp, path);

		if (!failed)
			return 0;
		if (errno == EEXIST && !replace)
			return 1;
		if (errno != ENOENT || !again)
			break;
		if (fs_mkparents(path, 0777, err))
			return -1;
	}
	return err_sys(err, "write '%s'", path);
}

/* Opens 'path', making its parents when they are missed. */
static int
open_new(const char *path, struct err *err)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
	int fd = open(path, flags, 0666);

	if (fd < 0 && errno == ENOENT) {
		if (fs_mkparents(path, 0777, err))
			return -1;
		fd = open(path, flags, 0666);
	}
	return fd < 0 ? err_sys(err, "write '%s'", path) : fd;
}

static int
write_new(const char *path, const struct buf *data, bool settle,
          struct err *err)
{
	cleanup_fd int fd = open_new(path, err);

	if (fd < 0)
		return -1;
	if (fs_write_fd(fd, data->s, data->len, err))
		return err_wrap(err, "'%s'", path);
	return settle ? fs_settle(fd, path, err) : 0;
}

int
file_put_unseen(const char *path, const struct buf *data, struct err *err)
{
	return write_new(path, data, false, err);
}

static int
put(const char *temp_dir, const char *path, const struct buf *data,
    bool replace, bool settle, struct err *err)
{
	cleanup_free char *prefix = mem_printf("%s/", temp_dir);
	cleanup_free char *temp = file_temp_name(prefix, "");
	int ret;

	if (write_new(temp, data, settle, err)) {
		unlink(temp);
		return -1;
	}
	ret = place(temp, path, replace, err);
	if (ret)
		unlink(temp);
	return ret;
}

int
file_put(const char *temp_dir, const char *path, const struct buf *data,
         bool replace, struct err *err)
{
	return put(temp_dir, path, data, replace, false, err);
}

int
file_put_settled(const char *temp_dir, const char *path, const struct buf *data,
                 bool replace, struct err *err)
{
	return put(temp_dir, path, data, replace, true, err);
}

int
file_get(const char *path, struct buf *to, struct err *err)
{
	/* A FIFO must not hold us up. */
	cleanup_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOTFOUND, "there is no '%s'", path);
	if (fd < 0 || fstat(fd, &st))
		return err_sys(err, "open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT, "'%s' is not a regular file",
		               path);
	if (fs_read_fd(fd, SMALL_FILE, to, err))
		return err_wrap(err, "'%s'", path);
	return 0;
}

static bool
ends_with(const char *s, const char *suffix)
{
	size_t len = strlen(s);
	size_t slen = strlen(suffix);

	return len >= slen && !strcmp(s + len - slen, suffix);
}

int
file_list_dirs(const char *path, struct strv *ret, struct err *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int failed = 0;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return err_sys(err, "read directory '%s'", path);
	while (errno = 0, (entry = readdir(dir))) {
		/* Links and file systems that do not tell are tried. */
		if (entry->d_type != DT_DIR && entry->d_type != DT_LNK &&
		    entry->d_type != DT_UNKNOWN)
			continue;
		if (*entry->d_name != '.' &&
		    !ends_with(entry->d_name, FILE_TEMP_DIR_SUFFIX))
			strv_add(ret, entry->d_name);
	}
	if (errno)
		failed = err_sys(err, "read directory '%s'", path);
	closedir(dir);
	return failed;
}

static void
sleep_ms(long ms)
{
	struct timespec ts = {.tv_nsec = ms * 1000000};

	nanosleep(&ts, NULL);
}

/* Where flock(2) is missing, the lock is a file that only one can create. */
static int
try_exclusive(struct file_lock *lock)
{
	struct stat st;
	int fd =
	    open(lock->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd >= 0) {
		lock->fd = fd;
		return 1;
	}
	if (errno != EEXIST)
		return -1;
	/* Its owner has died: nobody needs it for so long. */
	if (!stat(lock->path, &st) && time(NULL) - st.st_mtime > LOCK_STALE_S)
		unlink(lock->path);
	return 0;
}

/* 1: taken, 0: somebody else has it, -1: failed. */
static int
try_lock(const struct file_store *fs, struct file_lock *lock)
{
	if (lock->path)
		return try_exclusive(lock);
	if (!flock(lock->fd, LOCK_EX | LOCK_NB))
		return 1;
	if (errno == EWOULDBLOCK || errno == EINTR)
		return 0;
	if (errno != ENOLCK && errno != EOPNOTSUPP && errno != ENOSYS &&
	    errno != EBADF)
		return -1;
	close(fd_steal(&lock->fd));
	lock->path = mem_printf("%s/.kmlflow.lock.held", fs->root);
	return try_exclusive(lock);
}

int
file_lock(const struct file_store *fs, struct file_lock *ret, struct err *err)
{
	cleanup_free char *path = mem_printf("%s/.kmlflow.lock", fs->root);
	int64_t end = clock_mono_ns() + (int64_t)LOCK_WAIT_MS * 1000000;
	int taken;

	/* Another user's file may only be read, which is enough for flock. */
	ret->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (ret->fd < 0 && errno == EACCES)
		ret->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (ret->fd < 0)
		return err_sys(err, "create '%s'", path);
	for (long wait = 1; !(taken = try_lock(fs, ret));) {
		if (clock_mono_ns() > end)
			return err_set(err, ERR_RETRY,
			               "another process has held '%s' for "
			               "too long",
			               path);
		sleep_ms(wait);
		wait = wait < 16 ? wait * 2 : 16;
	}
	return taken > 0 ? 0 : err_sys(err, "lock '%s'", path);
}

void
file_unlock(struct file_lock *lock)
{
	if (lock->path && lock->fd >= 0)
		unlink(lock->path);
	mem_replace(&lock->path, NULL);
	fd_close_ptr(&lock->fd);
	lock->fd = -1;
}
