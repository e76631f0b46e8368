/* SPDX-License-Identifier: MIT */
/* lib.h - what a process knows: its two variables and the mapped image */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "match.h"

enum {
	CACHE_SIZE = 256,
	N_SCRATCH = 6,
	VAR_SIZE = KMLFLOW_VALUE_MAX + 32,
};

/*
 * All of it is plain memory without locks.  A child of vfork(2) shares it
 * with its parent, so nothing here may depend on which of the two stored it.
 */
struct lib {
	bool started;  /* the variables below were looked for */
	bool off;      /* not in a captured run: hooks only pass on */
	bool unmapped; /* the image cannot be had: nothing is recorded */
	struct view *view;
	struct kmlflow_front *front;
	uint64_t front_len; /* bytes that are mapped there, mostly all */
	uint32_t cwd_changes;
	/* "NAME=value", copies: programs overwrite their environment. */
	uint32_t preload_len;
	uint32_t image_len;
	char preload_var[VAR_SIZE];
	char image_var[VAR_SIZE];
};

/*
 * What is of this process alone.  The kernel hands a forked child zeroes in
 * place of it (MADV_WIPEONFORK), so that the child finds out anew.
 */
struct proc {
	int32_t pid;        /* 0: not asked yet */
	uint32_t cwd_stamp; /* lib.cwd_changes + 1 when 'cwd' was read */
	uint8_t busy[N_SCRATCH];
	kmlflow_shared cache[CACHE_SIZE]; /* of what was recorded already */
	struct dir cwd;
	struct dir scratch[N_SCRATCH];
};

extern struct lib lib;

/* Reads the environment, once. */
void lib_start(void);

/*
 * Maps the image, so early that what the program does to itself later (other
 * rights, another root, few descriptors) does not matter.  NULL: it cannot be
 * had, and nothing is counted.
 */
struct kmlflow_front *lib_front(void);

/* Makes it ready for records; NULL: there is nothing to record into. */
struct view *lib_map(void);

static inline struct view *
lib_view(void)
{
	struct view *view = __atomic_load_n(&lib.view, __ATOMIC_ACQUIRE);

	if (view || lib.off || lib.unmapped)
		return view;
	return lib_map();
}

/* The directory that relative paths start from; NULL: it cannot be told. */
const struct dir *lib_cwd(struct view *v);

/* The same without a system call; NULL: one would be needed. */
static inline const struct dir *
lib_known_cwd(const struct view *v)
{
	const struct proc *p = v->proc;
	uint32_t stamp =
	    __atomic_load_n(&lib.cwd_changes, __ATOMIC_RELAXED) + 1;

	return __atomic_load_n(&p->cwd_stamp, __ATOMIC_ACQUIRE) == stamp &&
	               p->cwd.len
	           ? &p->cwd
	           : NULL;
}

/* After chdir(2), also one that failed. */
static inline void
lib_cwd_changed(void)
{
	__atomic_fetch_add(&lib.cwd_changes, 1, __ATOMIC_RELAXED);
}

/* A scratch place, NULL if all are in use; lib_put_dir() gives it back. */
struct dir *lib_scratch(struct view *v);
void lib_put_dir(struct view *v, const struct dir *dir);

/* What a symbolic link says; NULL: no absolute path, or no scratch place. */
struct dir *lib_read_link(struct view *v, const char *path);

/* The directory that an open one is called; NULL as above. */
struct dir *lib_fd_dir(struct view *v, int fd);

/* A new name in the directory of kept files; false: there were enough. */
bool lib_kept_name(struct view *v, struct dir *ret);
