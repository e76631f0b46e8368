/* SPDX-License-Identifier: MIT */
/* artifact_local.c - artifacts in a local directory */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "store/artifact_impl.h"
#include "store/copy_range.h"
#include "store/local_uri.h"

/* Directories that are kept open on the way to the last key. */
enum { LEVELS = 32, TEMP_NAME = 64 };

/* What is to be stored. */
struct source {
	int fd;
	off_t size;
};

struct level {
	char *name;
	int fd;
	bool ours; /* made by us: what we have not put there is not there */
};

struct local {
	struct artifact base;
	char *path; /* of the artifact directory */
	int top;    /* open on it, -1 before the first need */
	/*
	 * Where files are made before they are renamed: the run's directory,
	 * for a reader lists everything in the artifact directory itself.
	 */
	int staging;
	struct level levels[LEVELS];
	size_t depth;
	struct copier copier;
	bool no_unnamed; /* files without a name cannot be had here */
	unsigned serial;
	uint64_t token; /* sets the temporary names of this process apart */
};

static void
drop_levels(struct local *l, size_t from)
{
	while (l->depth > from) {
		struct level *last = &l->levels[--l->depth];

		close(last->fd);
		free(last->name);
	}
}

static void
local_close(struct artifact *a)
{
	struct local *l = container_of(a, struct local, base);

	drop_levels(l, 0);
	fd_close_ptr(&l->top);
	fd_close_ptr(&l->staging);
	copier_free(&l->copier);
	free(l->path);
	free(l);
}

static int
local_open(const char *uri, struct artifact **ret, struct err *err)
{
	cleanup_free char *path = NULL;
	struct local *l;

	if (local_uri_path(uri, &path, err))
		return err_wrap(err, "artifact URI");
	l = mem_alloc(sizeof(*l));
	l->base.ops = &artifact_local_ops;
	l->path = mem_steal(&path);
	l->top = l->staging = -1;
	l->token = clock_random(UINT64_MAX);
	*ret = &l->base;
	return 0;
}

static int
open_dir(const char *path, int *ret, struct err *err)
{
	*ret = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret < 0 ? err_sys(err, "open directory '%s'", path) : 0;
}

/* Both must lie in one file system: the file is renamed from one to other. */
static int
open_staging(struct local *l, struct err *err)
{
	cleanup_free char *name = fs_basename(l->path);
	cleanup_free char *parent = fs_dirname(l->path);
	struct stat top, staging;

	if (!strcmp(name, "artifacts") && !open_dir(parent, &l->staging, err) &&
	    !fstat(l->top, &top) && !fstat(l->staging, &staging) &&
	    top.st_dev == staging.st_dev &&
	    !faccessat(l->staging, ".", W_OK | X_OK, AT_EACCESS))
		return 0;
	fd_close_ptr(&l->staging);
	l->staging = fcntl(l->top, F_DUPFD_CLOEXEC, 3);
	return l->staging < 0 ? err_sys(err, "dup") : 0;
}

static int
open_top(struct local *l, struct err *err)
{
	if (l->top >= 0)
		return 0;
	if (fs_mkdirs(l->path, 0777, err) || open_dir(l->path, &l->top, err))
		return -1;
	if (!open_staging(l, err))
		return 0;
	fd_close_ptr(&l->top);
	return -1;
}

/*
 * One level down.  A symbolic link is not followed: it could lead out of the
 * run.  1: it is not there and 'make' is not set.
 */
static int
step(int dir, const char *name, bool make, struct level *ret, struct err *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, name, flags);

	ret->ours = false;
	if (fd < 0 && errno == ENOENT) {
		if (!make)
			return 1;
		ret->ours = !mkdirat(dir, name, 0777);
		if (!ret->ours && errno != EEXIST)
			return err_sys(err, "create directory '%s'", name);
		fd = openat(dir, name, flags);
	}
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return err_set(err, ERR_CONFLICT,
		               "'%s' is there and is not a directory", name);
	if (fd < 0)
		return err_sys(err, "open directory '%s'", name);
	ret->fd = fd;
	return 0;
}

static int
current(const struct local *l)
{
	return l->depth ? l->levels[l->depth - 1].fd : l->top;
}

/* How many of the open levels lie on the way to 'key'; *rest follows. */
static size_t
common_levels(const struct local *l, const char *key, const char **rest)
{
	size_t n = 0;

	for (; n < l->depth; n++) {
		const char *name = l->levels[n].name;
		size_t len = strlen(name);

		if (strncmp(key, name, len) != 0 || key[len] != '/')
			break;
		key += len + 1;
	}
	*rest = key;
	return n;
}

/*
 * The directory of 'key' (kept by 'l') and the last component.  Keys mostly
 * come one directory after the other, so the way to the last one is kept.
 * 1: not there and 'make' is not set.
 */
static int
enter(struct local *l, const char *key, bool make, const char **base,
      struct err *err)
{
	const char *rest;
	const char *slash;

