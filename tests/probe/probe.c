/* SPDX-License-Identifier: MIT */
/* probe.c - makes one call of hooks.def: probe NAME PATH [PATH2] */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"

/*
 * Exported by some libc, declared by few headers.  Where libc has one not, it
 * is this library's, which fails with ENOSYS.
 */
#define WEAK __attribute__((weak))
extern WEAK int __open(const char *, int, ...);
extern WEAK int __open64(const char *, int, ...);
extern WEAK int __open_2(const char *, int);
extern WEAK int __open64_2(const char *, int);
extern WEAK int __openat_2(int, const char *, int);
extern WEAK int __openat64_2(int, const char *, int);
extern WEAK FILE *_IO_fopen(const char *, const char *);
extern WEAK int renameat2(int, const char *, int, const char *, unsigned);
extern WEAK int execveat(int, const char *, char *const *, char *const *, int);
extern WEAK int pidfd_spawn(int *, const char *,
                            const posix_spawn_file_actions_t *,
                            const posix_spawnattr_t *, char *const *,
                            char *const *);
extern WEAK int pidfd_spawnp(int *, const char *,
                             const posix_spawn_file_actions_t *,
                             const posix_spawnattr_t *, char *const *,
                             char *const *);

enum { CREATE = O_WRONLY | O_CREAT, SKIPPED = -2 };

static char *path, *path2;
static char *self;
static char *none[] = {NULL};

static int
here(void)
{
	return open(".", O_RDONLY | O_DIRECTORY);
}

static int
code(int ret)
{
	if (!ret)
		return 0;
	errno = ret;
	return -1;
}

/* Fails as libc's stream functions do. */
static int
stream(FILE *f)
{
	return f ? 0 : -1;
}

/* What an exec probe starts: it creates 'path'. */
#define CHILD self, "creat", path, (char *)NULL

static char **
child(void)
{
	static char how[] = "creat";
	static char *argv[4];

	argv[0] = self;
	argv[1] = how;
	argv[2] = path;
	return argv;
}

static int
strip(void)
{
	unsetenv("LD_PRELOAD");
	unsetenv("KMLFLOW_IMAGE");
	return 0;
}

static int
reap(int ret)
{
	int status = 0;

	if (ret)
		return code(ret);
	return wait(&status) > 0 && !status ? 0 : -1;
}

static int
handle_probe(void)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + 128];
	} u = {.h = {.handle_bytes = 128}};
	int mount;
	int fd = creat(path2, 0600);

	if (fd < 0 || name_to_handle_at(AT_FDCWD, path2, &u.h, &mount, 0))
		return SKIPPED;
	close(fd);
	rename(path2, path);
	fd = open_by_handle_at(AT_FDCWD, &u.h, O_WRONLY);
	return fd < 0 && (errno == EPERM || errno == EOPNOTSUPP) ? SKIPPED : fd;
}

static int
addopen_probe(void)
{
	posix_spawn_file_actions_t a;
	char name[] = "true";
	char *argv[] = {name, NULL};
	pid_t pid;

	posix_spawn_file_actions_init(&a);
	posix_spawn_file_actions_addopen(&a, 1, path, CREATE, 0600);
	return reap(posix_spawnp(&pid, "true", &a, NULL, argv, none));
}

static int
command_probe(bool pipe)
{
	char command[4096];
	FILE *f;

	strip();
	snprintf(command, sizeof(command), "%s creat %s", self, path);
	if (!pipe)
		return system(command);
	f = popen(command, "r");
	if (!f)
		return -1;
	return pclose(f);
}

static int
chdir_probe(bool by_fd)
{
	int fd;

	/* Something must have looked at the directory before. */
	close(creat(path2, 0600));
	if (by_fd ? fchdir(open("sub", O_RDONLY)) : chdir("sub"))
		return -1;
	fd = creat(path, 0600);
	return fd;
}

static int
openat2_probe(void)
{
	/* struct open_how: flags, mode, resolve. */
	uint64_t how[3] = {CREATE, 0600};

	return (int)syscall(SYS_openat2, here(), path, how, sizeof(how));
}

