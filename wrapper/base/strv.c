/* SPDX-License-Identifier: MIT */
/* strv.c - a growing list of strings, and one of key-value pairs */
#include "base/strv.h"

#include <string.h>

#include "base/buf.h"

void
strv_take(struct strv *sv, char *s)
{
	if (sv->n + 2 > sv->cap) {
		sv->cap = sv->cap ? sv->cap * 2 : 8;
		sv->v = mem_grow(sv->v, sv->cap, sizeof(*sv->v));
	}
	sv->v[sv->n++] = s;
	sv->v[sv->n] = NULL;
}

void
strv_add(struct strv *sv, const char *s)
{
	strv_take(sv, mem_dup(s));
}

bool
strv_has(const struct strv *sv, const char *s)
{
	for (size_t i = 0; i < sv->n; i++)
		if (!strcmp(sv->v[i], s))
			return true;
	return false;
}

static int
by_bytes(const void *a, const void *b)
{
	const char *const *x = a;
	const char *const *y = b;

	return strcmp(*x, *y);
}

void
strv_sort(struct strv *sv)
{
	if (sv->n > 1)
		qsort(sv->v, sv->n, sizeof(*sv->v), by_bytes);
}

void
strv_free(struct strv *sv)
{
	for (size_t i = 0; i < sv->n; i++)
		free(sv->v[i]);
	free(sv->v);
	*sv = (struct strv)STRV_INIT;
}

static struct kv *
kvs_find(const struct kvs *k, const char *key)
{
	for (size_t i = 0; i < k->n; i++)
		if (!strcmp(k->v[i].key, key))
			return &k->v[i];
	return NULL;
}

void
kvs_push(struct kvs *k, const char *key, const char *value)
{
	if (k->n == k->cap) {
		k->cap = k->cap ? k->cap * 2 : 8;
		k->v = mem_grow(k->v, k->cap, sizeof(*k->v));
	}
	k->v[k->n].key = mem_dup(key);
	k->v[k->n].value = mem_dup(value);
	k->n++;
}

void
kvs_set(struct kvs *k, const char *key, const char *value)
{
	struct kv *found = kvs_find(k, key);

	if (!found) {
		if (value)
			kvs_push(k, key, value);
		return;
	}
	if (value) {
		mem_replace(&found->value, mem_dup(value));
		return;
	}
	free(found->key);
	free(found->value);
	k->n--;
	memmove(found, found + 1,
	        (size_t)(k->v + k->n - found) * sizeof(*found));
}

void
kvs_setf(struct kvs *k, const char *key, const char *fmt, ...)
{
	cleanup_buf struct buf value = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&value, fmt, ap);
	va_end(ap);
	kvs_set(k, key, value.s);
}

const char *
kvs_get(const struct kvs *k, const char *key)
{
	const struct kv *found = kvs_find(k, key);

	return found ? found->value : NULL;
}

void
kvs_free(struct kvs *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free(k->v[i].key);
		free(k->v[i].value);
	}
	free(k->v);
	*k = (struct kvs)KVS_INIT;
}
