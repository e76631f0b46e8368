/* SPDX-License-Identifier: MIT */
/* barrier.c - what is acknowledged is on the disk */
#include "stage/barrier.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"
#include "stage/hurry.h"

/* How often hurry_now() is asked. */
enum { LOOK_MS = 20 };

/* A directory on each file system. */
struct disks {
	struct strv dirs;
	dev_t *seen;
	size_t n;
};

static bool
is_memory(const struct statfs *fs)
{
	return fs->f_type == TMPFS_MAGIC || fs->f_type == RAMFS_MAGIC;
}

static void
add(struct disks *d, const char *dir)
{
	struct statfs fs;
	struct stat st;

	if (stat(dir, &st) || statfs(dir, &fs) || is_memory(&fs))
		return;
	for (size_t i = 0; i < d->n; i++)
		if (d->seen[i] == st.st_dev)
			return;
	d->seen[d->n++] = st.st_dev;
	strv_add(&d->dirs, dir);
}

static bool
is_of_disk(int error)
{
	return error == EIO || error == ENOSPC || error == EDQUOT;
}

/*
 * In a process of its own: nothing interrupts a thread that waits for a disk,
 * and who started us would wait with it.  It keeps nothing open of what our
 * caller may wait to be closed.  Only calls that signal-safety(7) allows.
 */
static _Noreturn void
wait_for_disks(const struct disks *d, int to)
{
	int failed = 0;

	setsid();
	if (dup2(to, 0) < 0 || close_range(1, ~0U, 0))
		failed = errno;
	for (size_t i = 0; i < d->dirs.n && !failed; i++) {
		int fd = open(d->dirs.v[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		/* A sandbox that forbids the call is no disk that fails. */
		if (fd >= 0 && syncfs(fd) && is_of_disk(errno))
			failed = errno;
	}
	_exit(write(0, &failed, sizeof(failed)) != sizeof(failed));
}

/* 0, or -1 once somebody wants us to end. */
static int
wait_for_answer(int from, int *failed, struct err *err)
{
	struct pollfd pfd = {.fd = from, .events = POLLIN};
	ssize_t n;

	while ((n = poll(&pfd, 1, LOOK_MS)) <= 0) {
		if (n < 0 && errno != EINTR)
			return err_sys(err, "poll");
		if (hurry_now() != HURRY_NONE)
			return err_set(err, ERR_RETRY,
			               "the disk is still being written");
	}
	do
		n = read(from, failed, sizeof(*failed));
	while (n < 0 && errno == EINTR);
	if (n == sizeof(*failed))
		return 0;
	return err_set(err, ERR_RETRY, "waiting for the disk ended early");
}

static int
wait_in_child(const struct disks *d, struct err *err)
{
	cleanup_fd int from = -1;
	int failed = 0;
	int ends[2];
	pid_t pid;
	int ret;

	if (pipe2(ends, O_CLOEXEC))
		return err_sys(err, "pipe");
	from = ends[0];
	pid = fork();
	if (!pid)
		wait_for_disks(d, ends[1]);
	close(ends[1]);
	if (pid < 0)
		return err_sys(err, "fork");
	ret = wait_for_answer(from, &failed, err);
	/* One that is left behind ends by itself. */
	while (waitpid(pid, NULL, ret ? WNOHANG : 0) < 0 && errno == EINTR)
		;
	if (ret || !failed)
		return ret;
	errno = failed;
	return err_sys(err, "write to the disk of '%s'", d->dirs.v[0]);
}

bool
barrier_wanted(void)
{
	const char *value = getenv("KMLFLOW_FSYNC");

	return !value || strcmp(value, "0") != 0;
}

int
barrier(const struct strv *dirs, struct err *err)
{
	struct disks disks = {
	    .dirs = STRV_INIT,
	    .seen = mem_alloc((dirs->n + 1) * sizeof(*disks.seen)),
	};
	int failed;

	for (size_t i = 0; i < dirs->n; i++)
		add(&disks, dirs->v[i]);
	failed = disks.n ? wait_in_child(&disks, err) : 0;
	strv_free(&disks.dirs);
	free(disks.seen);
	return failed;
}
