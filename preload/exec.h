/* SPDX-License-Identifier: MIT */
/* exec.h - starts a program with our variables in its environment */
#pragma once

#include "real.h"

enum exec_how {
	EXEC_PATH,          /* execve */
	EXEC_SEARCH,        /* execvpe */
	EXEC_AT,            /* execveat */
	EXEC_FD,            /* fexecve */
	EXEC_RAW,           /* syscall(SYS_execve) */
	EXEC_RAW_AT,        /* syscall(SYS_execveat) */
	SPAWN_PATH,         /* posix_spawn */
	SPAWN_SEARCH,       /* posix_spawnp */
	SPAWN_PIDFD,        /* pidfd_spawn */
	SPAWN_PIDFD_SEARCH, /* pidfd_spawnp */
};

struct exec_call {
	enum exec_how how;
	int fd;
	int flags;
	const char *path;
	char *const *argv;
	/* posix_spawn and its like */
	int *handle;
	const posix_spawn_file_actions_t *actions;
	const posix_spawnattr_t *attr;
};

/*
 * Makes the call, with 'envp' itself if it can go as it is.  Otherwise the
 * new array is on this stack: a child of vfork(2) must not touch anything
 * else.  Returns what libc returned.
 */
long exec_run(const struct exec_call *c, char *const *envp);
