/* SPDX-License-Identifier: MIT */
/* file_meta.h - meta.yaml: one flat mapping, as MLflow reads and writes it */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/strv.h"

struct buf;
struct err;

/*
 * Values are kept as the text that stands behind "key:", continuation lines
 * included, so that keys of other releases survive a rewrite untouched.
 */
struct meta {
	struct kvs raw;
};

#define META_INIT                                                              \
	{                                                                      \
		.raw = KVS_INIT                                                \
	}

/* ERR_FORMAT: not a block mapping of keys at the start of lines. */
int meta_parse(const char *text, struct meta *ret, struct err *err);
void meta_emit(const struct meta *m, struct buf *to);

/*
 * The meta.yaml of a directory.  ERR_NOTFOUND: there is none.  MLflow
 * rewrites the file in place, so an empty one is waited for a little.
 */
int meta_load(const char *dir, struct meta *ret, struct err *err);

/* Whole or not at all; 1: 'replace' is not set and there is one. */
int meta_save(const char *dir, const struct meta *m, bool replace,
              struct err *err);

/* NULL: absent, null, or not a scalar.  Owned by the caller. */
char *meta_str(const struct meta *m, const char *key);
int64_t meta_int(const struct meta *m, const char *key, int64_t fallback);
bool meta_is(const struct meta *m, const char *key, const char *value);

void meta_set_str(struct meta *m, const char *key, const char *value);
void meta_set_int(struct meta *m, const char *key, int64_t value);
void meta_set_null(struct meta *m, const char *key);
void meta_set_raw(struct meta *m, const char *key, const char *yaml);

void meta_free(struct meta *m);
#define cleanup_meta __attribute__((cleanup(meta_free)))
