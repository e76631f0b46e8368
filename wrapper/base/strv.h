/* SPDX-License-Identifier: MIT */
/* strv.h - a growing list of strings, and one of key-value pairs */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* 'v' ends in a NULL that 'n' does not count; NULL when nothing was added. */
struct strv {
	char **v;
	size_t n;
	size_t cap;
};

#define STRV_INIT                                                              \
	{                                                                      \
		.v = NULL                                                      \
	}

void strv_add(struct strv *sv, const char *s); /* copies */
void strv_take(struct strv *sv, char *s);      /* takes over */
bool strv_has(const struct strv *sv, const char *s);
void strv_sort(struct strv *sv); /* by byte value */
void strv_free(struct strv *sv);
#define cleanup_strv __attribute__((cleanup(strv_free)))

/* Pairs in the order of their first appearance; keys are unique. */
struct kv {
	char *key;
	char *value;
};

struct kvs {
	struct kv *v;
	size_t n;
	size_t cap;
};

#define KVS_INIT                                                               \
	{                                                                      \
		.v = NULL                                                      \
	}

/* Adds or replaces; copies both.  A NULL value removes the pair. */
void kvs_set(struct kvs *k, const char *key, const char *value);
void kvs_setf(struct kvs *k, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The borrowed value, or NULL. */
const char *kvs_get(const struct kvs *k, const char *key);

/* Appends without looking for the key: for input known to be unique. */
void kvs_push(struct kvs *k, const char *key, const char *value);

void kvs_free(struct kvs *k);
#define cleanup_kvs __attribute__((cleanup(kvs_free)))
