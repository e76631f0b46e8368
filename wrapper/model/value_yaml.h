/* SPDX-License-Identifier: MIT */
/* value_yaml.h - a tree of YAML nodes to a value */
#pragma once

#include "model/scalar.h"

struct arena;
struct err;
struct value;
struct ynode;

/*
 * Applies merge keys ("<<").  Of equal keys in one mapping the last counts in
 * YAML 1.1; OmegaConf refuses them.  The value lives in 'arena' and borrows
 * 'file', but nothing of the tree.
 * ERR_CONFIG, "FILE:LINE:COLUMN: …".
 */
int value_from_yaml(struct ynode *node, enum dialect dialect, const char *file,
                    struct arena *arena, struct value **ret, struct err *err);
