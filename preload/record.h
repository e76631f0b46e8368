/* SPDX-License-Identifier: MIT */
/* record.h - appends to the arena; nothing is lost when we are killed */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "match.h"

/* A path that is worth recording, and where it starts from. */
struct place {
	struct text text;
	const struct dir *dir; /* NULL: absolute, or not known */
	unsigned match;        /* enum match */
	uint32_t rule;
};

/* Of capture.h. */
enum record_kind {
	RECORD_WRITE = 1,
	RECORD_RENAME,
	RECORD_LINK,
	RECORD_UNLINK,
	RECORD_KEPT,
	RECORD_RESCAN,
	RECORD_EXEC,
	RECORD_LAUNCH = 9,
	RECORD_LAUNCH_OFF,
};

/* Of this process; when first asked, its program is recorded. */
int32_t record_pid(struct view *v);

/* 'second' may be NULL. */
void record_put(struct view *v, enum record_kind kind,
                const struct place *first, const struct place *second);

/* The same without a word on the process, which may be of vfork(2). */
void record_launch(struct view *v, enum record_kind kind,
                   const struct place *program, const struct place *name);
