/* SPDX-License-Identifier: MIT */
/* holders.c - files that processes which are not of this run are writing */
#include "stage/holders.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/strv.h"

enum {
	GENERATIONS = 64, /* more than anybody has between us and it */
	ENVIRON_MAX = 4 << 20,
};

struct process {
	pid_t pid;
	bool asked; /* whether it is ours */
	bool ours;
	const char *image;
};

static char *
file_key(uint64_t dev, uint64_t ino)
{
	return mem_printf("%llx:%llx", (unsigned long long)dev,
	                  (unsigned long long)ino);
}

static pid_t
parent_of(pid_t pid)
{
	cleanup_free char *path = mem_printf("/proc/%d/stat", (int)pid);
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	const char *p;

	if (fs_read(path, 4096, &text, &err))
		return 0;
	/* "PID (NAME) STATE PARENT"; the name may hold anything. */
	p = strrchr(text.s, ')');
	return p && strlen(p) > 4 ? (pid_t)strtol(p + 4, NULL, 10) : 0;
}

static bool
has_image(pid_t pid, const char *image)
{
	cleanup_free char *path = mem_printf("/proc/%d/environ", (int)pid);
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	return image && !fs_read(path, ENVIRON_MAX, &text, &err) &&
	       memmem(text.s, text.len, image, strlen(image));
}

static bool
is_ours(struct process *p)
{
	pid_t above = p->pid;

	if (p->asked)
		return p->ours;
	p->asked = true;
	for (int i = 0; i < GENERATIONS && above > 1 && !p->ours; i++) {
		p->ours = above == getpid();
		above = parent_of(above);
	}
	p->ours |= has_image(p->pid, p->image);
	return p->ours;
}

static char *
name_process(pid_t pid)
{
	cleanup_free char *path = mem_printf("/proc/%d/comm", (int)pid);
	cleanup_buf struct buf name = BUF_INIT;
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	buf_addf(&text, "process %d", (int)pid);
	if (!fs_read(path, 64, &name, &err) && name.len) {
		buf_adds(&text, " (");
		enc_printable(&text, name.s, strcspn(name.s, "\n"));
		buf_addc(&text, ')');
	}
	return buf_detach(&text);
}

/* Of the file behind an entry of a directory of descriptors; NULL: no file, or
 * not open for writing. */
static char *
key_of(int dir, const char *fd)
{
	struct statx st;
	struct stat link;

	/* The link's own mode tells how the file is open. */
	if (fstatat(dir, fd, &link, AT_SYMLINK_NOFOLLOW) ||
	    !(link.st_mode & S_IWUSR))
		return NULL;
	/* A server of files that does not answer must not keep us. */
	if (statx(dir, fd, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &st) ||
	    !S_ISREG(st.stx_mode))
		return NULL;
	return file_key(makedev(st.stx_dev_major, st.stx_dev_minor),
	                st.stx_ino);
}

static void
note_file(struct holders *h, struct process *p, int dir, const char *fd)
{
	cleanup_free char *key = key_of(dir, fd);
	void **to;

	if (!key)
		return;
	to = map_at(&h->files, key);
	if (*to && !*(const char *)*to)
		return;
	if (is_ours(p)) {
		free(*to);
		*to = mem_dup("");
	} else if (!*to) {
		*to = name_process(p->pid);
	}
}

static void
look_at(struct holders *h, struct process *p)
{
	cleanup_free char *path = mem_printf("/proc/%d/fd", (int)p->pid);
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (*e->d_name != '.')
			note_file(h, p, dirfd(d), e->d_name);
	if (d)
		closedir(d);
}

void
holders_given(struct strv *to)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		int fd = (int)strtol(e->d_name, NULL, 10);
		char *key = NULL;

		if (*e->d_name != '.' && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
			key = key_of(dirfd(d), e->d_name);
		if (key && !strv_has(to, key))
			strv_add(to, key);
		free(key);
	}
	if (d)
		closedir(d);
}

void
holders_load(const char *image, const struct strv *given, struct holders *ret)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	*ret = (struct holders){.files = MAP_INIT};
	for (size_t i = 0; i < given->n; i++)
		*map_at(&ret->files, given->v[i]) = mem_dup("");
	while (d && (e = readdir(d))) {
		struct process p = {.image = image};

		p.pid = (pid_t)strtol(e->d_name, NULL, 10);
		if (p.pid > 0)
			look_at(ret, &p);
	}
	if (d)
		closedir(d);
}

const char *
holders_get(const struct holders *h, const struct stat *st)
{
	cleanup_free char *key = file_key(st->st_dev, st->st_ino);
	const char *who = map_get(&h->files, key);

	return who && *who ? who : NULL;
}

void
holders_free(struct holders *h)
{
	map_free(&h->files, free);
}
