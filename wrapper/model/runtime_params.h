/* SPDX-License-Identifier: MIT */
/* runtime_params.h - what `kedro run --params` says */
#pragma once

struct arena;
struct buf;
struct kvs;
struct strv;
struct value;

/*
 * "a.b=1,c=x" as the Kedro of 'version' (NULL: the newest) reads it: "k:v"
 * before 0.18.5, either until 0.19, values typed by YAML from 0.18.5 on.
 * Always a mapping.  An item that Kedro refuses is left out with a warning,
 * as CMD will say so itself.
 */
struct value *runtime_params_parse(const char *text, const char *version,
                                   struct arena *arena, struct strv *warnings);

/* Adds flags such as "-p a=1", typed by YAML, names taken as they are. */
void runtime_params_add(struct value *to, const struct kvs *flags,
                        struct arena *arena);

/*
 * Lays 'from' over the merged parameters 'to': whole top-level keys before
 * 0.17, nested mappings are merged later.
 */
void runtime_params_apply(struct value *to, const struct value *from,
                          const char *version, struct arena *arena);

/* Appends Python's repr() of it, without what secret names hold. */
void runtime_params_show(const struct value *v, struct buf *to);
