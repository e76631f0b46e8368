/* SPDX-License-Identifier: MIT */
/* hook_open.c - calls that open a path and return a descriptor */
#include "note.h"
#include "real.h"

/* O_TMPFILE names a directory: the file's name comes with linkat(2). */
static inline bool
writes(int flags)
{
	return flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC) &&
	       (flags & O_TMPFILE) != O_TMPFILE;
}

/*
 * The mode is a named argument here and is passed on as it comes.  Where a
 * caller left it out it is whatever was in its register, which libc does not
 * look at either; and no time goes into a list of arguments.
 */
#define OPEN(name)                                                             \
	int hook_##name(const char *path, int flags, mode_t mode)              \
	{                                                                      \
		if (writes(flags))                                             \
			note_write(AT_FDCWD, path);                            \
		return real()->name(path, flags, mode);                        \
	}

#define OPENAT(name)                                                           \
	int hook_##name(int fd, const char *path, int flags, mode_t mode)      \
	{                                                                      \
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