/* A call of ours that the filter does not know would end this process. */
static int
filter_probe(bool by_syscall)
{
	if (filter_install(by_syscall))
		return errno == EINVAL ? SKIPPED : -1;
	return open(path, CREATE, 0600);
}

#ifdef SYS_open
#define OLD_CALLS                                                              \
	P("syscall:open", syscall(SYS_open, path, CREATE, 0600))               \
	P("syscall:creat", syscall(SYS_creat, path, 0600))                     \
	P("syscall:rename", syscall(SYS_rename, path2, path))                  \
	P("syscall:link", syscall(SYS_link, path2, path))                      \
	P("syscall:symlink", syscall(SYS_symlink, path2, path))                \
	P("syscall:unlink", syscall(SYS_unlink, path))
#else
#define OLD_CALLS
#endif
#ifdef SYS_renameat
#define RENAMEAT                                                               \
	P("syscall:renameat",                                                  \
	  syscall(SYS_renameat, here(), path2, here(), path))
#else
#define RENAMEAT
#endif

#define SPAWN(how, argv)                                                       \
	(pidfd_spawn ? how(&handle, self, NULL, NULL, argv, none) : ENOSYS)

static int
pidfd_probe(bool search)
{
	int handle = -1;
	int ret =
	    search ? SPAWN(pidfd_spawnp, child()) : SPAWN(pidfd_spawn, child());

	return ret == ENOSYS ? SKIPPED : reap(ret);
}

static int
spawn_probe(bool search)
{
	pid_t pid;

	return reap(search
	                ? posix_spawnp(&pid, self, NULL, NULL, child(), none)
	                : posix_spawn(&pid, self, NULL, NULL, child(), none));
}

