/* SPDX-License-Identifier: MIT */
/* json.h - JSON documents: read with caps, look into, build, print */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct cJSON; /* a node; opaque to all but json.c */
struct err;
struct kvs;
struct strv;

/*
 * Bytes to a document, which json_free() frees.  Anything after the document
 * but white space is refused, as is nesting deeper than 1000.  ERR_FORMAT,
 * "line N: …".
 */
int json_parse(const char *s, size_t len, struct cJSON **ret, struct err *err);

/* The same from a file of at most 'cap' bytes; ERR_SYS or ERR_FORMAT. */
int json_read(const char *path, size_t cap, struct cJSON **ret,
              struct err *err);

void json_free(struct cJSON *node);
void json_free_ptr(struct cJSON **node);
#define cleanup_json __attribute__((cleanup(json_free_ptr)))

/*
 * Looking into a document.  Keys are taken as they are (a dot is a dot), case
 * matters, and the first of equal keys counts.  A NULL node is an empty one;
 * what is absent or of another type gives NULL or the fallback.  Results are
 * borrowed from the document.
 */
const struct cJSON *json_get(const struct cJSON *object, const char *key);
const char *json_str(const struct cJSON *object, const char *key);
int64_t json_int(const struct cJSON *object, const char *key, int64_t fallback);
double json_double(const struct cJSON *object, const char *key,
                   double fallback); /* "NaN", "Infinity", "-Infinity" too */
bool json_bool(const struct cJSON *object, const char *key, bool fallback);

bool json_is_object(const struct cJSON *node);
bool json_is_array(const struct cJSON *node);
const char *json_text(const struct cJSON *node); /* of a string node */
const char *json_key(const struct cJSON *node);  /* of an object's member */

/* for (n = json_first(list); n; n = json_next(n)), of arrays and objects */
const struct cJSON *json_first(const struct cJSON *node);
const struct cJSON *json_next(const struct cJSON *node);

/* Adds each member of object 'key' that is a string. */
void json_kvs(const struct cJSON *object, const char *key, struct kvs *to);

/* Adds each string of array 'key'. */
void json_strv(const struct cJSON *object, const char *key, struct strv *to);

/*
 * Building.  Strings are copied, their bytes kept as they are: a reader that
 * insists on UTF-8 wants enc_printable() first.  A NULL string becomes null.
 * Keys are not checked for being there already.
 */
struct cJSON *json_object(void);
struct cJSON *json_array(void);
void json_set_str(struct cJSON *object, const char *key, const char *value);
void json_set_int(struct cJSON *object, const char *key, int64_t value);
void json_set_double(struct cJSON *object, const char *key, double value);
void json_set_bool(struct cJSON *object, const char *key, bool value);
void json_set_kvs(struct cJSON *object, const char *key, const struct kvs *kvs);
void json_set_strv(struct cJSON *object, const char *key,
                   const struct strv *list);
void json_set(struct cJSON *object, const char *key, struct cJSON *taken);
void json_push(struct cJSON *array, struct cJSON *taken);
void json_push_str(struct cJSON *array, const char *value);

/* Appends the text; 'pretty' with line breaks and a last newline. */
void json_print(const struct cJSON *node, bool pretty, struct buf *to);

/* The same into a file, whole or not at all; see fs_write_atomic(). */
int json_write(const struct cJSON *node, bool pretty, const char *path,
               mode_t mode, struct err *err);
