/* SPDX-License-Identifier: MIT */
/* hook_stdio.c - streams by name, and temporary files */
#include "note.h"
#include "real.h"

/* Up to a comma, behind which glibc takes the name of a charset. */
static bool
writes(const char *mode)
{
	if (!mode)
		return false;
	if (*mode == 'w' || *mode == 'a')
		return true;
	for (; *mode && *mode != ','; mode++)
		if (*mode == '+')
			return true;
	return false;
}

#define FOPEN(name)                                                            \
	FILE *hook_##name(const char *path, const char *mode)                  \
	{                                                                      \
		if (writes(mode))                                              \
			note_write(AT_FDCWD, path);                            \
		return real()->name(path, mode);                               \
	}

#define FREOPEN(name)                                                          \
	FILE *hook_##name(const char *path, const char *mode, FILE *stream)    \
	{                                                                      \
		if (writes(mode))                                              \
			note_write(AT_FDCWD, path);                            \
		return real()->name(path, mode, stream);                       \
	}

/* The name is made by the call: it is noted once it is known. */
static int
made(int fd, const char *path)
{
	if (fd >= 0)
		note_write(AT_FDCWD, path);
	return fd;
}

#define MKSTEMP(name)                                                          \
	int hook_##name(char *path)                                            \
	{                                                                      \
		return made(real()->name(path), path);                         \
	}

#define MKSTEMPS(name)                                                         \
	int hook_##name(char *path, int number)                                \
	{                                                                      \
		return made(real()->name(path, number), path);                 \
	}

#define MKOSTEMPS(name)                                                        \
	int hook_##name(char *path, int len, int flags)                        \
	{                                                                      \
		return made(real()->name(path, len, flags), path);             \
	}

FOPEN(fopen)
FOPEN(fopen64)
FOPEN(_IO_fopen)
FREOPEN(freopen)
FREOPEN(freopen64)
MKSTEMP(mkstemp)
MKSTEMP(mkstemp64)
MKSTEMPS(mkostemp)
MKSTEMPS(mkostemp64)
MKSTEMPS(mkstemps)
MKSTEMPS(mkstemps64)
MKOSTEMPS(mkostemps)
MKOSTEMPS(mkostemps64)
