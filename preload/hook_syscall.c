/* SPDX-License-Identifier: MIT */
/* hook_syscall.c - the same calls, made through syscall(2) */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec.h"
#include "lib.h"
#include "note.h"
#include "real.h"

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

static const char *
path(long value)
{
	return (const char *)value;
}

static bool
writes(uint64_t flags)
{
	return flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC) &&
	       (flags & O_TMPFILE) != O_TMPFILE;
}

static void
note_openat2(const long *a)
{
	/* The first word of struct open_how. */
	const uint64_t *flags = (const void *)a[2];

	if (flags && a[3] >= (long)sizeof(*flags) && writes(*flags))
		note_write((int)a[0], path(a[1]));
}

/* Calls that only newer architectures lack, because *at() replaced them. */
static void
note_old(long number, const long *a)
{
	(void)a;
	switch (number) {
#ifdef SYS_open
	case SYS_open:
		if (writes((uint64_t)a[1]))
			note_write(AT_FDCWD, path(a[0]));
		break;
	case SYS_creat:
		note_write(AT_FDCWD, path(a[0]));
		break;
	case SYS_rename:
		note_pair(NOTE_RENAME, AT_FDCWD, path(a[0]), AT_FDCWD,
		          path(a[1]));
		break;
	case SYS_link:
		note_pair(NOTE_LINK, AT_FDCWD, path(a[0]), AT_FDCWD,
		          path(a[1]));
		break;
	case SYS_symlink:
		note_symlink(AT_FDCWD, path(a[1]));
		break;
	case SYS_unlink:
		note_unlink(AT_FDCWD, path(a[0]));
		break;
#endif
	default:
		break;
	}
}

static void
note_call(long number, const long *a)
{
	switch (number) {
	case SYS_openat:
		if (writes((uint64_t)a[2]))
			note_write((int)a[0], path(a[1]));
		break;
#ifdef SYS_openat2
	case SYS_openat2:
		note_openat2(a);
		break;
#endif
	case SYS_truncate:
#ifdef SYS_truncate64
	case SYS_truncate64:
#endif
		note_write(AT_FDCWD, path(a[0]));
		break;
#ifdef SYS_renameat
	case SYS_renameat:
#endif
	case SYS_renameat2:
		note_pair(number == SYS_renameat2 && a[4] & RENAME_EXCHANGE
		              ? NOTE_EXCHANGE
		              : NOTE_RENAME,
		          (int)a[0], path(a[1]), (int)a[2], path(a[3]));
		break;
	case SYS_linkat:
		note_pair(NOTE_LINK, (int)a[0], path(a[1]), (int)a[2],
		          path(a[3]));
		break;
	case SYS_symlinkat:
		note_symlink((int)a[1], path(a[2]));
		break;
	case SYS_unlinkat:
		if (!(a[2] & AT_REMOVEDIR))
			note_unlink((int)a[0], path(a[1]));
		break;
	default:
		note_old(number, a);
	}
}

static __attribute__((noinline)) long
exec_call(long number, const long *a)
{
	struct exec_call c = {.how = EXEC_RAW};
	bool at = number == SYS_execveat;

	if (at) {
		c.how = EXEC_RAW_AT;
		c.fd = (int)*a++;
	}
	c.path = path(a[0]);
	c.argv = (char *const *)a[1];
	c.flags = at ? (int)a[3] : 0;
	return exec_run(&c, (char *const *)a[2]);
}

/* Whether it installs a filter of system calls, if it succeeds. */
static bool
installs_filter(long number, const long *a)
{
	enum { GET = 2 }; /* this and what follows only ask */

	return (number == SYS_seccomp && (unsigned long)a[0] < GET) ||
	       (number == SYS_prctl && a[0] == PR_SET_SECCOMP);
}

int
hook_prctl(int option, unsigned long a, unsigned long b, unsigned long c,
           unsigned long d)
{
	int ret;

	if (option != PR_SET_SECCOMP)
		return real()->prctl(option, a, b, c, d);
	note_last_chance();
	ret = real()->prctl(option, a, b, c, d);
	if (!ret)
		real_seal();
	return ret;
}

/* All six words go on as they are: how many count depends on the call. */
long
hook_syscall(long number, ...)
{
	long a[6];
	long ret;
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_execve || number == SYS_execveat)
		return exec_call(number, a);
	note_call(number, a);
	if (installs_filter(number, a))
		note_last_chance();
	ret = real()->syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (number == SYS_chdir || number == SYS_fchdir)
		lib_cwd_changed();
	if (ret >= 0 && installs_filter(number, a))
		real_seal();
	return ret;
}