	drop_levels(l, common_levels(l, key, &rest));
	while ((slash = strchr(rest, '/'))) {
		cleanup_free char *name =
		    mem_ndup(rest, (size_t)(slash - rest));
		struct level *next = &l->levels[l->depth];
		int got;

		if (l->depth == LEVELS)
			return err_set(err, ERR_FORMAT,
			               "artifact path '%s' has more than %d "
			               "levels",
			               key, LEVELS);
		got = step(current(l), name, make, next, err);
		if (got)
			return got;
		next->name = mem_steal(&name);
		l->depth++;
		rest = slash + 1;
	}
	*base = rest;
	return 0;
}

static void
name_temp(struct local *l, char to[TEMP_NAME])
{
	snprintf(to, TEMP_NAME, ".kmlflow-%016llx-%u",
	         (unsigned long long)l->token, l->serial++);
}

/* The finished file takes its place. */
static int
move_in(struct local *l, const char *temp, int dir, const char *base,
        struct err *err)
{
	if (!renameat(l->staging, temp, dir, base))
		return 0;
	if (errno == EISDIR || errno == ENOTEMPTY || errno == EEXIST)
		err_set(err, ERR_CONFLICT, "a directory is there");
	else
		err_sys(err, "rename");
	unlinkat(l->staging, temp, 0);
	return -1;
}

/* Over a file that is there only rename(2) can put another, whole. */
static int
link_over(struct local *l, int out, int dir, const char *base, struct err *err)
{
	char temp[TEMP_NAME];

	name_temp(l, temp);
	if (linkat(out, "", l->staging, temp, AT_EMPTY_PATH))
		return err_sys(err, "link");
	return move_in(l, temp, dir, base, err);
}

/*
 * Through a file that has no name until it is whole, so that a crash leaves
 * nothing.  1: not possible here.
 */
static int
put_unnamed(struct local *l, int dir, const char *base,
            const struct source *from, struct err *err)
{
	cleanup_fd int out = -1;

	if (l->no_unnamed)
		return 1;
	out = openat(dir, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0666);
	if (out < 0) {
		l->no_unnamed =
		    errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL;
		return 1;
	}
	if (copier_run(&l->copier, from->fd, out, from->size, err))
		return -1;
	if (!linkat(out, "", dir, base, AT_EMPTY_PATH))
		return 0;
	if (errno == EEXIST)
		return link_over(l, out, dir, base, err);
	/* Before Linux 6.10 that takes a privilege: it says ENOENT. */
	l->no_unnamed = true;
	return 1;
}

static int
put_named(struct local *l, int dir, const char *base, const struct source *from,
          struct err *err)
{
	const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
	char temp[TEMP_NAME];
	cleanup_fd int out = -1;

	name_temp(l, temp);
	out = openat(l->staging, temp, flags, 0666);
	if (out < 0)
		return err_sys(err, "create a file");
	if (copier_run(&l->copier, from->fd, out, from->size, err)) {
		unlinkat(l->staging, temp, 0);
		return -1;
	}
	return move_in(l, temp, dir, base, err);
}

static int
put_in(struct local *l, const char *key, const struct source *from,
       struct err *err)
{
	const char *base;
	int got;

	if (enter(l, key, true, &base, err))
		return -1;
	got = put_unnamed(l, current(l), base, from, err);
	if (got > 0)
		got = put_named(l, current(l), base, from, err);
	return got;
}

static int
local_put(struct artifact *a, const char *key, int fd, off_t size,
          struct err *err)
{
	struct local *l = container_of(a, struct local, base);
	struct source from = {.fd = fd, .size = size};

	if (open_top(l, err))
		return -1;
	if (!put_in(l, key, &from, err))
		return 0;
	/* Somebody removed the directory that was kept open. */
	if (err->kind == ERR_SYS && err->sys == ENOENT && l->depth) {
		drop_levels(l, 0);
		if (!put_in(l, key, &from, err))
			return 0;
	}
	return err_wrap(err, "artifact '%s'", key);
}

static int
local_same(struct artifact *a, const char *key, int fd, off_t size,
           struct err *err)
{
	struct local *l = container_of(a, struct local, base);
	cleanup_fd int other = -1;
	const char *base;
	struct stat st;
	int got;

	if (l->top < 0 && !fs_exists(l->path))
		return 0;
	if (open_top(l, err))
		return -1;
	got = enter(l, key, false, &base, err);
	if (got > 0 || (got && err->kind == ERR_CONFLICT))
		return 0;
	if (got)
		return err_wrap(err, "artifact '%s'", key);
	if (l->depth && l->levels[l->depth - 1].ours)
		return 0;
	other = openat(current(l), base,
	               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (other < 0 || fstat(other, &st) || !S_ISREG(st.st_mode) ||
	    st.st_size != size)
		return 0;
	return copier_same(&l->copier, fd, other, size, err);
}

static const char *const schemes[] = {"", "file", NULL};

const struct artifact_ops artifact_local_ops = {
    .schemes = schemes,
    .open = local_open,
    .close = local_close,
    .put = local_put,
    .same = local_same,
};
