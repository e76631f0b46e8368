/* SPDX-License-Identifier: MIT */
/* capture.h - the mapped image between kmlflow and the interposed library */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct declared_list;
struct err;

/*
 * Compiles the rules of 'list' into a new image file (layout:
 * include/kmlflow/image.h) that the library maps in every process of CMD.
 * The file lies in /dev/shm, else $XDG_RUNTIME_DIR, else 'fallback_dir'; its
 * room is allocated up front, so that a full file system refuses here and
 * never in CMD.  Mode 0600.  *path is its name, owned by the caller.
 *
 * Each declared path is entered as given and as resolved (realpath of the
 * longest existing parent), so that hooks need only normalise by text.
 * 'keep_dir' (absolute, existing, may be NULL) is where the library keeps
 * declared files that are about to be unlinked or renamed away.
 */
int capture_create(const struct declared_list *list, const char *keep_dir,
                   const char *fallback_dir, char **path, struct err *err);

/* One thing that the library saw. */
enum event_kind {
	EVENT_WRITE = 1, /* opened for writing, created or truncated */
	EVENT_RENAME,    /* 'path' became 'path2' */
	EVENT_LINK,      /* 'path2' is a new name of 'path' */
	EVENT_UNLINK,    /* 'path' goes away */
	EVENT_KEPT,      /* 'path' was linked into keep_dir as 'path2' */
	EVENT_RESCAN,    /* a directory was renamed: re-expand patterns */
	EVENT_EXEC,      /* 'path' is about to be executed */
	EVENT_READ,      /* reserved for lineage */
};

struct event {
	enum event_kind kind;
	uint64_t seq; /* order over all processes */
	pid_t pid;
	int rule;          /* index into declared_list, -1 if not one rule's */
	bool cwd_unknown;  /* 'path' was relative, its directory is not known */
	const char *path;  /* absolute, normalised by text; borrowed */
	const char *path2; /* NULL unless the kind has one */
};

/* What the image says as a whole. */
struct capture_health {
	bool overflow;      /* events were dropped: scan all patterns */
	uint64_t dropped;   /* how many */
	uint64_t processes; /* that mapped the image */
};

struct capture; /* opaque reader */

/*
 * Opens an image that was made by capture_create(), of this or of an earlier
 * process.  CMD can have scribbled over it: every offset and length is
 * checked, and bytes that make no sense are skipped and counted as dropped.
 */
int capture_open(const char *path, struct capture **ret, struct err *err);
void capture_close(struct capture *c); /* NULL is a no-op */

/* 1: *ret is the next event in order of 'seq'; 0: no more. */
int capture_next(struct capture *c, struct event *ret);
void capture_get_health(const struct capture *c, struct capture_health *ret);

/*
 * Path of the library's directory for LD_PRELOAD, owned: $KMLFLOW_PRELOAD_DIR,
 * else beside the program ("../lib/kmlflow" of /proc/self/exe, or the build
 * tree).  NULL: not found.
 */
char *capture_find_library(struct err *err);
