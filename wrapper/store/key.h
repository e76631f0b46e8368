/* SPDX-License-Identifier: MIT */
/* key.h - which names and values MLflow takes, and making values fit */
#pragma once

#include <stddef.h>

struct buf;
struct err;

/* MLflow's limits, in characters. */
enum {
	KEY_MAX = 250,
	PARAM_VALUE_MAX = 6000,
	TAG_VALUE_MAX = 8000,
	EXPERIMENT_NAME_MAX = 500,
};

/* 'key' is relative and without empty, "." or ".." components. */
int key_check_path(const char *key, struct err *err);

/*
 * Appends 'value' as UTF-8, what is not UTF-8 replaced by U+FFFD, and at most
 * 'max' characters of it.  Returns the number of characters left out.
 */
size_t key_clean_value(struct buf *to, const char *value, size_t max);
