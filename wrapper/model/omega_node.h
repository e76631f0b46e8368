/* SPDX-License-Identifier: MIT */
/* omega_node.h - for omega*.c alone: the tree that is being resolved */
#pragma once

#include <stddef.h>

#include "model/omega.h"

struct buf;
struct strv;

enum node_state { NODE_NEW, NODE_BUSY, NODE_DONE };

/*
 * A value in its place; a shared value (an alias, say) has one for each.
 * 'literal' ones are final, whatever their text looks like.
 */
struct node {
	struct value *raw;
	struct node *up;
	struct node *kids;   /* as many as 'raw' has items, once needed */
	struct node *target; /* what a text with "${" stands for */
	struct value *done;
	size_t weight; /* of 'done', shared parts counted in full */
	enum node_state state;
	enum node_state deep;
	bool literal;
};

struct omega {
	const struct omega_scope *scope;
	struct arena *arena;
	struct node *globals; /* NULL before they are needed */
	struct node *runtime;
	int hops;
	int depth;
	size_t texts;
	struct err *err;
};

/* 'site' is where the expression stands: it gives file and line. */
int omega_wrong(struct omega *o, const struct node *site, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A final value; 'v' without a place gets that of 'site'. */
struct node *omega_literal(struct omega *o, const struct node *site,
                           struct value *v);

/* What 'n' stands for, never a text with "${" that could be resolved. */
int omega_deref(struct omega *o, struct node *n, struct node **ret);

/* All of 'n', with what is below it. */
int omega_deep(struct omega *o, struct node *n, struct value **ret);

/*
 * *ret: the value below 'from' that 'parts' lead to; itself unresolvable
 * where one on the way is.  NULL: there is no such thing; *last then is the
 * container that lacks it, or NULL where something on the way is none.
 */
int omega_select(struct omega *o, struct node *from, const struct strv *parts,
                 struct node **ret, struct node **last);

/*
 * Where a key with 'dots' before it begins, seen from 'site': NULL where that
 * is above the root.
 */
struct node *omega_start(const struct node *site, size_t dots);

/* omega_text.c: a text with "${"; and one element, as in a call's arguments. */
int omega_text(struct omega *o, struct node *site, struct node **ret);
int omega_element(struct omega *o, struct node *site, const char *text,
                  struct node **ret);

/* omega_call.c: ${name:args}; 'args' are final or containers. */
int omega_call(struct omega *o, struct node *site, const char *name,
               struct node *const *args, size_t n, struct node **ret);

/* Why 'n' has no value; NULL: it has one. */
const char *omega_unresolved(const struct node *n);

/* The text of 'site' as one that has no value, for 'why'. */
struct node *omega_poison(struct omega *o, const struct node *site,
                          const char *why);

/* OmegaConf's mark of a value that somebody has yet to give. */
bool omega_missing(const struct node *n);
