/* SPDX-License-Identifier: MIT */
/* conf_merge.h - mappings of configuration, one over another */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct value;

/*
 * What a file says, added to what others of its directory say: ERR_CONFIG
 * where a key is in both, but not for top-level keys that begin with "_".
 * 'deep': only where a leaf is.  Values that are shared stay as they are.
 */
int conf_merge_file(struct value *to, const struct value *from, bool deep,
                    struct arena *arena, struct err *err);

/* Mappings that both have are merged, whatever else 'from' has replaces. */
void conf_merge_over(struct value *to, const struct value *from,
                     struct arena *arena);

/*
 * The same as OmegaConf has it: "???" replaces nothing, and a list and a
 * mapping cannot be merged (ERR_CONFIG).
 */
int conf_merge_soft(struct value *to, const struct value *from,
                    struct arena *arena, struct err *err);

/* Top-level keys of 'from' (NULL: none) replace; 'hidden': "_…" ones too. */
void conf_overlay(struct value *to, const struct value *from, bool hidden,
                  struct arena *arena);
