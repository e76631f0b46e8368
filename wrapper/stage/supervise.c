/* SPDX-License-Identifier: MIT */
/* supervise.c - runs CMD so that neither it nor its caller notices us */
#include "stage/supervise.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "stage/oom.h"
#include "stage/outcome.h"
#include "stage/survivors.h"

/*
 * For what may still write results; for a daemon, which stays, or has just been
 * told to end by the one who started it.
 */
enum { SURVIVOR_WAIT_MS = 2000, LEAVING_MS = 50 };

enum run_status
outcome_status(const struct outcome *o)
{
	if (o->unknown || o->signal)
		return RUN_KILLED;
	return o->exit_code ? RUN_FAILED : RUN_FINISHED;
}

/* Everything but what the kernel sends for a fault of our own. */
static void
taken_signals(sigset_t *set)
{
	static const int ours[] = {SIGSEGV, SIGBUS, SIGFPE,  SIGILL, SIGABRT,
	                           SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU};

	sigfillset(set);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		sigdelset(set, ours[i]);
}

void
supervise_begin(struct supervise *s, int argc, char **argv)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t set;

	*s = (struct supervise){.pid = 0, .canary = CANARY_INIT};
	taken_signals(&set);
	sigprocmask(SIG_BLOCK, &set, &s->mask);
	/* A caller that ignores SIGCHLD would have our children reaped. */
	sigaction(SIGCHLD, &action, &s->chld);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, &s->pipe);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	canary_start(&s->canary, argc, argv);
}

/*
 * A limit on the size of files is CMD's to run into.  What waits for us, for we
 * ran into it ourselves, is dropped by saying that it is ignored.
 */
static void
drop_size_signal(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction old;

	sigaction(SIGXFSZ, &ignore, &old);
	sigaction(SIGXFSZ, &old, NULL);
}

