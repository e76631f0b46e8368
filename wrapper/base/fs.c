/* SPDX-License-Identifier: MIT */
/* fs.c - files: whole reads with a cap, atomic writes, trees */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

enum { CHUNK = 64 * 1024, FIRST_CHUNK = 1024 };

int
fs_read_fd(int fd, size_t cap, struct buf *to, struct err *err)
{
	size_t start = to->len;

	for (;;) {
		/* Most files are small, and clearing memory costs as well. */
		size_t want =
		    to->len - start < FIRST_CHUNK ? FIRST_CHUNK : CHUNK;
		ssize_t n;

		buf_reserve(to, want);
		n = read(fd, to->s + to->len, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read");
		if (n == 0)
			return 0;
		to->len += (size_t)n;
		to->s[to->len] = '\0';
		if (to->len - start > cap)
			return err_set(err, ERR_FORMAT, "larger than %zu bytes",
			               cap);
	}
}

int
fs_read(const char *path, size_t cap, struct buf *to, struct err *err)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "open '%s'", path);
	if (fs_read_fd(fd, cap, to, err))
		return err_wrap(err, "'%s'", path);
	return 0;
}

int
fs_write_fd(int fd, const void *data, size_t len, struct err *err)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "write");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static bool careful;

bool
fs_set_careful(bool wanted)
{
	bool was = careful;

	careful = wanted;
	return was;
}

bool
fs_is_careful(void)
{
	return careful;
}

int
fs_settle(int fd, const char *path, struct err *err)
{
	/* Some file systems cannot, and say so. */
	if (!careful || !fdatasync(fd) || errno == EINVAL || errno == ENOSYS ||
	    errno == EROFS || errno == EPERM)
		return 0;
	return err_sys(err, "write '%s' to the disk", path);
}

int
fs_write_atomic(const char *path, const void *data, size_t len, mode_t mode,
                struct err *err)
{
	cleanup_free char *dir = fs_dirname(path);
	cleanup_free char *temp = mem_printf("%s/.kmlflow-XXXXXX", dir);
	cleanup_fd int fd = mkostemp(temp, O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "create a file in '%s'", dir);
	if (fs_write_fd(fd, data, len, err)) {
		unlink(temp);
		return err_wrap(err, "'%s'", path);
	}
	if (fs_settle(fd, path, err)) {
		unlink(temp);
		return -1;
	}
	if (fchmod(fd, mode) || rename(temp, path)) {
		err_sys(err, "write '%s'", path);
		unlink(temp);
		return -1;
	}
	return 0;
}

int
fs_mkdirs(const char *path, mode_t mode, struct err *err)
{
	cleanup_free char *copy = mem_dup(path);

	if (!mkdir(path, mode) || fs_is_dir(path))
		return 0;
	for (char *p = copy + (*copy != '\0'); *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, mode) && errno != EEXIST && !fs_is_dir(copy))
			return err_sys(err, "create directory '%s'", copy);
		*p = '/';
	}
	if (mkdir(path, mode) && !fs_is_dir(path))
		return err_sys(err, "create directory '%s'", path);
	return 0;
}

int
fs_mkparents(const char *path, mode_t mode, struct err *err)
{
	cleanup_free char *dir = fs_dirname(path);

	return fs_mkdirs(dir, mode, err);
}

static int remove_at(int dirfd, const char *name, int depth, struct err *err);

static int
remove_entries(int dirfd, const char *name, int depth, struct err *err)
{
	int fd = openat(dirfd, name,
	                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int ret = 0;

	if (!dir) {
		err_sys(err, "open directory '%s'", name);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (!ret && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		ret = remove_at(fd, entry->d_name, depth + 1, err);
	}
	closedir(dir);
	return ret;
}

static int
remove_at(int dirfd, const char *name, int depth, struct err *err)
{
	if (!unlinkat(dirfd, name, 0) || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(err, "remove '%s'", name);
	if (depth > 64)
		return err_set(err, ERR_FORMAT, "remove '%s': too deep", name);
	if (remove_entries(dirfd, name, depth, err))
		return -1;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) && errno != ENOENT)
		return err_sys(err, "remove '%s'", name);
	return 0;
}

int
fs_remove_tree(const char *path, struct err *err)
{
	return remove_at(AT_FDCWD, path, 0, err);
}

bool
fs_is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

bool
fs_exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

bool
fs_is_absent(const char *path)
{
	struct stat st;

	return lstat(path, &st) && (errno == ENOENT || errno == ENOTDIR);
}

char *
fs_join(const char *base, const char *path)
{
	size_t len = strlen(base);

	if (*path == '/')
		return mem_dup(path);
	return mem_printf("%s%s%s", base,
	                  len && base[len - 1] == '/' ? "" : "/", path);
}

/* Length without trailing slashes; 1 for "/" alone. */
static size_t
bare_len(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return len;
}

char *
fs_basename(const char *path)
{
	size_t end = bare_len(path);
	size_t start = end;

	while (start && path[start - 1] != '/')
		start--;
	return mem_ndup(path + start, end - start);
}

char *
fs_dirname(const char *path)
{
	size_t len = bare_len(path);

	while (len && path[len - 1] != '/')
		len--;
	if (!len)
		return mem_dup(".");
	while (len > 1 && path[len - 1] == '/')
		len--;
	return mem_ndup(path, len);
}

char *
fs_normalise(const char *path)
{
	cleanup_buf struct buf out = BUF_INIT;

	while (*path) {
		size_t len;

		while (*path == '/')
			path++;
		len = strcspn(path, "/");
		if (len == 2 && !strncmp(path, "..", 2)) {
			const char *cut = strrchr(out.s, '/');

			buf_cut(&out, cut ? (size_t)(cut - out.s) : 0);
		} else if (len && !(len == 1 && *path == '.')) {
			buf_addc(&out, '/');
			buf_add(&out, path, len);
		}
		path += len;
	}
	if (!out.len)
		buf_addc(&out, '/');
	return buf_detach(&out);
}

char *
fs_resolve(const char *path)
{
	char *whole = realpath(path, NULL);
	cleanup_free char *dir = NULL;
	cleanup_free char *base = NULL;
	cleanup_free char *parent = NULL;
	cleanup_free char *joined = NULL;

	if (whole)
		return whole;
	dir = fs_dirname(path);
	base = fs_basename(path);
	if (!strcmp(dir, path) || !strcmp(dir, "."))
		return mem_dup(path);
	parent = fs_resolve(dir);
	joined = fs_join(parent, base);
	return fs_normalise(joined);
}

char *
fs_cwd(void)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;
	char *cwd = getcwd(NULL, 0);

	/* "(unreachable)/…" is what Linux says of a cwd outside the root. */
	if (cwd && *cwd == '/')
		return cwd;
	if (!atomic_flag_test_and_set(&told))
		log_warn("the current directory has no name (%s): '/' is taken "
		         "for it",
		         cwd ? cwd : strerror(errno));
	free(cwd);
	return mem_dup("/");
}
