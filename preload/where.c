/* SPDX-License-Identifier: MIT */
/* where.c - the directories that relative paths start from */
#include "lib.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "real.h"
#include "str.h"

/* Also "(unreachable)/…": what Linux says of a directory outside the root. */
static bool
usable(const struct dir *d, long len)
{
	return len > 0 && len < (long)sizeof(d->text) && d->text[0] == '/';
}

/*
 * A child of vfork() has a directory of its own but its parent's memory: what
 * it learns would be wrong for the parent.
 */
static bool
in_vfork_child(struct proc *p)
{
	int32_t known = __atomic_load_n(&p->pid, __ATOMIC_RELAXED);
	int32_t pid = known ? (int32_t)sys(SYS_getpid) : 0;

	if (known == pid)
		return false;
	if (known == (int32_t)sys(SYS_getppid))
		return true;
	/* What is known was stored by such a child, which is gone. */
	__atomic_store_n(&p->pid, pid, __ATOMIC_RELAXED);
	return false;
}

const struct dir *
lib_cwd(struct view *v)
{
	struct proc *p = v->proc;
	uint32_t stamp =
	    __atomic_load_n(&lib.cwd_changes, __ATOMIC_RELAXED) + 1;
	long len;

	if (__atomic_load_n(&p->cwd_stamp, __ATOMIC_ACQUIRE) == stamp)
		return p->cwd.len ? &p->cwd : NULL;
	if (in_vfork_child(p))
		return NULL;
	len = sys(SYS_getcwd, p->cwd.text, (long)sizeof(p->cwd.text));
	p->cwd.len = usable(&p->cwd, len - 1) ? (uint32_t)len - 1 : 0;
	if (p->cwd.len)
		match_dir(v, &p->cwd);
	__atomic_store_n(&p->cwd_stamp, stamp, __ATOMIC_RELEASE);
	return p->cwd.len ? &p->cwd : NULL;
}

struct dir *
lib_scratch(struct view *v)
{
	for (int i = 0; i < N_SCRATCH; i++)
		if (!__atomic_exchange_n(&v->proc->busy[i], 1,
		                         __ATOMIC_ACQUIRE))
			return &v->proc->scratch[i];
	return NULL;
}

void
lib_put_dir(struct view *v, const struct dir *dir)
{
	for (int i = 0; i < N_SCRATCH; i++)
		if (dir == &v->proc->scratch[i])
			__atomic_store_n(&v->proc->busy[i], 0,
			                 __ATOMIC_RELEASE);
}

struct dir *
lib_read_link(struct view *v, const char *path)
{
	struct dir *d = lib_scratch(v);
	long len;

	if (!d)
		return NULL;
	len = sys(SYS_readlinkat, (long)AT_FDCWD, path, d->text,
	          (long)sizeof(d->text));
	if (!usable(d, len)) {
		lib_put_dir(v, d);
		return NULL;
	}
	d->text[len] = '\0';
	d->len = (uint32_t)len;
	return d;
}

struct dir *
lib_fd_dir(struct view *v, int fd)
{
	char path[40];
	struct dir *d;

	if (fd < 0)
		return NULL;
	*str_number(str_put(path, "/proc/self/fd/", 14), (unsigned long)fd) =
	    '\0';
	d = lib_read_link(v, path);
	if (d)
		match_dir(v, d);
	return d;
}

/* Process and number: no two processes, nor one pid twice, make the same. */
bool
lib_kept_name(struct view *v, struct dir *ret)
{
	uint64_t n = __atomic_fetch_add(&v->header->kept, 1, __ATOMIC_RELAXED);
	char *to = ret->text;

	if (n >= KMLFLOW_KEEP_MAX || v->keep_len + 48 > sizeof(ret->text))
		return false;
	to = str_put(to, v->keep, v->keep_len);
	*to++ = '/';
	to = str_number(to, (unsigned long)sys(SYS_getpid));
	*to++ = '-';
	to = str_number(to, (unsigned long)n);
	*to = '\0';
	return true;
}
