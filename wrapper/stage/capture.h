/* SPDX-License-Identifier: MIT */
/* capture.h - the mapped image between kmlflow and the interposed library */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct declared_list;
struct err;

/*
 * Compiles the rules of 'list' into a new image file (layout:
 * include/kmlflow/image.h) that the library maps in every process of CMD.
 * The file lies in /dev/shm, else $XDG_RUNTIME_DIR, else 'fallback_dir'; its
 * room is allocated up front, so that a full file system refuses here and
 * never in CMD.  Mode 0600.  *ret is what CMD's KMLFLOW_IMAGE must say, owned
 * by the caller: 32 hex digits, a colon, and the path of the file.
 *
 * Each declared path is entered as given and as resolved (realpath of the
 * longest existing parent), so that hooks need only normalise by text.
 * 'keep_dir' (absolute, existing, may be NULL) is where the library keeps
 * declared files that are about to be unlinked or renamed away.
 */
int capture_create(const struct declared_list *list, const char *keep_dir,
                   const char *fallback_dir, char **ret, struct err *err);

/* One thing that the library saw. */
enum event_kind {
	EVENT_WRITE = 1,  /* opened for writing, created or truncated */
	EVENT_RENAME,     /* 'path' became 'path2' */
	EVENT_LINK,       /* 'path2' is a new name of 'path' */
	EVENT_UNLINK,     /* 'path' goes away */
	EVENT_KEPT,       /* 'path' was linked into keep_dir as 'path2'; the
	                     EVENT_UNLINK or EVENT_RENAME follows */
	EVENT_RESCAN,     /* 'path', a directory, became 'path2' (may be NULL):
	                     re-expand patterns */
	EVENT_EXEC,       /* 'pid' runs the program 'path'; before its others */
	EVENT_READ,       /* reserved for lineage */
	EVENT_LAUNCH,     /* the program 'path' is about to be started, for the
	                     first time; 'path2': the name it goes by, where that
	                     is not the last part of 'path'.  'path' without a
	                     slash is searched for in $PATH */
	EVENT_LAUNCH_OFF, /* the same, with the capture switched off for it */
};

struct event {
	enum event_kind kind;
	uint64_t seq; /* order over all processes */
	pid_t pid;
	int rule;          /* index into declared_list, -1 if not one rule's */
	bool cwd_unknown;  /* a path was relative to a directory not known */
	const char *path;  /* absolute, normalised by text; borrowed */
	const char *path2; /* NULL unless the kind has one */
};

/* What the image says as a whole. */
struct capture_health {
	bool overflow;      /* events were dropped: scan all patterns */
	uint64_t dropped;   /* how many */
	uint64_t processes; /* that mapped the image */
	uint64_t crowded;   /* starts that could not be counted */
	uint64_t missing;   /* arrivals of programs that were started */
	uint64_t surplus;   /* of arrivals whose start nobody announced */
};

/* By the last part of its path, how often a program was started. */
struct capture_program {
	uint32_t launches; /* as those say who started it */
	uint32_t arrivals; /* as the library in it says */
};

/*
 * Announces in the image 'value' that CMD, found as execvp(3) would, is about
 * to be started, as the library does of what CMD starts; 'off' if the capture
 * is switched off for it.
 */
int capture_announce(const char *value, const char *cmd, bool off,
                     struct err *err);

/* Copies an image as far as it was written, for capture_open() elsewhere. */
int capture_copy(const char *from, const char *to, struct err *err);

/* The same in an image that others have begun to write to. */
int capture_announce_joining(const char *value, const char *cmd,
                             struct err *err);

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

void capture_get_program(const struct capture *c, const char *name,
                         struct capture_program *ret);

/* Whether the library saw rule 'index' being written, also on overflow. */
bool capture_is_dirty(const struct capture *c, size_t index);

/*
 * Path of the library for LD_PRELOAD, owned: $KMLFLOW_PRELOAD, else beside
 * the program ("../lib/kmlflow/…" of /proc/self/exe), else where it was
 * installed.  The loader splits at spaces and colons: a path that has one is
 * reached by a symbolic link in a clean directory.  NULL: 'err' is set.
 */
char *capture_find_library(struct err *err);
