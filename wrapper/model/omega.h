/* SPDX-License-Identifier: MIT */
/* omega.h - "${…}" in values, by the grammar of OmegaConf */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct strv;
struct value;

/*
 * What a tree may refer to beside itself.  The mappings hold final values;
 * NULL is an empty one.  A resolver that is switched off is an error where it
 * is Kedro's own, as Kedro has it.
 */
struct omega_scope {
	struct value *globals;
	struct value *runtime;
	bool in_globals; /* the tree is globals.yml: neither may be named */
	bool env;        /* oc.env works (in credentials) */
};

enum {
	OMEGA_MAX_HOPS = 100,      /* values that refer to one another */
	OMEGA_MAX_DEPTH = 400,     /* of nested lists and mappings */
	OMEGA_MAX_TEXT = 1 << 20,  /* bytes of a text that is put together */
	OMEGA_MAX_TEXTS = 1 << 26, /* bytes of all of them */
};

/*
 * *ret is 'tree' with each "${…}" replaced; what has none is shared with it.
 * A name that is not there, a cycle, a broken expression and a tree that
 * grows beyond all measure are ERR_CONFIG at the text's place.  A resolver
 * that only the project's Python knows leaves its text with the reason in
 * text.unresolved, see value.h.
 */
int omega_resolve(struct value *tree, const struct omega_scope *scope,
                  struct arena *arena, struct value **ret, struct err *err);

/* "a.b[0]" in parts, added to 'to'. */
void omega_split(const char *key, struct strv *to);
