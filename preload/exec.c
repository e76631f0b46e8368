/* SPDX-License-Identifier: MIT */
/* exec.c - starts a program with our variables in its environment */
#include "exec.h"

#include <sys/syscall.h>

#include "env.h"
#include "program.h"

static long
call(const struct exec_call *c, char *const *envp)
{
	const struct real *r = real();

	switch (c->how) {
	case EXEC_PATH:
		return r->execve(c->path, c->argv, envp);
	case EXEC_SEARCH:
		return r->execvpe(c->path, c->argv, envp);
	case EXEC_AT:
		return r->execveat(c->fd, c->path, c->argv, envp, c->flags);
	case EXEC_FD:
		return r->fexecve(c->fd, c->argv, envp);
	case EXEC_RAW:
		return r->syscall(SYS_execve, c->path, c->argv, envp);
	case EXEC_RAW_AT:
		return r->syscall(SYS_execveat, (long)c->fd, c->path, c->argv,
		                  envp, (long)c->flags);
	case SPAWN_PATH:
		return r->posix_spawn(c->handle, c->path, c->actions, c->attr,
		                      c->argv, envp);
	case SPAWN_SEARCH:
		return r->posix_spawnp(c->handle, c->path, c->actions, c->attr,
		                       c->argv, envp);
	case SPAWN_PIDFD:
		return r->pidfd_spawn(c->handle, c->path, c->actions, c->attr,
		                      c->argv, envp);
	case SPAWN_PIDFD_SEARCH:
		return r->pidfd_spawnp(c->handle, c->path, c->actions, c->attr,
		                       c->argv, envp);
	}
	return -1;
}

long
exec_run(const struct exec_call *c, char *const *envp)
{
	struct env_plan plan;
	struct kmlflow_program *program;
	bool change = env_plan(envp, &plan);
	long ret;

	program = program_launch(c, &plan.vars);
	if (!change) {
		ret = call(c, envp);
	} else {
		char **slots = __builtin_alloca(plan.slots * sizeof(*slots));
		char *text = __builtin_alloca(plan.text + 1);

		env_build(&plan, slots, text);
		ret = call(c, slots);
	}
	if (ret)
		program_failed(program);
	return ret;
}
