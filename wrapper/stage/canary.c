/* SPDX-License-Identifier: MIT */
/* canary.c - tells a signal for our whole process group from one for us */
#include "stage/canary.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	HEAR_MS = 20,   /* longest that kill(2) needs to go through a group */
	STALE_MS = 100, /* older reports belong to another signal */
};

struct report {
	int64_t time_ms; /* of CLOCK_MONOTONIC */
	int signo;
};

/* CMD's readers must see the end of its pipes when CMD ends. */
static void
keep_only(int fd)
{
	if (fd != 0)
		dup2(fd, 0);
	if (close_range(1, ~0U, 0))
		for (int other = 1; other < 1024; other++)
			close(other);
}

static _Noreturn void
canary_main(int reports, pid_t parent, int argc, char **argv)
{
	sigset_t all;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	prctl(PR_SET_NAME, "group-signals");
	for (int i = 0; i < argc; i++)
		memset(argv[i], 0, strlen(argv[i]));
	keep_only(reports);
	sigfillset(&all);
	for (;;) {
		struct report report = {.signo = 0};
		siginfo_t info;

		/* The terminal's (> 0) are told by their code alone. */
		if (sigwaitinfo(&all, &info) < 0 || info.si_code > 0)
			continue;
		report.time_ms = clock_mono_ns() / 1000000;
		report.signo = info.si_signo;
		if (write(0, &report, sizeof(report)) != sizeof(report))
			_exit(0);
	}
}

void
canary_start(struct canary *c, int argc, char **argv)
{
	pid_t self = getpid();
	int ends[2];

	*c = (struct canary)CANARY_INIT;
	if (pipe2(ends, O_CLOEXEC))
		return;
	c->pid = fork();
	if (c->pid == 0)
		canary_main(ends[1], self, argc, argv);
	close(ends[1]);
	c->reports = ends[0];
	if (c->pid < 0)
		canary_stop(c);
}

bool
canary_heard(struct canary *c, int signo)
{
	struct pollfd p = {.fd = c->reports, .events = POLLIN};
	int64_t stale = clock_mono_ns() / 1000000 - STALE_MS;
	struct report report;

	if (c->pid < 0)
		return false;
	while (poll(&p, 1, HEAR_MS) > 0) {
		if (read(c->reports, &report, sizeof(report)) !=
		    sizeof(report)) {
			canary_stop(c);
			return false;
		}
		if (report.signo == signo && report.time_ms >= stale)
			return true;
	}
	return false;
}

void
canary_stop(struct canary *c)
{
	if (c->reports >= 0)
		close(c->reports);
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
	}
	*c = (struct canary)CANARY_INIT;
}
