/* SPDX-License-Identifier: MIT */
/* loop.c - times one kind of call, through the library and past it */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * loop MODE DIRECTORY COUNT ROUNDS
 *
 * A round is COUNT calls of libc's own functions and as many of those that
 * the program is bound to, in alternating order.  Prints the medians of both
 * and of their differences, in ns a call.  With ROUNDS 0: one pass as bound,
 * one figure.
 */
enum { THREADS = 8, MAX_ROUNDS = 1001 };

struct calls {
	int (*open)(const char *, int, ...);
	int (*rename)(const char *, const char *);
	int (*spawn)(pid_t *, const char *, const posix_spawn_file_actions_t *,
	             const posix_spawnattr_t *, char *const *, char *const *);
	char **env;
};

extern char **environ;

static const char *mode, *dir;
static long count;
static int rounds;
static long names; /* that loop_first() has used */

static double
now(void)
{
	/* Of this process alone, unless it waits for others. */
	bool waits =
	    !rounds || !strcmp(mode, "exec") || !strcmp(mode, "threads");
	struct timespec t;

	clock_gettime(waits ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
check(int ret)
{
	if (ret >= 0)
		return;
	perror("loop");
	exit(1);
}

static void
loop_open(const struct calls *c, const char *name, int flags)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (long i = 0; i < count; i++) {
		int fd = c->open(path, flags, 0600);

		check(fd);
		close(fd);
	}
}

/* All names differ. */
static void
loop_first(const struct calls *c)
{
	char path[4096];

	for (long i = 0; i < count; i++) {
		int fd;

		snprintf(path, sizeof(path), "%s/out/file-%ld", dir, names++);
		fd = c->open(path, O_WRONLY | O_CREAT, 0600);
		check(fd);
		close(fd);
	}
}

static void
loop_rename(const struct calls *c)
{
	char from[4096], to[4096];

	snprintf(from, sizeof(from), "%s/from", dir);
	snprintf(to, sizeof(to), "%s/to", dir);
	for (long i = 0; i < count; i++) {
		int fd = c->open(from, O_WRONLY | O_CREAT, 0600);

		check(fd);
		close(fd);
		check(c->rename(from, to));
	}
}

static void
loop_exec(const struct calls *c)
{
	char name[] = "true";
	char *argv[] = {name, NULL};

	for (long i = 0; i < count; i++) {
		pid_t pid;
		int status;

		if (c->spawn(&pid, "/bin/true", NULL, NULL, argv, c->env))
			exit(1);
		waitpid(pid, &status, 0);
	}
}

struct job {
	const struct calls *calls;
	int number;
};

static void *
thread(void *arg)
{
	struct job *job = arg;
	char name[64];

	snprintf(name, sizeof(name), "thread-%d", job->number);
	loop_open(job->calls, name, O_WRONLY | O_CREAT);
	return NULL;
}

static void
loop_threads(const struct calls *c)
{
	pthread_t id[THREADS];
	struct job job[THREADS];

	for (int i = 0; i < THREADS; i++) {
		job[i] = (struct job){c, i};
		pthread_create(&id[i], NULL, thread, &job[i]);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(id[i], NULL);
}

/* One pass; ns a call. */
static double
pass(const struct calls *c)
{
	double start = now();

	if (!strcmp(mode, "write"))
		loop_open(c, "other.log", O_WRONLY | O_CREAT);
	else if (!strcmp(mode, "read"))
		loop_open(c, "other.log", O_RDONLY);
	else if (!strcmp(mode, "repeat"))
		loop_open(c, "declared.csv", O_WRONLY | O_CREAT);
	else if (!strcmp(mode, "first"))
		loop_first(c);
	else if (!strcmp(mode, "rename"))
		loop_rename(c);
	else if (!strcmp(mode, "threads"))
		loop_threads(c);
	else if (!strcmp(mode, "exec"))
		loop_exec(c);
	else
		exit(2);
	return (now() - start) / (double)count;
}

/* libc's own functions: a handle's symbols are not interposed. */
static void
find_bare(struct calls *c)
{
	static char *env[4096];
	void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
	void *found[3];
	size_t n = 0;

	if (!libc)
		exit(2);
	found[0] = dlsym(libc, "open");
	found[1] = dlsym(libc, "rename");
	found[2] = dlsym(libc, "posix_spawn");
	memcpy(c, found, sizeof(found));
	for (char **e = environ; *e && n < 4095; e++)
		if (strncmp(*e, "LD_PRELOAD=", 11) != 0)
			env[n++] = *e;
	c->env = env;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void
pairs(const struct calls *bound, const struct calls *bare)
{
	static double without[MAX_ROUNDS], with[MAX_ROUNDS], added[MAX_ROUNDS];

	for (int i = 0; i < rounds; i++) {
		if (i % 2)
			with[i] = pass(bound);
		without[i] = pass(bare);
		if (!(i % 2))
			with[i] = pass(bound);
		added[i] = with[i] - without[i];
	}
	printf("%.1f %.1f %.1f\n", median(without, rounds),
	       median(with, rounds), median(added, rounds));
}

int
main(int argc, char **argv)
{
	struct calls bound = {open, rename, posix_spawn, environ};
	struct calls bare;

	rounds = argc == 5 ? atoi(argv[4]) : -1;
	if (rounds < 0 || rounds > MAX_ROUNDS)
		return 2;
	mode = argv[1];
	dir = argv[2];
	count = atol(argv[3]);
	find_bare(&bare);
	pass(&bound);
	pass(&bare);
	if (rounds)
		pairs(&bound, &bare);
	else
		printf("%.1f\n", pass(&bound));
	return 0;
}
