/* SPDX-License-Identifier: MIT */
/* yaml.h - text to a tree of nodes that know where they stood */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

enum {
	YAML_MAX_BYTES = 16 << 20, /* of a file */
	YAML_MAX_DEPTH = 100,      /* of nested lists and mappings */
	YAML_MAX_NODES = 1000000,  /* counting each alias in full */
	YAML_MAX_ANCHORS = 1000,
};

enum ynode_kind { YNODE_SCALAR, YNODE_LIST, YNODE_MAP };

/*
 * Syntax only: what a scalar means, which keys are equal and what "<<" does
 * is for the reader to say.  A node that is named by aliases is shared, so
 * the tree may be a graph, but never a cyclic one.
 */
struct ynode {
	enum ynode_kind kind;
	bool plain;       /* scalar neither quoted nor tagged */
	int line;         /* from 1 */
	int column;       /* from 1 */
	int depth;        /* of what is below it */
	size_t weight;    /* itself and all below, aliases in full */
	const char *tag;  /* "tag:yaml.org,2002:str", …; NULL: none */
	const char *text; /* scalar: UTF-8, 'len' bytes and a NUL */
	size_t len;
	struct ynode **v; /* list: 'n' items; map: key, value, key, value */
	size_t n;
	void *data; /* free for use by the reader, NULL at first */
};

/*
 * One document of at most YAML_MAX_BYTES; *ret is NULL where it is empty.
 * All memory is of 'arena'.  ERR_CONFIG, "FILE:LINE:COLUMN: …", with what to do
 * about it as far as that can be guessed.
 */
int yaml_parse(const char *file, const char *text, size_t len,
               struct arena *arena, struct ynode **ret, struct err *err);
