/* SPDX-License-Identifier: MIT */
/* note.c - what hooks say before they call libc */
#include "note.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kmlflow/hash.h"
#include "lib.h"
#include "look.h"
#include "real.h"
#include "record.h"
#include "str.h"
#include "table.h"

/*
 * Where 'p->text' stands to the rules, 'p->match' being what its name is to
 * them.  The directory behind a descriptor costs
 * a system call: it is asked for only where name, extension or the kinds of
 * rules leave a chance.  Undone by place_free().
 */
static bool
place_find(struct view *v, int fd, struct place *p)
{
	uint64_t ext = match_ext(v, &p->text);

	if (*p->text.s != '/') {
		if (fd == AT_FDCWD)
			p->dir = lib_cwd(v);
		else if (p->match || ext || v->flags & KMLFLOW_HAS_DEEP)
			p->dir = lib_fd_dir(v, fd);
		if (!p->dir)
			return p->match;
	}
	p->match |= match_path(v, &p->text, ext, p->dir, &p->rule);
	return p->match;
}

static __attribute__((noinline)) bool
place_init(struct view *v, int fd, const char *path, struct place *p)
{
	p->dir = NULL;
	p->match = 0;
	p->rule = KMLFLOW_NO_RULE;
	if (!text_scan(path, &p->text))
		return false;
	p->match = match_name(v, &p->text);
	return place_find(v, fd, p);
}

static void
place_free(struct view *v, const struct place *p)
{
	if (p->dir)
		lib_put_dir(v, p->dir);
}

static kmlflow_shared *
cache_slot(struct view *v, uint64_t hash)
{
	return &v->proc->cache[(hash >> 1) % CACHE_SIZE];
}

/* 0: it has none. */
static uint64_t
place_hash(const struct place *p)
{
	if (!p->dir && *p->text.s != '/')
		return 0;
	return kmlflow_hash(p->dir ? p->dir->hash : KMLFLOW_SEED_ROOT,
	                    p->text.s, p->text.len) |
	       1;
}

/* Whether this process recorded the same before; if not, it has now. */
static bool
known(struct view *v, uint64_t hash)
{
	kmlflow_shared *slot = cache_slot(v, hash);

	if (!hash || __atomic_load_n(slot, __ATOMIC_RELAXED) == hash)
		return hash;
	__atomic_store_n(slot, hash, __ATOMIC_RELAXED);
	return false;
}

/* Names have changed: what was recorded may be news again. */
static void
forget(struct view *v)
{
	for (int i = 0; i < CACHE_SIZE; i++)
		__atomic_store_n(&v->proc->cache[i], 0, __ATOMIC_RELAXED);
}

static void
mark_dirty(struct view *v, const struct place *p)
{
	if (p->rule < v->n_rules)
		__atomic_store_n(&v->dirty[p->rule], 1, __ATOMIC_RELAXED);
}

static __attribute__((noinline)) void
record_write(struct view *v, int fd, const char *path, const struct doubt *d)
{
	struct place p = {
	    .text = d->text,
	    .match = d->match,
	    .rule = KMLFLOW_NO_RULE,
	};
	bool matters =
	    d->hash ? place_find(v, fd, &p) : place_init(v, fd, path, &p);

	if (matters && p.match & MATCH_ANY &&
	    !known(v, d->hash ? d->hash : place_hash(&p))) {
		mark_dirty(v, &p);
		record_put(v, RECORD_WRITE, &p, NULL);
	}
	place_free(v, &p);
}

HOT void
note_write(int fd, const char *path)
{
	struct view *v = lib_view();
	const struct dir *dir = NULL;
	struct doubt d;

	if (!v || !is_path(path))
		return;
	if (*path != '/' && fd == AT_FDCWD)
		dir = lib_known_cwd(v);
	if (match_rejects(v, path, dir, &d))
		return;
	if (!d.hash ||
	    __atomic_load_n(cache_slot(v, d.hash), __ATOMIC_RELAXED) != d.hash)
		record_write(v, fd, path, &d);
}

