/* SPDX-License-Identifier: MIT */
/* match.h - decides whether a path can be a declared one: no system calls */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kmlflow/image.h"

/* How far the components so far have led into the rules. */
struct walk {
	uint64_t hash;
	uint64_t ext; /* of the path, 0: no rule asks for it */
	uint32_t rule;
	uint32_t here_rule;
	uint8_t result; /* enum match */
	bool here;      /* what comes directly below matches */
	bool lost;      /* nothing is declared on this way */
	bool needs_ext; /* the result depends on 'ext' */
};

/* The image as mapped here; copied out, so that nobody can change it. */
struct view {
	/* What each look needs, beside each other. */
	const uint32_t *names;
	const struct kmlflow_node *nodes;
	const char *prefix; /* the directory that holds all of the rules */
	uint32_t names_mask;
	uint32_t nodes_mask;
	uint32_t prefix_len;
	uint32_t flags;
	struct walk prefix_walk;
	struct proc *proc;
	/* What only records need. */
	struct kmlflow_image *header;
	unsigned char *dirty;
	unsigned char *arena;
	const char *keep; /* NULL: nothing is kept aside */
	uint64_t slots;
	uint64_t step;
	uint32_t n_rules;
	uint32_t keep_len;
};

/* A path as a program gave it, looked over once. */
struct text {
	const char *s;
	uint32_t len;  /* without trailing slashes */
	uint32_t name; /* where the last component starts */
	uint32_t ext;  /* where its last dot is; 'len': there is none */
	bool messy;    /* may hold empty, "." or ".." components */
};

/* What a path is to the rules; MATCH_NAME and MATCH_PATH: worth recording. */
enum match {
	MATCH_NAME = 1,  /* its last component is declared somewhere */
	MATCH_PATH = 2,  /* by its text, a rule covers it */
	MATCH_ABOVE = 4, /* something declared would be below it */
	MATCH_TREE = 8,  /* as a directory, it could bring matches */
};
#define MATCH_ANY (MATCH_NAME | MATCH_PATH)

/* A directory that relative paths start from. */
struct dir {
	uint32_t len;     /* 0: not known */
	uint64_t hash;    /* of 'text' */
	struct walk walk; /* over all of 'text', without an extension */
	char text[4096];
};

/* What a quick look has found out of a path that it does not reject. */
struct doubt {
	uint64_t hash;  /* of all of it; 0: too odd, and the rest is not set */
	unsigned match; /* MATCH_NAME or 0 */
	struct text text;
};

/*
 * A quick look at a path (is_path() holds) that is about to be written: true
 * if it is nothing to the rules.  'dir' is where a relative one starts, NULL if
 * that is not known yet.
 */
bool match_rejects(const struct view *v, const char *path,
                   const struct dir *dir, struct doubt *ret);

/* False: NULL, empty, longer than PATH_MAX, or no pointer at all. */
bool text_scan(const char *path, struct text *ret);

/* MATCH_NAME or 0. */
unsigned match_name(const struct view *v, const struct text *t);

/* The extension's hash if a rule asks for such a one, else 0. */
uint64_t match_ext(const struct view *v, const struct text *t);

/*
 * The bits that depend on the whole path.  'dir' is where a relative one
 * starts.  '*rule' becomes the rule's number or KMLFLOW_NO_RULE.
 */
unsigned match_path(const struct view *v, const struct text *t, uint64_t ext,
                    const struct dir *dir, uint32_t *rule);

/* Sets v->prefix_walk. */
void match_prefix(struct view *v);

/* Sets dir->walk and dir->hash from its text. */
void match_dir(const struct view *v, struct dir *dir);
