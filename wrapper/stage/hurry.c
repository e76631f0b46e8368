/* SPDX-License-Identifier: MIT */
/* hurry.c - how long recording may take once CMD has ended */
#include "stage/hurry.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "stage/outcome.h"
#include "stage/supervise.h"

/* Of the whole process, as signals are; the handler reads it. */
static struct {
	bool active;
	bool quiet;
	int64_t end_ns;
	struct outcome leave;
	atomic_int signals;
} state;

/* Nothing but what signal-safety(7) allows. */
static void
on_signal(int number)
{
	static const char text[] =
	    "kmlflow: left at once; 'kmlflow sync' sends the rest\n";
	int saved = errno;

	(void)number;
	if (atomic_fetch_add(&state.signals, 1) == 0)
		return;
	if (!state.quiet && write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		errno = saved; /* nowhere left to complain */
	supervise_leave(NULL, &state.leave);
}

void
hurry_begin(const struct outcome *leave, int64_t ms)
{
	static const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action = {.sa_handler = on_signal,
	                           .sa_flags = SA_RESTART};
	sigset_t set;

	state.leave = *leave;
	state.quiet = log_get_level() < LOG_INFO;
	state.end_ns = clock_mono_ns() + ms * 1000000;
	state.active = true;
	sigemptyset(&action.sa_mask);
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		struct sigaction old;

		if (sigaction(wanted[i], NULL, &old) ||
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(wanted[i], &action, NULL);
		sigaddset(&set, wanted[i]);
	}
	/* One that waits already is the first. */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

enum hurry
hurry_now(void)
{
	if (!state.active)
		return HURRY_NONE;
	if (clock_mono_ns() >= state.end_ns)
		return HURRY_TIME;
	return atomic_load(&state.signals) ? HURRY_SIGNAL : HURRY_NONE;
}

void
hurry_end(void)
{
	state.active = false;
}
