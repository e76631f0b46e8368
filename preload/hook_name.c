/* SPDX-License-Identifier: MIT */
/* hook_name.c - calls that give, change and take names */
#include <sys/syscall.h>
#include <unistd.h>

#include "lib.h"
#include "note.h"
#include "real.h"

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

int
hook_truncate(const char *path, off_t len)
{
	note_write(AT_FDCWD, path);
	return real()->truncate(path, len);
}

int
hook_truncate64(const char *path, int64_t len)
{
	note_write(AT_FDCWD, path);
	return real()->truncate64(path, len);
}

int
hook_rename(const char *from, const char *to)
{
	note_pair(NOTE_RENAME, AT_FDCWD, from, AT_FDCWD, to);
	return real()->rename(from, to);
}

int
hook_renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	note_pair(NOTE_RENAME, from_fd, from, to_fd, to);
	return real()->renameat(from_fd, from, to_fd, to);
}

int
hook_renameat2(int from_fd, const char *from, int to_fd, const char *to,
               unsigned flags)
{
	note_pair(flags & RENAME_EXCHANGE ? NOTE_EXCHANGE : NOTE_RENAME,
	          from_fd, from, to_fd, to);
	return real()->renameat2(from_fd, from, to_fd, to, flags);
}

int
hook_link(const char *from, const char *to)
{
	note_pair(NOTE_LINK, AT_FDCWD, from, AT_FDCWD, to);
	return real()->link(from, to);
}

int
hook_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	note_pair(NOTE_LINK, from_fd, from, to_fd, to);
	return real()->linkat(from_fd, from, to_fd, to, flags);
}

int
hook_symlink(const char *target, const char *path)
{
	note_symlink(AT_FDCWD, path);
	return real()->symlink(target, path);
}

int
hook_symlinkat(const char *target, int fd, const char *path)
{
	note_symlink(fd, path);
	return real()->symlinkat(target, fd, path);
}

int
hook_unlink(const char *path)
{
	note_unlink(AT_FDCWD, path);
	return real()->unlink(path);
}

int
hook_unlinkat(int fd, const char *path, int flags)
{
	if (!(flags & AT_REMOVEDIR))
		note_unlink(fd, path);
	return real()->unlinkat(fd, path, flags);
}

int
hook_remove(const char *path)
{
	note_unlink(AT_FDCWD, path);
	return real()->remove(path);
}

int
hook_chdir(const char *path)
{
	int ret = real()->chdir(path);

	lib_cwd_changed();
	return ret;
}

int
hook_fchdir(int fd)
{
	int ret = real()->fchdir(fd);

	lib_cwd_changed();
	return ret;
}
