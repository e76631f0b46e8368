/* SPDX-License-Identifier: MIT */
/* hard.c - places where a hook has little room: hard NAME */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../probe/filter.h"

enum { STRICT = 1 }; /* SECCOMP_MODE_STRICT; not every libc has its header */

static void
put(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	if (fd < 0)
		printf("%s: errno %d\n", path, errno);
	else
		close(fd);
}

static void
handler(int signo)
{
	(void)signo;
	put("out/handler");
	rename("out/handler", "out/handled");
	unlink("out/none");
}

/* 4 KiB with a guard on both sides. */
static void
small_stack(void)
{
	char *p =
	    mmap(NULL, 3 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t ss = {.ss_sp = p + 4096, .ss_size = 4096};
	struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_ONSTACK};

	mprotect(p + 4096, 4096, PROT_READ | PROT_WRITE);
	if (sigaltstack(&ss, NULL))
		exit(77);
	sigaction(SIGUSR1, &sa, NULL);
	for (int i = 0; i < 3; i++)
		raise(SIGUSR1);
}

static void
storm(void)
{
	char *argv[] = {"true", NULL};
	int bad = 0;

	for (int i = 0; i < 200; i++) {
		pid_t pid = vfork();
		int status;

		if (!pid) {
			put("out/vfork");
			execve("/none/such", argv, NULL);
			execve("/bin/true", argv, NULL);
			_exit(127);
		}
		waitpid(pid, &status, 0);
		bad += status != 0;
	}
	printf("%d bad\n", bad);
}

static void
processes(void)
{
	int bad = 0;
	int status;

	for (int i = 0; i < 1000; i++)
		if (!fork()) {
			char name[32];

			snprintf(name, sizeof(name), "out/p%d", i % 100);
			put(name);
			_exit(0);
		}
	while (wait(&status) > 0)
		bad += status != 0;
	printf("%d bad\n", bad);
}

static void *
opens(void *arg)
{
	for (int i = 0; i < 1000; i++)
		put(arg);
	return NULL;
}

static void
threads(void)
{
	pthread_t t[16];

	for (int i = 0; i < 16; i++)
		pthread_create(&t[i], NULL, opens, "out/thread");
	for (int i = 0; i < 16; i++)
		pthread_join(t[i], NULL);
}

static void *
open_one(void *arg)
{
	put(arg);
	return NULL;
}

/* Ten thousand of them, a hundred at a time. */
static void
many_threads(void)
{
	static char names[100][32];
	pthread_t t[100];
	int bad = 0;

	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 100; i++) {
			snprintf(names[i], sizeof(names[i]), "out/t%d", i);
			bad += pthread_create(&t[i], NULL, open_one,
			                      names[i]) != 0;
		}
		for (int i = 0; i < 100; i++)
			bad += pthread_join(t[i], NULL) != 0;
	}
	printf("%d bad\n", bad);
}

/* Handlers that open files, while the program does the same. */
static void
handlers(void)
{
	struct sigaction sa = {.sa_handler = handler};
	pid_t pid;
	int status;

	sigaction(SIGUSR1, &sa, NULL);
	pid = fork();
	if (!pid) {
		for (int i = 0; i < 200; i++) {
			kill(getppid(), SIGUSR1);
			usleep(100);
		}
		_exit(0);
	}
	for (int i = 0; i < 5000; i++)
		put("out/main");
	while (waitpid(pid, &status, 0) < 0)
		;
	raise(SIGUSR1);
}

static void
all_closed(void)
{
	syscall(SYS_close_range, 3U, ~0U, 0U);
	printf("lowest %d\n", dup(0));
	syscall(SYS_close_range, 3U, ~0U, 0U);
	put("out/closed");
	printf("lowest %d\n", dup(0));
}

/* Only read, write and exit are left. */
static void
strict(void)
{
	int fd = open("out/strict", O_CREAT | O_WRONLY, 0644);

	fflush(stdout);
	if (prctl(PR_SET_SECCOMP, STRICT))
		exit(77);
	if (write(fd, "x", 1) != 1)
		syscall(SYS_exit, 1);
	syscall(SYS_exit, 0);
}

/* Anything that it does not do itself would kill it. */
static void
filtered(void)
{
	int fd;

	if (filter_install(false))
		exit(77);
	for (int i = 0; i < 3; i++) {
		fd = open("out/filtered", O_CREAT | O_WRONLY, 0644);
		if (write(fd, "x", 1) != 1)
			_exit(1);
		close(fd);
	}
	_exit(7);
}

static void
limited(int what, rlim_t to)
{
	struct rlimit r = {to, to};

	setrlimit(what, &r);
}

static void
few_files(void)
{
	limited(RLIMIT_NOFILE, 3);
	put("out/few");
	limited(RLIMIT_NOFILE, 4);
	put("out/one");
}

static void
short_files(void)
{
	int fd = open("out/short", O_CREAT | O_WRONLY, 0644);

	limited(RLIMIT_FSIZE, 10);
	signal(SIGXFSZ, SIG_IGN);
	printf("%zd\n", write(fd, "0123456789abc", 13));
	signal(SIGXFSZ, SIG_DFL);
	fflush(stdout);
	put("out/other");
	printf("%zd\n", write(fd, "x", 1));
}

static void
no_memory(void)
{
	struct rlimit r;

	getrlimit(RLIMIT_AS, &r);
	put("out/memory");
	printf("%d\n", r.rlim_cur != RLIM_INFINITY);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} all[] = {
	    {"small-stack", small_stack}, {"storm", storm},
	    {"processes", processes},     {"threads", threads},
	    {"closed", all_closed},       {"strict", strict},
	    {"few-files", few_files},     {"short-files", short_files},
	    {"memory", no_memory},        {"many-threads", many_threads},
	    {"handlers", handlers},       {"filtered", filtered},
	};

	for (size_t i = 0; argc > 1 && i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(argv[1], all[i].name))
			all[i].run();
	return 0;
}