void
note_write_fd(int fd)
{
	struct view *v = lib_view();
	const struct dir *link = v ? lib_fd_dir(v, fd) : NULL;

	if (!link)
		return;
	note_write(AT_FDCWD, link->text);
	lib_put_dir(v, link);
}

/*
 * A hard link keeps what is about to lose its name; absence is all that is
 * told of the outcome, for the record goes before the program's own call.
 */
static bool
keep(struct view *v, int fd, const struct place *p)
{
	struct dir *to = v->keep ? lib_scratch(v) : NULL;
	struct place kept = {.rule = p->rule};
	long ret = -1;

	if (to && lib_kept_name(v, to)) {
		ret = sys(SYS_linkat, (long)fd, p->text.s, (long)AT_FDCWD,
		          to->text, 0L);
		if (!ret && text_scan(to->text, &kept.text))
			record_put(v, RECORD_KEPT, p, &kept);
	}
	if (to)
		lib_put_dir(v, to);
	return ret != -ENOENT;
}

static __attribute__((noinline)) bool
is_dir(int fd, const char *path)
{
	/* Of struct statx, which not every libc has. */
	struct {
		uint8_t before[28];
		uint16_t mode;
		uint8_t behind[226];
	} st;
	enum { TYPE = 1 };

	return !sys(SYS_statx, (long)fd, path, (long)AT_SYMLINK_NOFOLLOW,
	            (long)TYPE, &st) &&
	       S_ISDIR(st.mode);
}

void
note_unlink(int fd, const char *path)
{
	struct view *v = lib_view();
	struct place p;

	if (!v)
		return;
	if (place_init(v, fd, path, &p) && p.match & MATCH_ANY) {
		if (keep(v, fd, &p))
			record_put(v, RECORD_UNLINK, &p, NULL);
		forget(v);
	}
	place_free(v, &p);
}

/* Of two places at least one matters in some way. */
static void
record_pair(struct view *v, enum note_pair kind, int from_fd,
            const struct place *from, const struct place *to)
{
	unsigned match = from->match | to->match;

	if (match & MATCH_ANY) {
		if (kind == NOTE_RENAME && from->match & MATCH_ANY &&
		    !(to->match & MATCH_ANY) && !keep(v, from_fd, from))
			return;
		record_put(v, kind == NOTE_LINK ? RECORD_LINK : RECORD_RENAME,
		           from, to);
		if (kind == NOTE_EXCHANGE)
			record_put(v, RECORD_RENAME, to, from);
	}
	if (kind != NOTE_LINK &&
	    (match & MATCH_ABOVE || is_dir(from_fd, from->text.s)))
		record_put(v, RECORD_RESCAN, from, to);
	forget(v);
}

void
note_pair(enum note_pair kind, int from_fd, const char *from, int to_fd,
          const char *to)
{
	struct view *v = lib_view();
	struct place a;
	struct place b;
	bool matters;

	if (!v)
		return;
	a.text.s = b.text.s = NULL;
	matters = place_init(v, from_fd, from, &a);
	matters = place_init(v, to_fd, to, &b) || matters;
	if (matters && a.text.s && b.text.s)
		record_pair(v, kind, from_fd, &a, &b);
	place_free(v, &a);
	place_free(v, &b);
}

void
note_symlink(int fd, const char *path)
{
	struct view *v = lib_view();
	struct place p;

	if (!v)
		return;
	if (place_init(v, fd, path, &p)) {
		if (p.match & MATCH_ANY)
			record_put(v, RECORD_WRITE, &p, NULL);
		if (p.match & MATCH_ABOVE)
			record_put(v, RECORD_RESCAN, &p, NULL);
		forget(v);
	}
	place_free(v, &p);
}

void
note_last_chance(void)
{
	struct view *v = lib_view();

	if (!v)
		return;
	lib_cwd(v);
	record_pid(v);
}
