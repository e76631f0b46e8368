/* SPDX-License-Identifier: MIT */
/* filter.h - a filter of system calls that kills for all but a few */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not every libc has the kernel's headers beside it. */
struct filter_code {
	uint16_t code;
	uint8_t jump_if;
	uint8_t jump_else;
	uint32_t k;
};

struct filter {
	unsigned short len;
	const struct filter_code *codes;
};

enum {
	FILTER_LOAD = 0x20,  /* BPF_LD | BPF_W | BPF_ABS */
	FILTER_EQUAL = 0x15, /* BPF_JMP | BPF_JEQ | BPF_K */
	FILTER_RETURN = 0x06,
	FILTER_MODE = 2,     /* SECCOMP_MODE_FILTER */
	FILTER_SET_MODE = 1, /* SECCOMP_SET_MODE_FILTER */
	FILTER_NO_NEW = 38,  /* PR_SET_NO_NEW_PRIVS */
};
#define FILTER_ALLOW 0x7fff0000U
#define FILTER_KILL 0x80000000U

/* What is left: opening, writing and renaming; 0, or -1 and errno. */
static inline int
filter_install(bool by_syscall)
{
	static const struct filter_code codes[] = {
	    {FILTER_LOAD, 0, 0, 0},
#ifdef SYS_open
	    {FILTER_EQUAL, 6, 0, SYS_open},
	    {FILTER_EQUAL, 5, 0, SYS_rename},
#else
	    {FILTER_EQUAL, 6, 0, SYS_openat},
	    {FILTER_EQUAL, 5, 0, SYS_openat},
#endif
	    {FILTER_EQUAL, 4, 0, SYS_openat},
	    {FILTER_EQUAL, 3, 0, SYS_write},
	    {FILTER_EQUAL, 2, 0, SYS_close},
	    {FILTER_EQUAL, 1, 0, SYS_exit_group},
	    {FILTER_RETURN, 0, 0, FILTER_KILL},
	    {FILTER_RETURN, 0, 0, FILTER_ALLOW},
	};
	const struct filter all = {sizeof(codes) / sizeof(*codes), codes};

	if (prctl(FILTER_NO_NEW, 1L, 0L, 0L, 0L))
		return -1;
	return by_syscall
	           ? (int)syscall(SYS_seccomp, FILTER_SET_MODE, 0L, &all)
	           : prctl(PR_SET_SECCOMP, (long)FILTER_MODE, &all, 0L, 0L);
}
