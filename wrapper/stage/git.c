/* SPDX-License-Identifier: MIT */
/* git.c - the state of the code, asked of git while CMD starts */
#include "stage/git.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "model/redact.h"

enum { STATUS, REMOTE, GIT_OUTPUT_MAX = 16 << 20, LAST_WAIT_MS = 500 };

/* For who would rather wait than not know. */
enum { PATIENT_WAIT_MS = 60000 };

static bool
in_work_tree(const char *dir)
{
	cleanup_free char *at = mem_dup(dir);

	if (getenv("GIT_DIR"))
		return true;
	for (;;) {
		cleanup_free char *git = fs_join(at, ".git");

		if (fs_exists(git))
			return true;
		if (!strcmp(at, "/"))
			return false;
		mem_replace(&at, fs_dirname(at));
	}
}

/* The environment, but git shall take no lock that another git wants. */
static char **
git_environment(struct strv *env)
{
	for (char **e = environ; *e; e++)
		strv_add(env, *e);
	strv_add(env, "GIT_OPTIONAL_LOCKS=0");
	strv_add(env, "LC_ALL=C");
	return env->v;
}

static void
start(struct git_probe *g, int which, const char *const *argv)
{
	cleanup_strv struct strv env = STRV_INIT;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char *const *args;
	sigset_t none;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return;
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	/* posix_spawn(3) does not change them. */
	memcpy(&args, &argv, sizeof(args));
	if (posix_spawnp(&g->pid[which], "git", &actions, &attr, args,
	                 git_environment(&env)))
		g->pid[which] = -1;
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	close(ends[1]);
	g->fd[which] = ends[0];
}

void
git_begin(struct git_probe *g, const char *dir)
{
	/* A repository's own fsmonitor is a program that we do not know. */
	const char *const status[] = {"git",
	                              "-C",
	                              dir,
	                              "-c",
	                              "core.fsmonitor=false",
	                              "status",
	                              "--porcelain=v2",
	                              "--branch",
	                              "--untracked-files=no",
	                              NULL};
	const char *const remote[] = {"git",    "-C",    dir,
	                              "config", "--get", "remote.origin.url",
	                              NULL};

	*g = (struct git_probe){
	    .pid = {-1, -1},
	    .fd = {-1, -1},
	    .out = {BUF_INIT, BUF_INIT},
	};
	if (!in_work_tree(dir))
		return;
	start(g, STATUS, status);
	start(g, REMOTE, remote);
}

/* Reads what is there; closes at the end of it. */
static void
drain(struct git_probe *g, int which)
{
	for (;;) {
		ssize_t n;

		buf_reserve(&g->out[which], 4096);
		n = read(g->fd[which], g->out[which].s + g->out[which].len,
		         4096);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0 || g->out[which].len > GIT_OUTPUT_MAX) {
			fd_close_ptr(&g->fd[which]);
			return;
		}
		g->out[which].len += (size_t)n;
		g->out[which].s[g->out[which].len] = '\0';
	}
}

bool
git_wait(struct git_probe *g, int ms)
{
	int64_t end = clock_mono_ns() / 1000000 + ms;

	while (g->fd[STATUS] >= 0 || g->fd[REMOTE] >= 0) {
		struct pollfd p[2] = {
		    {.fd = g->fd[STATUS], .events = POLLIN},
		    {.fd = g->fd[REMOTE], .events = POLLIN},
		};
		int64_t left = end - clock_mono_ns() / 1000000;

		if (left < 0 || poll(p, 2, (int)left) == 0)
			return false;
		for (int i = 0; i < 2; i++)
			if (g->fd[i] >= 0 && p[i].revents)
				drain(g, i);
	}
	return true;
}

/* The rest of the line that starts with 'key', owned; NULL if none does. */
static char *
line_value(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	if (!at || (at != text && at[-1] != '\n'))
		return NULL;
	at += strlen(key);
	return mem_ndup(at, strcspn(at, "\n"));
}

static void
read_status(const char *text, struct git_state *ret)
{
	ret->commit = line_value(text, "# branch.oid ");
	ret->branch = line_value(text, "# branch.head ");
	if (ret->branch && !strcmp(ret->branch, "(detached)"))
		mem_replace(&ret->branch, NULL);
	if (ret->commit && !strcmp(ret->commit, "(initial)"))
		mem_replace(&ret->commit, NULL);
	ret->known = ret->commit != NULL;
	/* Lines of changed files start with their kind, headers with '#'. */
	for (const char *p = text; *p; p += *p ? 1 : 0) {
		ret->changed += *p != '#';
		p += strcspn(p, "\n");
		if (!*p)
			break;
	}
	ret->dirty = ret->changed > 0;
}

void
git_finish(struct git_probe *g, struct git_state *ret)
{
	/* All has long been written, but after a short command. */
	bool whole = git_wait(g, LAST_WAIT_MS) || g->fd[STATUS] < 0;

	*ret = (struct git_state){.known = false};
	if (whole)
		read_status(g->out[STATUS].s, ret);
	if (ret->known && g->fd[REMOTE] < 0 && g->out[REMOTE].len) {
		cleanup_free char *url =
		    mem_ndup(g->out[REMOTE].s, strcspn(g->out[REMOTE].s, "\n"));
		struct buf clean = BUF_INIT;

		redact_url(&clean, url);
		ret->repo_url = buf_detach(&clean);
	}
	for (int i = 0; i < 2; i++) {
		if (g->fd[i] >= 0 && g->pid[i] > 0)
			kill(g->pid[i], SIGKILL);
		fd_close_ptr(&g->fd[i]);
		/* Fails where somebody has reaped it, which is as good. */
		if (g->pid[i] > 0)
			waitpid(g->pid[i], NULL, 0);
		buf_free(&g->out[i]);
	}
}

int
git_require_clean(const char *dir, struct err *err)
{
	struct git_probe g;
	struct git_state state;
	int failed = 0;

	git_begin(&g, dir);
	(void)git_wait(&g, PATIENT_WAIT_MS);
	git_finish(&g, &state);
	if (!state.known)
		failed = err_set(err, ERR_CONFIG,
		                 "--require-clean: '%s' is in no git work "
		                 "tree with a commit, or git does not say",
		                 dir);
	else if (state.dirty)
		failed = err_set(err, ERR_CONFIG,
		                 "--require-clean: %d tracked file%s from the "
		                 "commit %.12s; see 'git status'",
		                 state.changed,
		                 state.changed == 1 ? " differs" : "s differ",
		                 state.commit);
	git_state_free(&state);
	return failed;
}

void
git_state_free(struct git_state *s)
{
	free(s->commit);
	free(s->branch);
	free(s->repo_url);
	*s = (struct git_state){.known = false};
}
