/* SPDX-License-Identifier: MIT */
/* hook_open.c - calls that open a path and return a descriptor */
#include <stdarg.h>

#include "note.h"
#include "real.h"

/* O_TMPFILE names a directory: the file's name comes with linkat(2). */
static inline bool
writes(int flags)
{
	return flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC) &&
	       (flags & O_TMPFILE) != O_TMPFILE;
}

/* Without them, libc's caller has not given a mode. */
static inline bool
has_mode(int flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

#define GET_MODE(mode, flags)                                                  \
	if (has_mode(flags)) {                                                 \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, flags);                                           \
		mode = va_arg(ap, mode_t);                                     \
		va_end(ap);                                                    \
	}

#define OPEN(name)                                                             \
	int hook_##name(const char *path, int flags, ...)                      \
	{                                                                      \
		mode_t mode = 0;                                               \
                                                                               \
		GET_MODE(mode, flags)                                          \
		if (writes(flags))                                             \
			note_write(AT_FDCWD, path);                            \
		return real()->name(path, flags, mode);                        \
	}

#define OPENAT(name)                                                           \
	int hook_##name(int fd, const char *path, int flags, ...)              \
	{                                                                      \
		mode_t mode = 0;                                               \
                                                                               \
		GET_MODE(mode, flags)                                          \
		if (writes(flags))                                             \
			note_write(fd, path);                                  \
		return real()->name(fd, path, flags, mode);                    \
	}

/* What open() becomes under _FORTIFY_SOURCE, where no mode is given. */
#define OPEN_2(name)                                                           \
	int hook_##name(const char *path, int flags)                           \
	{                                                                      \
		if (writes(flags))                                             \
			note_write(AT_FDCWD, path);                            \
		return real()->name(path, flags);                              \
	}

#define OPENAT_2(name)                                                         \
	int hook_##name(int fd, const char *path, int flags)                   \
	{                                                                      \
		if (writes(flags))                                             \
			note_write(fd, path);                                  \
		return real()->name(fd, path, flags);                          \
	}

#define CREAT(name)                                                            \
	int hook_##name(const char *path, mode_t mode)                         \
	{                                                                      \
		note_write(AT_FDCWD, path);                                    \
		return real()->name(path, mode);                               \
	}

OPEN(open)
OPEN(open64)
OPEN(__open)
OPEN(__open64)
OPEN_2(__open_2)
OPEN_2(__open64_2)
OPENAT(openat)
OPENAT(openat64)
OPENAT_2(__openat_2)
OPENAT_2(__openat64_2)
CREAT(creat)
CREAT(creat64)

/* The name can be asked for only once the file is open. */
int
hook_open_by_handle_at(int mount, struct file_handle *handle, int flags)
{
	int fd = real()->open_by_handle_at(mount, handle, flags);

	if (fd >= 0 && writes(flags))
		note_write_fd(fd);
	return fd;
}