#define CALLS                                                                  \
	P("open", open(path, CREATE, 0600))                                    \
	P("open64", open64(path, CREATE, 0600))                                \
	P("__open", __open(path, CREATE, 0600))                                \
	P("__open64", __open64(path, CREATE, 0600))                            \
	P("__open_2", __open_2(path, O_WRONLY | O_TRUNC))                      \
	P("__open64_2", __open64_2(path, O_RDWR))                              \
	P("openat", openat(here(), path, CREATE, 0600))                        \
	P("openat64", openat64(here(), path, CREATE, 0600))                    \
	P("__openat_2", __openat_2(here(), path, O_RDWR))                      \
	P("__openat64_2", __openat64_2(here(), path, O_RDWR))                  \
	P("creat", creat(path, 0600))                                          \
	P("creat64", creat64(path, 0600))                                      \
	P("open_by_handle_at", handle_probe())                                 \
	P("fopen", stream(fopen(path, "w")))                                   \
	P("fopen64", stream(fopen64(path, "a")))                               \
	P("_IO_fopen", stream(_IO_fopen(path, "wb")))                          \
	P("freopen", stream(freopen(path, "r+", stdin)))                       \
	P("freopen64", stream(freopen64(path, "w+", stdin)))                   \
	P("mkstemp", mkstemp(path))                                            \
	P("mkstemp64", mkstemp64(path))                                        \
	P("mkostemp", mkostemp(path, O_APPEND))                                \
	P("mkostemp64", mkostemp64(path, O_APPEND))                            \
	P("mkstemps", mkstemps(path, 0))                                       \
	P("mkstemps64", mkstemps64(path, 0))                                   \
	P("mkostemps", mkostemps(path, 0, O_APPEND))                           \
	P("mkostemps64", mkostemps64(path, 0, O_APPEND))                       \
	P("truncate", truncate(path, 1))                                       \
	P("truncate64", truncate64(path, 1))                                   \
	P("rename", rename(path2, path))                                       \
	P("renameat", renameat(here(), path2, here(), path))                   \
	P("renameat2", renameat2(here(), path2, here(), path, 0))              \
	P("link", link(path2, path))                                           \
	P("linkat", linkat(here(), path2, here(), path, 0))                    \
	P("symlink", symlink(path2, path))                                     \
	P("symlinkat", symlinkat(path2, here(), path))                         \
	P("unlink", unlink(path))                                              \
	P("unlinkat", unlinkat(here(), path, 0))                               \
	P("remove", remove(path))                                              \
	P("chdir", chdir_probe(false))                                         \
	P("fchdir", chdir_probe(true))                                         \
	P("execve", execve(self, child(), none))                               \
	P("execv", strip() + execv(self, child()))                             \
	P("execvp", strip() + execvp(self, child()))                           \
	P("execvpe", execvpe(self, child(), none))                             \
	P("execl", strip() + execl(self, CHILD))                               \
	P("execlp", strip() + execlp(self, CHILD))                             \
	P("execle", execle(self, CHILD, none))                                 \
	P("execveat", execveat(AT_FDCWD, self, child(), none, 0))              \
	P("fexecve", fexecve(open(self, O_RDONLY), child(), none))             \
	P("posix_spawn", spawn_probe(false))                                   \
	P("posix_spawnp", spawn_probe(true))                                   \
	P("pidfd_spawn", pidfd_probe(false))                                   \
	P("pidfd_spawnp", pidfd_probe(true))                                   \
	P("posix_spawn_file_actions_addopen", addopen_probe())                 \
	P("system", command_probe(false))                                      \
	P("popen", command_probe(true))                                        \
	P("prctl", filter_probe(false))                                        \
	P("syscall:seccomp", filter_probe(true))                               \
	P("syscall:openat", syscall(SYS_openat, here(), path, CREATE, 0600))   \
	P("syscall:openat2", openat2_probe())                                  \
	P("syscall:truncate", syscall(SYS_truncate, path, 1L))                 \
	P("syscall:renameat2",                                                 \
	  syscall(SYS_renameat2, here(), path2, here(), path, 0))              \
	P("syscall:linkat",                                                    \
	  syscall(SYS_linkat, here(), path2, here(), path, 0))                 \
	P("syscall:symlinkat", syscall(SYS_symlinkat, path2, here(), path))    \
	P("syscall:unlinkat", syscall(SYS_unlinkat, here(), path, 0))          \
	P("syscall:execve", syscall(SYS_execve, self, child(), none))          \
	P("syscall:execveat",                                                  \
	  syscall(SYS_execveat, AT_FDCWD, self, child(), none, 0))             \
	OLD_CALLS                                                              \
	RENAMEAT

/* A path that is NULL is the kernel's to refuse. */
static int
null_probe(void)
{
	const char *volatile null = NULL;
	const char *volatile bad = (const char *)-1;

	if (open(null, CREATE, 0600) != -1 || errno != EFAULT)
		return -1;
	if (open(bad, CREATE, 0600) != -1 || errno != EFAULT)
		return -1;
	if (rename(null, "x") != -1 || unlink(null) != -1)
		return -1;
	if (open("", CREATE, 0600) != -1 || errno != ENOENT)
		return -1;
	return 0;
}

int
main(int argc, char **argv)
{
	static char buf[4096];
	long ret = 0;
	ssize_t n = readlink("/proc/self/exe", buf, sizeof(buf) - 1);

	if (argc < 3 || n < 0)
		return 2;
	buf[n] = '\0';
	/* In an emulator it has to be started anew through that. */
	self = getenv("PROBE_SELF");
	if (!self)
		self = buf;
	path = argv[2];
	path2 = argc > 3 ? argv[3] : NULL;
#define P(name, call)                                                          \
	if (!strcmp(argv[1], name))                                            \
		ret = call;                                                    \
	else
	CALLS if (!strcmp(argv[1], "null")) ret = null_probe();
	else ret = SKIPPED; /* this machine has no such system call */
	if (ret == SKIPPED || (ret < 0 && errno == ENOSYS))
		return 3;
	if (ret < 0)
		perror(argv[1]);
	return ret < 0;
}
