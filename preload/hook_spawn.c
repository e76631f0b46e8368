/* SPDX-License-Identifier: MIT */
/* hook_spawn.c - calls that start a program in a new process */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "env.h"
#include "exec.h"
#include "note.h"
#include "program.h"
#include "real.h"

#define SPAWN(name, handle_type, how_)                                         \
	int hook_##name(handle_type handle, const char *path,                  \
	                const posix_spawn_file_actions_t *actions,             \
	                const posix_spawnattr_t *attr, char *const *argv,      \
	                char *const *envp)                                     \
	{                                                                      \
		struct exec_call c = {                                         \
		    .how = how_,                                               \
		    .path = path,                                              \
		    .argv = argv,                                              \
		    .handle = handle,                                          \
		    .actions = actions,                                        \
		    .attr = attr,                                              \
		};                                                             \
                                                                               \
		return (int)exec_run(&c, envp);                                \
	}

SPAWN(posix_spawn, pid_t *, SPAWN_PATH)
SPAWN(posix_spawnp, pid_t *, SPAWN_SEARCH)
SPAWN(pidfd_spawn, int *, SPAWN_PIDFD)
SPAWN(pidfd_spawnp, int *, SPAWN_PIDFD_SEARCH)

/* The child opens it inside libc, where nobody sees it: noted here. */
int
hook_posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *actions,
                                      int fd, const char *path, int flags,
                                      mode_t mode)
{
	if (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC))
		note_write(AT_FDCWD, path);
	return real()->posix_spawn_file_actions_addopen(actions, fd, path,
	                                                flags, mode);
}

/*
 * system() and popen() take the environment from 'environ', inside libc.  If
 * the program has removed a variable of ours, they get another array for as
 * long as they run.  It is never freed: another thread that calls setenv()
 * meanwhile makes a copy of it that lives on.
 */
struct swap {
	char *slots[ENV_MAX_SLOTS];
	char text[ENV_MAX_TEXT];
};

static struct swap *swap;
static unsigned char swap_busy;

static struct swap *
get_swap(void)
{
	if (!swap) {
		long p = sys(CALL_MMAP, 0L, (long)sizeof(*swap),
		             (long)(PROT_READ | PROT_WRITE),
		             (long)(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L);

		if (p < 0 && p > -4096)
			return NULL;
		swap = (struct swap *)p;
	}
	return swap;
}

/* How many slots were put in front; 0: nothing to be undone. */
static size_t
swap_in(struct env_plan *plan)
{
	if (!env_plan(environ, plan) ||
	    __atomic_exchange_n(&swap_busy, 1, __ATOMIC_ACQUIRE))
		return 0;
	if (!get_swap()) {
		__atomic_store_n(&swap_busy, 0, __ATOMIC_RELEASE);
		return 0;
	}
	env_build(plan, swap->slots, swap->text);
	environ = swap->slots;
	return (size_t)plan->add_preload + (size_t)plan->add_image;
}

/*
 * A variable that was set or removed meanwhile was so in our array, in place;
 * if one was added, 'environ' is a new array, and stays.
 */
static void
swap_out(const struct env_plan *plan, size_t added)
{
	char **old = (char **)(uintptr_t)plan->envp;
	char **now = swap->slots;
	bool replaced = plan->add_preload && plan->vars.preload;

	if (environ == now) {
		if (!replaced)
			for (size_t i = 0; old && i <= plan->vars.n; i++)
				if (old[i] != now[added + i])
					old[i] = now[added + i];
		environ = old;
	}
	__atomic_store_n(&swap_busy, 0, __ATOMIC_RELEASE);
}

static struct kmlflow_program *
launch_shell(const char *command, const struct env_plan *plan)
{
	struct exec_call c = {.how = EXEC_PATH, .path = "/bin/sh"};

	return command ? program_launch(&c, &plan->vars) : NULL;
}

int
hook_system(const char *command)
{
	struct env_plan plan;
	size_t added = swap_in(&plan);
	struct kmlflow_program *shell = launch_shell(command, &plan);
	int ret = real()->system(command);
	int saved = errno;

	if (ret == -1)
		program_failed(shell);

	if (added)
		swap_out(&plan, added);
	errno = saved;
	return ret;
}

FILE *
hook_popen(const char *command, const char *mode)
{
	struct env_plan plan;
	size_t added = swap_in(&plan);
	struct kmlflow_program *shell = launch_shell(command, &plan);
	FILE *ret = real()->popen(command, mode);
	int saved = errno;

	if (!ret)
		program_failed(shell);

	if (added)
		swap_out(&plan, added);
	errno = saved;
	return ret;
}
