/* SPDX-License-Identifier: MIT */
/* probes.c - rarer ways to write below out/: probes NAME... */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void
must(int ok)
{
	if (!ok) {
		perror("probes");
		exit(1);
	}
}

static void
put(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	must(fd >= 0 && write(fd, "x", 1) == 1);
	close(fd);
}

static void
tmpfile_linked(void)
{
	char from[40];
	int fd = open(".", O_TMPFILE | O_RDWR, 0644);

	must(fd >= 0 && write(fd, "x", 1) == 1);
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	must(!linkat(AT_FDCWD, from, AT_FDCWD, "out/tmpfile",
	             AT_SYMLINK_FOLLOW));
}

static void
by_handle(void)
{
	struct {
		struct file_handle h;
		char room[MAX_HANDLE_SZ];
	} u = {.h.handle_bytes = MAX_HANDLE_SZ};
	int mount = open(".", O_RDONLY);
	int id;
	int fd;

	must(!name_to_handle_at(AT_FDCWD, "out/old-probe", &u.h, &id, 0));
	fd = open_by_handle_at(mount, &u.h, O_WRONLY);
	must(fd >= 0 && write(fd, "z", 1) == 1);
}

static void
renames(void)
{
	put("a");
	must(!renameat2(AT_FDCWD, "a", AT_FDCWD, "out/noreplace",
	                RENAME_NOREPLACE));
	put("b");
	must(!renameat2(AT_FDCWD, "b", AT_FDCWD, "out/old-probe",
	                RENAME_EXCHANGE));
	must(!mkdir("d", 0755) && !mkdir("d/e", 0755));
	put("d/e/f");
	must(!rename("d", "out/dir"));
	must(!rename("out/dir/e", "out/e"));
}

static void
directories(void)
{
	int d = open("out", O_RDONLY | O_DIRECTORY);
	int top = open(".", O_RDONLY | O_DIRECTORY);
	int fd = openat(d, "by-fd", O_CREAT | O_WRONLY, 0644);

	must(fd >= 0 && !chdir("out"));
	put("after-chdir");
	put("../out/dots");
	must(!fchdir(top));
	put("out/after-fchdir");
	must(!fchdir(d));
	put("./in-out");
	must(!fchdir(top));
	must(!renameat(d, "by-fd", d, "by-fd-2"));
}

static void *
in_thread(void *arg)
{
	must(!unshare(CLONE_FS) && !chdir("out"));
	put(arg);
	return NULL;
}

static void
threads(void)
{
	pthread_t t[4];
	static char names[4][16];

	for (int i = 0; i < 4; i++) {
		snprintf(names[i], sizeof(names[i]), "thread-%d", i);
		pthread_create(&t[i], NULL, in_thread, names[i]);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

static void
spawned(void)
{
	char *argv[] = {"sh", "-c", "echo; echo > by-cwd", NULL};
	char *empty[] = {NULL};
	posix_spawn_file_actions_t a;
	pid_t pid;

	posix_spawn_file_actions_init(&a);
	posix_spawn_file_actions_addopen(&a, 1, "out/addopen",
	                                 O_CREAT | O_WRONLY, 0644);
	posix_spawn_file_actions_addchdir_np(&a, "out");
	posix_spawn_file_actions_addopen(&a, 2, "addopen-2", O_CREAT | O_WRONLY,
	                                 0644);
	must(!posix_spawn(&pid, "/bin/sh", &a, NULL, argv, empty));
	waitpid(pid, NULL, 0);
}

static void
copies(void)
{
	int in = open("/proc/self/exe", O_RDONLY);
	int a = open("out/copied", O_CREAT | O_RDWR, 0644);
	int b = open("out/sent", O_CREAT | O_WRONLY, 0644);
	int c = open("out/mapped", O_CREAT | O_RDWR, 0644);
	int old = open("out/old-map", O_RDWR);
	off_t at = 0;
	char *p;

	must(copy_file_range(in, &at, a, NULL, 100, 0) >= 0 ||
	     sendfile(a, in, NULL, 100) > 0);
	must(sendfile(b, a, NULL, 10) >= 0 && !ftruncate(c, 4096));
	p = mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, c, 0);
	must(p != MAP_FAILED);
	*p = 'x';
	p = mmap(NULL, 1, PROT_WRITE, MAP_SHARED, old, 0);
	must(p != MAP_FAILED);
	close(old);
	*p = 'z';
}

/* Opens and writes by the ring alone: no tracer sees it. */
static void
uring(void)
{
	struct io_uring_params p = {.flags = 0};
	int ring = (int)syscall(SYS_io_uring_setup, 4, &p);
	struct io_uring_sqe *sqe;
	unsigned *sq;

	if (ring < 0)
		exit(77);
	sq = mmap(NULL, p.sq_off.array + 64, PROT_READ | PROT_WRITE, MAP_SHARED,
	          ring, IORING_OFF_SQ_RING);
	sqe = mmap(NULL, 4 * sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED,
	           ring, IORING_OFF_SQES);
	must((void *)sq != MAP_FAILED && (void *)sqe != MAP_FAILED);
	*sqe = (struct io_uring_sqe){
	    .opcode = IORING_OP_OPENAT,
	    .fd = AT_FDCWD,
	    .addr = (unsigned long)"out/uring",
	    .len = 0644,
	    .open_flags = O_CREAT | O_WRONLY,
	};
	sq[p.sq_off.array / 4] = 0;
	__atomic_store_n(&sq[p.sq_off.tail / 4], 1, __ATOMIC_RELEASE);
	must(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
	             NULL, 0) == 1);
	must(!access("out/uring", F_OK));
}

