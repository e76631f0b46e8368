/* SPDX-License-Identifier: MIT */
/* real.h - libc's own functions, and the names under which we stand before */
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/types.h>

#define SPAWN_ARGS(handle)                                                     \
	(handle, const char *, const posix_spawn_file_actions_t *,             \
	 const posix_spawnattr_t *, char *const *, char *const *)

/*
 * A libc whose file offsets always have 64 bits may make of these names macros
 * for the others; it exports them all the same.
 */
#undef open64
#undef openat64
#undef creat64
#undef fopen64
#undef freopen64
#undef mkstemp64
#undef mkostemp64
#undef mkstemps64
#undef mkostemps64
#undef truncate64

/* Whoever would have been called without us: libc, or the next library. */
struct real {
#define HOOK(type, name, args, missing) type(*name) args;
#include "hooks.def"
#undef HOOK
};

/*
 * A hook is a function of ours with libc's name in the export table.  Inside
 * it is called something else, so that no attribute of libc's declaration
 * (a path is never NULL) is taken for granted.
 */
#define HOOK(type, name, args, missing)                                        \
	__attribute__((visibility("default")))                                 \
	type hook_##name args __asm__(#name);
#include "hooks.def"
#undef HOOK

/* As slots too: ISO C has no cast from data to function pointers. */
union real_table {
	struct real fn;
	void *slot[sizeof(struct real) / sizeof(void *)];
};

extern union real_table real_table;
extern bool real_bound;

/* Fills the table; two threads that do so at once store the same values. */
void real_bind(void);

/* Hooks can run before our constructor, so all go through here. */
static inline const struct real *
real(void)
{
	if (__builtin_expect(!__atomic_load_n(&real_bound, __ATOMIC_ACQUIRE),
	                     0))
		real_bind();
	return &real_table.fn;
}

/*
 * A system call by libc's syscall(2), but with the kernel's way to fail: -1
 * to -4095 is an errno, and the program's own errno stays as it is.  After
 * real(), which all ways to here have passed.
 */
long sys(long number, ...);

/*
 * A filter of system calls (seccomp(2)) may end the process for one that it
 * does not expect: from now on, and in its children, sys() fails with ENOSYS.
 */
void real_seal(void);

/* Where there are two, the first takes its arguments from memory. */
#ifdef SYS_mmap2
#define CALL_MMAP SYS_mmap2
#else
#define CALL_MMAP SYS_mmap
#endif

/* The path under which the loader knows this library; "" if not known. */
extern const char *real_self;
