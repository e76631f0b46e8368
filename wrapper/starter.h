/* SPDX-License-Identifier: MIT */
/* starter.h - the projects that `kmlflow new` can make */
#pragma once

#include <stdbool.h>

struct err;
struct strv;

/* In the lines "@NAME@" stands for the project's name. */
struct starter_file {
	const char *path; /* relative; NULL ends the list */
	bool executable;
	const char *const *lines; /* each with its line feed; ends in NULL */
};

struct starter {
	const char *name; /* NULL ends the list */
	const struct starter_file *files;
};

/* Made of starters/ when kmlflow is built. */
extern const struct starter starters[];

/* Not for --starter: what --from-dir puts beside a pipeline. */
#define STARTER_BESIDE "_beside"

/* NULL: there is none of this name. */
const struct starter *starter_find(const char *name);

/* The names that may be asked for. */
void starter_names(struct strv *to);

/*
 * Whether files can hold 'name' between quotes, and nothing takes it for
 * "${…}"; ERR_USAGE.
 */
int starter_check_name(const char *name, struct err *err);

/*
 * Writes each file that is not there yet below 'dir', for the project 'name';
 * 'made' and 'kept' get their paths, relative.  No file is ever replaced.
 */
int starter_write(const struct starter *s, const char *dir, const char *name,
                  struct strv *made, struct strv *kept, struct err *err);

/* One file by the same rules: 0: written, 1: it was there, -1. */
int starter_put(const char *path, const char *text, bool executable,
                struct err *err);