#ifdef __x86_64__
static long
inline_call(long n, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long ret;

	__asm__ volatile("syscall"
	                 : "=a"(ret)
	                 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10)
	                 : "rcx", "r11", "memory");
	return ret;
}

static void
inlined(void)
{
	must(inline_call(SYS_openat, AT_FDCWD, (long)"out/inline",
	                 O_CREAT | O_WRONLY, 0644) >= 0);
	must(inline_call(SYS_openat, AT_FDCWD, (long)"out/old-inline",
	                 O_TRUNC | O_WRONLY, 0) >= 0);
}
#else
static void
inlined(void)
{
	exit(77);
}
#endif

static void
other_libc(void)
{
	void *libc = dlmopen(LM_ID_NEWLM, "libc.so.6", RTLD_NOW);
	int (*f)(const char *, mode_t) =
	    libc ? (int (*)(const char *, mode_t))dlsym(libc, "creat") : NULL;

	must(f && f("out/dlmopen", 0644) >= 0);
	libc = dlopen("libc.so.6", RTLD_NOW);
	f = (int (*)(const char *, mode_t))dlsym(libc, "creat");
	must(f && f("out/handle", 0644) >= 0);
}

static void
links(void)
{
	must(!mkdir("real", 0755) && !mkdir("real/in", 0755));
	must(!symlink("out", "to-out") && !symlink("real/in", "in"));
	put("to-out/through");
	put("in/../../out/up");
	must(!symlink("target", "out/pointer"));
	put("out/pointer");
	must(!symlink("real/behind", "behind"));
	must(!link("out/through", "out/hard"));
	put("hard-in");
	must(!link("hard-in", "out/hard-from"));
	put("hard-in");
	put("out/old-hard");
}

static void
odd_names(void)
{
	char name[300] = "out/";
	char one[8] = "out/x?";

	memset(name + 4, 'n', 255);
	put(name);
	for (int c = 1; c < 256; c++) {
		if (c == '/')
			continue;
		one[5] = (char)c;
		put(one);
	}
	put("out/case");
	put("out/CASE");
}

static void
deep(void)
{
	char path[4096] = "out";

	for (int i = 0; i < 15; i++) {
		char *end = path + strlen(path);

		*end++ = '/';
		memset(end, 'd', 250);
		end[250] = '\0';
		must(!mkdir(path, 0755));
	}
	strcat(path, "/f");
	put(path);
}

static void
times(void)
{
	char text[16];
	int fd;

	put("out/gone");
	must(!unlink("out/gone"));
	put("out/away");
	must(!rename("out/away", "away"));
	put("out/over");
	put("tmp");
	must(!rename("tmp", "out/over"));
	for (int i = 0; i < 1000; i++) {
		fd = open("out/often", O_CREAT | O_WRONLY | O_TRUNC, 0644);
		must(fd >= 0 && write(fd, text, 16) == 16);
		close(fd);
	}
	for (int i = 0; i < 2; i++)
		if (!fork()) {
			for (int j = 0; j < 50; j++)
				put("out/both");
			_exit(0);
		}
	wait(NULL);
	wait(NULL);
	must(!truncate("out/old-truncate", 1));
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} all[] = {
	    {"tmpfile", tmpfile_linked},
	    {"handle", by_handle},
	    {"renames", renames},
	    {"directories", directories},
	    {"threads", threads},
	    {"spawn", spawned},
	    {"copies", copies},
	    {"uring", uring},
	    {"inline", inlined},
	    {"dlmopen", other_libc},
	    {"links", links},
	    {"names", odd_names},
	    {"deep", deep},
	    {"times", times},
	};

	for (int i = 1; i < argc; i++)
		for (size_t j = 0; j < sizeof(all) / sizeof(*all); j++)
			if (!strcmp(argv[i], all[j].name))
				all[j].run();
	return 0;
}
