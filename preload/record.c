/* SPDX-License-Identifier: MIT */
/* record.c - appends to the arena; nothing is lost when we are killed */
#include "record.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "kmlflow/env.h"
#include "lib.h"
#include "real.h"
#include "str.h"

enum { HEAD = offsetof(struct kmlflow_record, text) };

/* Numbers of 64 bits are two words, the low one first, where a word has 32. */
static long
grow(long fd, uint64_t at, uint64_t len)
{
	if (sizeof(long) == sizeof(at))
		return sys(SYS_fallocate, fd, 0L, (long)at, (long)len);
	return sys(SYS_fallocate, fd, 0L, (long)at, (long)(at >> 32), (long)len,
	           (long)(len >> 32));
}

/*
 * Room on the file system is taken a step at a time, so that a full one
 * refuses here; a write to a hole would raise SIGBUS in the program.
 */
static bool
allocate(struct view *v, uint64_t end)
{
	const char *path =
	    lib.image_var + sizeof(KMLFLOW_ENV_IMAGE) + KMLFLOW_ID_HEX + 1;
	uint64_t have =
	    __atomic_load_n(&v->header->allocated, __ATOMIC_RELAXED);
	uint64_t arena = (uint64_t)(v->arena - (unsigned char *)v->header);
	uint64_t want;
	long fd;
	long ret;

	if (end <= have)
		return true;
	if (!v->step || end > v->slots)
		return false;
	/* Not by a division, which a smaller machine would have to call. */
	for (want = have; want < end;)
		want += v->step;
	if (want > v->slots)
		want = v->slots;
	fd =
	    sys(SYS_openat, (long)AT_FDCWD, path, (long)O_RDWR | O_CLOEXEC, 0L);
	if (fd < 0)
		return false;
	ret =
	    grow(fd, arena + have * KMLFLOW_SLOT, (want - have) * KMLFLOW_SLOT);
	sys(SYS_close, fd);
	if (ret < 0)
		return false;
	while (have < want &&
	       !__atomic_compare_exchange_n(&v->header->allocated, &have, want,
	                                    false, __ATOMIC_RELAXED,
	                                    __ATOMIC_RELAXED))
		;
	return true;
}

/* Room for 'bytes' of text; NULL: there is none.  '*index' is its slot. */
static struct kmlflow_record *
reserve(struct view *v, size_t bytes, uint64_t *index)
{
	uint64_t n = (HEAD + bytes + KMLFLOW_SLOT - 1) / KMLFLOW_SLOT;
	struct kmlflow_record *r;

	if (n > KMLFLOW_RECORD_SLOTS)
		return NULL;
	*index = __atomic_fetch_add(&v->header->tail, n, __ATOMIC_RELAXED);
	if (*index >= v->slots || n > v->slots - *index ||
	    !allocate(v, *index + n))
		return NULL;
	r = (void *)(v->arena + *index * KMLFLOW_SLOT);
	r->slots = (uint16_t)n;
	return r;
}

static size_t
place_len(const struct place *p)
{
	return p ? p->text.len + (p->dir ? p->dir->len + 1 : 0) : 0;
}

static bool
place_lost(const struct place *p)
{
	return p && !p->dir && *p->text.s != '/';
}

/*
 * As given, behind its directory: the wrapper follows symbolic links, and a
 * ".." after one is not what the text says.
 */
static char *
put_place(char *to, const struct place *p)
{
	if (p->dir) {
		to = str_put(to, p->dir->text, p->dir->len);
		*to++ = '/';
	}
	to = str_put(to, p->text.s, p->text.len);
	*to++ = '\0';
	return to;
}

static void
put(struct view *v, enum record_kind kind, int32_t pid,
    const struct place *first, const struct place *second)
{
	size_t len = place_len(first);
	size_t len2 = place_len(second);
	uint64_t index = 0;
	struct kmlflow_record *r = reserve(v, len + len2 + 2, &index);
	char *to;

	if (!r) {
		__atomic_fetch_add(&v->header->dropped, 1, __ATOMIC_RELAXED);
		return;
	}
	r->kind = (uint8_t)kind;
	r->flags = (uint8_t)((place_lost(first) ? KMLFLOW_LOST : 0) |
	                     (place_lost(second) ? KMLFLOW_LOST2 : 0));
	r->pid = pid;
	r->rule = first->rule;
	if (second && second->rule != KMLFLOW_NO_RULE)
		r->rule = second->rule;
	r->len = (uint16_t)len;
	r->len2 = (uint16_t)len2;
	to = put_place((char *)r + HEAD, first);
	if (second)
		put_place(to, second);
	__atomic_store_n(&r->mark, KMLFLOW_MARK(index), __ATOMIC_RELEASE);
}

/* Says once which program this process runs. */
static void
put_program(struct view *v, int32_t pid)
{
	struct dir *exe = lib_read_link(v, "/proc/self/exe");
	struct place place = {.rule = KMLFLOW_NO_RULE};

	if (!exe)
		return;
	if (text_scan(exe->text, &place.text))
		put(v, RECORD_EXEC, pid, &place, NULL);
	lib_put_dir(v, exe);
}

int32_t
record_pid(struct view *v)
{
	int32_t pid = __atomic_load_n(&v->proc->pid, __ATOMIC_RELAXED);

	if (!pid) {
		int32_t none = 0;

		pid = (int32_t)sys(SYS_getpid);
		if (pid < 0)
			return 0; /* nothing may be asked any more */
		if (__atomic_compare_exchange_n(&v->proc->pid, &none, pid,
		                                false, __ATOMIC_RELAXED,
		                                __ATOMIC_RELAXED))
			put_program(v, pid);
	}
	return pid;
}

void
record_put(struct view *v, enum record_kind kind, const struct place *first,
           const struct place *second)
{
	put(v, kind, record_pid(v), first, second);
}

void
record_launch(struct view *v, enum record_kind kind,
              const struct place *program, const struct place *name)
{
	put(v, kind, 0, program, name);
}
