/* SPDX-License-Identifier: MIT */
/* hook_exec.c - calls that replace the program */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "exec.h"
#include "real.h"

int
hook_execve(const char *path, char *const *argv, char *const *envp)
{
	struct exec_call c = {.how = EXEC_PATH, .path = path, .argv = argv};

	return (int)exec_run(&c, envp);
}

int
hook_execv(const char *path, char *const *argv)
{
	return hook_execve(path, argv, environ);
}

int
hook_execvpe(const char *file, char *const *argv, char *const *envp)
{
	struct exec_call c = {.how = EXEC_SEARCH, .path = file, .argv = argv};

	return (int)exec_run(&c, envp);
}

int
hook_execvp(const char *file, char *const *argv)
{
	return hook_execvpe(file, argv, environ);
}

int
hook_execveat(int fd, const char *path, char *const *argv, char *const *envp,
              int flags)
{
	struct exec_call c = {
	    .how = EXEC_AT,
	    .fd = fd,
	    .path = path,
	    .argv = argv,
	    .flags = flags,
	};

	return (int)exec_run(&c, envp);
}

int
hook_fexecve(int fd, char *const *argv, char *const *envp)
{
	struct exec_call c = {.how = EXEC_FD, .fd = fd, .argv = argv};

	return (int)exec_run(&c, envp);
}

/* How many arguments follow 'first', with the NULL that ends them. */
static size_t
count(const char *first, va_list ap)
{
	size_t n = 1;

	while (first) {
		first = va_arg(ap, const char *);
		n++;
	}
	return n;
}

/*
 * Returns the environment that follows them, if there is one: the caller's own
 * 'ap' has not moved on everywhere.
 */
static char *const *
collect(const char **argv, const char *first, size_t n, va_list ap,
        bool with_env)
{
	argv[0] = first;
	for (size_t i = 1; i < n; i++)
		argv[i] = va_arg(ap, const char *);
	return with_env ? va_arg(ap, char *const *) : environ;
}

/*
 * The array must be in the frame that calls exec, as libc has it: nothing
 * else is known to be large enough, and a child of vfork(2) has no heap.
 */
#define EXECL(name, how_, with_env)                                            \
	int hook_##name(const char *path, const char *arg, ...)                \
	{                                                                      \
		struct exec_call c = {.how = how_, .path = path};              \
		char *const *envp;                                             \
		const char **argv;                                             \
		va_list ap;                                                    \
		size_t n;                                                      \
                                                                               \
		va_start(ap, arg);                                             \
		n = count(arg, ap);                                            \
		va_end(ap);                                                    \
		argv = __builtin_alloca(n * sizeof(*argv));                    \
		va_start(ap, arg);                                             \
		envp = collect(argv, arg, n, ap, with_env);                    \
		va_end(ap);                                                    \
		c.argv = (char *const *)(const void *)argv;                    \
		return (int)exec_run(&c, envp);                                \
	}

EXECL(execl, EXEC_PATH, false)
EXECL(execlp, EXEC_SEARCH, false)
EXECL(execle, EXEC_PATH, true)
