/* SPDX-License-Identifier: MIT */
/* scalar.h - what a YAML scalar means, in either dialect */
#pragma once

struct arena;
struct value;
struct ynode;

/*
 * Which loader's rules: OmegaConf's ("1e3" is a float, dates are strings),
 * which Kedro takes from 0.19 on, or PyYAML's YAML 1.1, which it took before.
 */
enum dialect { DIALECT_OMEGACONF, DIALECT_YAML11 };

/*
 * Fills type and content of *ret.  NULL, or a phrase that says why this
 * scalar has no value ("… is no valid date").
 */
const char *scalar_resolve(const struct ynode *node, enum dialect dialect,
                           struct arena *arena, struct value *ret);

/* Whether it is a plain "<<", the merge key. */
int scalar_is_merge(const struct ynode *node);
