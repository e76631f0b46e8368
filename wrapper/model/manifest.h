/* SPDX-License-Identifier: MIT */
/* manifest.h - what was captured, and what was not: one line a file */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct err;

enum manifest_fate {
	FATE_ARTIFACT, /* to be uploaded from 'source' to 'key' */
	FATE_SKIPPED,  /* declared and written, but 'reason' forbids it */
	FATE_MISSING,  /* declared by name, never written */
	FATE_METRICS,  /* not uploaded: its metrics are read */
};

enum manifest_seen {
	SEEN_EVENT, /* the interposed library saw the write */
	SEEN_STAT,  /* only the comparison before and after did */
};

struct manifest_entry {
	enum manifest_fate fate;
	enum manifest_seen seen;
	char *path;       /* as declared or found, absolute */
	char *source;     /* NULL: 'path'; else where its content was kept */
	char *key;        /* FATE_ARTIFACT: artifact path in the run;
	                   * FATE_METRICS: the rule's number */
	char *metric;     /* FATE_METRICS: name or prefix; NULL: none */
	char *run_id;     /* another run's, or NULL */
	char *dataset;    /* name of the declaring entry */
	char *reason;     /* why not, where it is known */
	char *program;    /* that wrote it, NULL where unknown */
	pid_t pid;        /* likewise, 0 */
	int64_t size;     /* when collected, bytes */
	int64_t modified; /* when it was written, ms since 1970; 0: unknown */
};

void manifest_entry_free(struct manifest_entry *e);
#define cleanup_entry __attribute__((cleanup(manifest_entry_free)))

/*
 * JSON, one object a line (kmlflow-spool(7)), streamed: memory does not grow
 * with the number of files.  The file appears under its name only when
 * manifest_commit() has succeeded.
 */
struct manifest_writer {
	FILE *file;
	char *path;
	char *temp;
};

int manifest_create(const char *path, struct manifest_writer *ret,
                    struct err *err);
int manifest_add(struct manifest_writer *w, const struct manifest_entry *e,
                 struct err *err);
int manifest_commit(struct manifest_writer *w, struct err *err);
void manifest_abandon(struct manifest_writer *w); /* after commit: a no-op */

struct manifest_reader {
	FILE *file;
	char *line;
	size_t cap;
	int number; /* of the line that was read last */
};

int manifest_open(const char *path, struct manifest_reader *ret,
                  struct err *err);
/* 1: *ret is filled, manifest_entry_free() frees it; 0: the end; -1. */
int manifest_next(struct manifest_reader *r, struct manifest_entry *ret,
                  struct err *err);
void manifest_close(struct manifest_reader *r);
#define cleanup_manifest __attribute__((cleanup(manifest_close)))
