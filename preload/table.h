/* SPDX-License-Identifier: MIT */
/* table.h - looks things up in the image */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct kmlflow_node;
struct view;

/* Hot ones lie beside each other in the library. */
#define HOT __attribute__((hot))

/* kmlflow_hash() over what is before 'end'. */
HOT uint64_t hash_of(uint64_t h, const char *s, const char *end);

/* Whether the hash is that of a declared name or extension. */
HOT bool has_name(const struct view *v, uint64_t hash);

/* What is said of the path that has this hash; NULL: nothing. */
HOT const struct kmlflow_node *find_node(const struct view *v, uint64_t hash);

/* What follows the prefix in an absolute, clean path; NULL: not below it. */
HOT const char *below_prefix(const struct view *v, const char *path,
                             const char *end);
