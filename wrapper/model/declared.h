/* SPDX-License-Identifier: MIT */
/* declared.h - the paths that may become artifacts, and where they go */
#pragma once

#include <stddef.h>

enum declared_kind {
	DECLARED_FILE,      /* 'path' itself */
	DECLARED_VERSIONED, /* 'path'/VERSION/basename('path'), as Kedro's */
	DECLARED_DIR,       /* all below 'path' that ends in 'suffix' */
	DECLARED_VERSIONED_DIR, /* all below 'path'/VERSION/basename('path') */
	DECLARED_GLOB, /* 'path' is a pattern, see glob(7); "**" crosses / */
};

/* Where something was written down, for messages; 'file' NULL: a flag. */
struct origin {
	char *file;
	int line;
};

struct declared {
	enum declared_kind kind;
	char *name;          /* the dataset's, or the flag's text */
	char *path;          /* absolute and normalised, see fs_normalise() */
	char *suffix;        /* DECLARED_DIR: filename_suffix, or NULL */
	char *artifact_path; /* directory in the run; NULL: its root */
	char *run_id;        /* goes to that run; NULL: to ours */
	struct metric_rule
	    *metric;             /* owned; its metrics are read: no artifact */
	struct factory *factory; /* owned, see factory.h; NULL: one dataset */
	struct origin origin;
};

struct declared_list {
	struct declared *v;
	size_t n;
	size_t cap;
	/* -x: patterns of paths that are left out; absolute, or without a
	 * slash and then about the last component alone */
	char **exclude;
	size_t n_exclude;
	size_t cap_exclude;
};

struct factory;

/* A zeroed entry at the end; the caller fills it with heap strings. */
struct declared *declared_add(struct declared_list *list);
void declared_clear(struct declared *d); /* what it owns */
void declared_exclude(struct declared_list *list, const char *pattern);
void declared_free(struct declared_list *list);

/*
 * Whether the absolute 'path' is one that 'd' declares.  Globs follow
 * fnmatch(3) with FNM_PATHNAME | FNM_PERIOD within a component; "**" stands
 * for any number of components, none of them hidden.
 */
int declared_match(const struct declared *d, const char *path);

/* Whether an exclude pattern covers 'path'. */
int declared_excluded(const struct declared_list *list, const char *path);
