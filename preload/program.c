/* SPDX-License-Identifier: MIT */
/* program.c - counts programs that are started, and those that we are in */
#include "program.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/auxv.h>

#include "env.h"
#include "exec.h"
#include "kmlflow/env.h"
#include "kmlflow/hash.h"
#include "kmlflow/image.h"
#include "lib.h"
#include "record.h"
#include "str.h"

/* A place for 'key' among the 'n' from 'table' on; '*added': it is new. */
static struct kmlflow_program *
search(struct kmlflow_program *table, uint32_t n, uint64_t key, bool *added)
{
	for (uint32_t i = 0; i < KMLFLOW_PROGRAM_TRIES; i++) {
		struct kmlflow_program *p =
		    &table[kmlflow_program_place(key, i, n)];
		uint64_t found = __atomic_load_n(&p->key, __ATOMIC_RELAXED);

		*added = !found &&
		         __atomic_compare_exchange_n(&p->key, &found, key,
		                                     false, __ATOMIC_RELAXED,
		                                     __ATOMIC_RELAXED);
		if (*added || found == key)
			return p;
	}
	return NULL;
}

static struct kmlflow_program *
place_of(struct kmlflow_front *f, uint64_t key, bool *added)
{
	struct kmlflow_program *p =
	    search(f->programs, KMLFLOW_PROGRAMS_NEAR, key, added);

	if (!p)
		p = search(f->programs + KMLFLOW_PROGRAMS_NEAR,
		           KMLFLOW_PROGRAMS - KMLFLOW_PROGRAMS_NEAR, key,
		           added);
	if (!p)
		__atomic_fetch_add(&f->image.crowded, 1, __ATOMIC_RELAXED);
	return p;
}

static struct kmlflow_program *
named(struct kmlflow_front *f, const char *name, size_t len)
{
	bool added;

	return place_of(f, kmlflow_program_key(name, len), &added);
}

/* The kernel tells under which path it was started, scripts too. */
void
program_arrived(void)
{
	const char *path = (const char *)getauxval(AT_EXECFN);
	struct kmlflow_front *f = lib_front();
	struct kmlflow_program *p;
	size_t len;
	size_t at;

	if (!f || !path)
		return;
	len = str_len(path);
	at = str_name(path, len);
	p = named(f, path + at, len - at);
	if (p)
		__atomic_fetch_add(&p->arrivals, 1, __ATOMIC_RELAXED);
}

/* What is executed through a descriptor is called "/dev/fd/N". */
static bool
is_open_file(const struct exec_call *c)
{
	return c->how == EXEC_FD ||
	       ((c->how == EXEC_AT || c->how == EXEC_RAW_AT) && c->path &&
	        !*c->path);
}

/* Whether the path is one from the current directory. */
static bool
starts_here(const struct exec_call *c, const struct text *t)
{
	switch (c->how) {
	case EXEC_SEARCH:
	case SPAWN_SEARCH:
	case SPAWN_PIDFD_SEARCH:
		return *t->s != '/' && t->name;
	case EXEC_AT:
	case EXEC_RAW_AT:
		return *t->s != '/' && c->fd == AT_FDCWD;
	case EXEC_PATH:
	case EXEC_FD:
	case EXEC_RAW:
	case SPAWN_PATH:
	case SPAWN_PIDFD:
		break;
	}
	return *t->s != '/';
}

/* Says which program it is, if that is not known to be known. */
static __attribute__((noinline)) void
tell(const struct exec_call *c, const struct text *t, const char *name,
     bool off)
{
	enum record_kind kind = off ? RECORD_LAUNCH_OFF : RECORD_LAUNCH;
	struct view *v = lib_view();
	struct place p = {.rule = KMLFLOW_NO_RULE, .text = *t};
	struct place q = {.rule = KMLFLOW_NO_RULE};
	const struct dir *link = NULL;

	if (!v)
		return;
	if (name) {
		text_scan(name, &q.text);
		link = lib_fd_dir(v, c->fd);
		if (!link || !text_scan(link->text, &p.text))
			p.text = q.text;
	} else if (starts_here(c, t)) {
		p.dir = lib_cwd(v);
	} else if (*t->s != '/' &&
	           (c->how == EXEC_AT || c->how == EXEC_RAW_AT)) {
		p.dir = link = lib_fd_dir(v, c->fd);
	}
	record_launch(v, kind, &p, name ? &q : NULL);
	if (link)
		lib_put_dir(v, link);
}

/*
 * A path that does not start at the root can be another program elsewhere;
 * what is added to the key is the number of times that this process changed
 * its directory.
 */
static void
tell_once(struct kmlflow_front *f, const struct exec_call *c,
          const struct text *t, const char *name, bool off)
{
	uint64_t seed = off ? KMLFLOW_SEED_EXT : KMLFLOW_SEED_ROOT;
	bool added;

	if (*t->s != '/')
		seed += __atomic_load_n(&lib.cwd_changes, __ATOMIC_RELAXED);
	if (place_of(f, kmlflow_hash(seed, t->s, t->len) | 1, &added) && added)
		tell(c, t, name, off);
}

struct kmlflow_program *
program_launch(const struct exec_call *c, const struct env_vars *vars)
{
	struct kmlflow_front *f = lib_front();
	const char *own = lib.image_var + sizeof(KMLFLOW_ENV_IMAGE);
	struct kmlflow_program *ret;
	struct text t;
	char number[24] = "";
	bool open_file = is_open_file(c);

	/* Another image: that run looks after it. */
	if (!f ||
	    (vars->image && !str_same(vars->image, str_len(vars->image), own)))
		return NULL;
	if (open_file)
		*str_number(number, (unsigned)c->fd) = '\0';
	if (!text_scan(open_file ? number : c->path, &t))
		return NULL;
	tell_once(f, c, &t, open_file ? number : NULL, vars->capture_off);
	ret = named(f, t.s + t.name, t.len - t.name);
	if (ret)
		__atomic_fetch_add(&ret->launches, 1, __ATOMIC_RELAXED);
	return ret;
}

void
program_failed(struct kmlflow_program *p)
{
	if (p)
		__atomic_fetch_sub(&p->launches, 1, __ATOMIC_RELAXED);
}