void
supervise_restore(struct supervise *s)
{
	canary_stop(&s->canary);
	drop_size_signal();
	sigaction(SIGCHLD, &s->chld, NULL);
	sigaction(SIGPIPE, &s->pipe, NULL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

static _Noreturn void
child_main(struct supervise *s, char *const *cmd, char *const *envp, int report)
{
	int failed;

	if (s->prepare)
		s->prepare(s->arg);
	drop_size_signal();
	sigaction(SIGCHLD, &s->chld, NULL);
	sigaction(SIGPIPE, &s->pipe, NULL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
	execvpe(cmd[0], cmd, envp);
	failed = errno;
	if (write(report, &failed, sizeof(failed)) < 0)
		_exit(126);
	_exit(127);
}

/*
 * What reads from CMD's pipes must see their end when CMD ends, not when we
 * do: let go of all that CMD has inherited, but for stderr.
 */
static void
let_go(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (fd > 2 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
			close(fd);
	}
	if (dir)
		closedir(dir);
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (null > 2)
		close(null);
}

/* It is not CMD that is wrong. */
static int
no_process(const char *call, struct err *err)
{
	err_sys(err, "no process for the command: %s", call);
	err->kind = ERR_RETRY;
	return -1;
}

int
supervise_start(struct supervise *s, char *const *cmd, char *const *envp,
                struct err *err)
{
	int failed = 0;
	int ends[2];
	ssize_t n;

	if (pipe2(ends, O_CLOEXEC))
		return no_process("pipe", err);
	s->oom_kills = oom_kills();
	s->start_time = clock_now_ms();
	s->start_mono = clock_mono_ns();
	s->pid = fork();
	if (s->pid == 0)
		child_main(s, cmd, envp, ends[1]);
	close(ends[1]);
	if (s->pid < 0) {
		close(ends[0]);
		s->pid = 0;
		return no_process("fork", err);
	}
	/* The end of the pipe comes with a successful exec. */
	do
		n = read(ends[0], &failed, sizeof(failed));
	while (n < 0 && errno == EINTR);
	close(ends[0]);
	if (n <= 0) {
		let_go();
		return 0;
	}
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
	errno = failed;
	return err_sys(err, "%s", cmd[0]);
}

/* Whether CMD still belongs to our process group, where the group's go. */
static bool
in_our_group(const struct supervise *s)
{
	return getpgid(s->pid) == getpgrp();
}

/* A terminal that goes away tells the leader of its session alone. */
static bool
is_hang_up(const siginfo_t *info)
{
	return (info->si_signo == SIGHUP || info->si_signo == SIGCONT) &&
	       getsid(0) == getpid();
}

/*
 * What the terminal or a kill of the whole group sends has reached CMD by
 * itself.  The kernel's own (si_code > 0) are the terminal's here.
 */
static void
pass_on(struct supervise *s, const siginfo_t *info)
{
	if (info->si_code > 0 && !is_hang_up(info))
		return;
	if (canary_heard(&s->canary, info->si_signo) && in_our_group(s))
		return;
	if (info->si_code == SI_QUEUE)
		sigqueue(s->pid, info->si_signo, info->si_value);
	else
		kill(s->pid, info->si_signo);
}

/* Reaps; true when CMD itself has ended. */
static bool
reap(struct supervise *s, int *status, struct rusage *usage)
{
	struct rusage one;
	int st;
	pid_t pid;

	while ((pid = wait4(-1, &st, WNOHANG | WUNTRACED, &one)) > 0) {
		if (pid == s->canary.pid && !WIFSTOPPED(st))
			s->canary.pid = -1;
		if (pid != s->pid)
			continue;
		if (WIFSTOPPED(st)) {
			/*
			 * Our caller must see its job stop.  The SIGCONT that
			 * ends this waits for pass_on() like any other.
			 */
			raise(SIGSTOP);
			continue;
		}
		*status = st;
		*usage = one;
		return true;
	}
	return false;
}

/* The next of 'set', as sigwaitinfo(2); -1 also where it was time to tick. */
static int
next_signal(struct supervise *s, const sigset_t *set, siginfo_t *info)
{
	const struct timespec limit = {.tv_sec = s->tick_s};
	int got;

	if (!s->tick)
		return sigwaitinfo(set, info);
	got = sigtimedwait(set, info, &limit);
	if (got < 0 && errno == EAGAIN)
		s->tick(s->arg);
	return got;
}

static void
wait_for_cmd(struct supervise *s, int *status, struct rusage *usage)
{
	const struct timespec now = {.tv_sec = 0};
	sigset_t set;

	taken_signals(&set);
	for (;;) {
		siginfo_t info;

		if (reap(s, status, usage))
			break;
		if (next_signal(s, &set, &info) < 0)
			continue;
		if (info.si_signo != SIGCHLD && info.si_pid != getpid())
			pass_on(s, &info);
	}
	/* What came before its end was known was for CMD, not for us. */
	while (sigtimedwait(&set, NULL, &now) > 0)
		;
}

/* Reaps what ended; waits for the next end or at most 'ms'. */
static void
reap_until_next(int64_t ms)
{
	struct timespec limit = {.tv_sec = ms / 1000,
	                         .tv_nsec = ms % 1000 * 1000000};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigtimedwait(&set, NULL, &limit);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static int
wait_for_survivors(const struct supervise *s)
{
	int64_t begin = clock_mono_ns() / 1000000;

	for (;;) {
		struct survivors left_over = survivors_count(s->canary.pid);
		int64_t end = begin + (left_over.same_session ? SURVIVOR_WAIT_MS
		                                              : LEAVING_MS);
		int64_t left = end - clock_mono_ns() / 1000000;

		if (!left_over.all || left <= 0 || supervise_interrupted())
			return left_over.all;
		reap_until_next(left < 100 ? left : 100);
	}
}

static double
seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

void
supervise_wait(struct supervise *s, struct outcome *ret)
{
	struct rusage usage = {.ru_maxrss = 0};
	int64_t now;
	int status = 0;

	wait_for_cmd(s, &status, &usage);
	*ret = (struct outcome){
	    .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
	    .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
	    .start_time = s->start_time,
	    .end_time = clock_now_ms(),
	    .wall_ns = clock_mono_ns() - s->start_mono,
	    .user_seconds = seconds(usage.ru_utime),
	    .system_seconds = seconds(usage.ru_stime),
	    .max_rss = (int64_t)usage.ru_maxrss * 1024,
	    .block_reads = usage.ru_inblock,
	    .block_writes = usage.ru_oublock,
	};
	now = s->oom_kills < 0 ? -1 : oom_kills();
	if (now > s->oom_kills)
		ret->oom_kills = (int)(now - s->oom_kills);
	/* A clock set back must not make a run end before it began. */
	if (ret->end_time < ret->start_time)
		ret->end_time = ret->start_time + ret->wall_ns / 1000000;
	ret->survivors = wait_for_survivors(s);
	canary_stop(&s->canary);
}

int
supervise_interrupted(void)
{
	static const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t pending;

	if (sigpending(&pending))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (sigismember(&pending, wanted[i]))
			return wanted[i];
	return 0;
}

void
supervise_heed(void)
{
	const struct timespec now = {.tv_sec = 0};
	int signal = supervise_interrupted();
	sigset_t one;

	sigemptyset(&one);
	if (signal) {
		sigaddset(&one, signal);
		sigtimedwait(&one, NULL, &now);
	}
}

void
supervise_leave(struct supervise *s, const struct outcome *o)
{
	struct rlimit no_core = {.rlim_cur = 0, .rlim_max = 0};
	sigset_t one;

	(void)s;
	if (!o->signal)
		_exit(o->exit_code);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(o->signal, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, o->signal);
	raise(o->signal);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	_exit(128 + o->signal);
}
