/* SPDX-License-Identifier: MIT */
/* capture_rules.h - declared paths as the tables that the library reads */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kmlflow/image.h"

struct declared_list;

struct rule_tables {
	uint32_t *names;
	size_t n_names; /* a power of two, as is 'n_nodes' */
	struct kmlflow_node *nodes;
	size_t n_nodes;
	uint32_t flags; /* enum kmlflow_image_flags */
	char *prefix;   /* the directory that holds all of them; "": the root */
};

/* rule_tables_free() frees the arrays. */
void rule_tables_make(const struct declared_list *list,
                      struct rule_tables *ret);
void rule_tables_free(struct rule_tables *t);
#define cleanup_rule_tables __attribute__((cleanup(rule_tables_free)))
