/* SPDX-License-Identifier: MIT */
/* file_meta.c - meta.yaml: one flat mapping, as MLflow reads and writes it */
#include "store/file_meta.h"

#include <errno.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/file_layout.h"
#include "store/file_scalar.h"

enum { EMPTY_TRIES = 15, EMPTY_WAIT_MS = 20 };

void
meta_free(struct meta *m)
{
	kvs_free(&m->raw);
}

/* Whether the line goes on with the value of the one before. */
static bool
is_continuation(const char *line, size_t len)
{
	/* NEL, LS and PS end a line as well: what they lead is an empty one. */
	if (!len || !strncmp(line, "\xc2\x85", 2) ||
	    !strncmp(line, "\xe2\x80\xa8", 3) ||
	    !strncmp(line, "\xe2\x80\xa9", 3))
		return true;
	return *line == ' ' || *line == '\t' || *line == '#' ||
	       (*line == '-' && (len == 1 || line[1] == ' '));
}

static bool
is_marker(const char *line, size_t len)
{
	return len == 3 &&
	       (!strncmp(line, "---", 3) || !strncmp(line, "...", 3));
}

/* Length of the key at the start of 'line', 0 if there is none. */
static size_t
key_len(const char *line, size_t len)
{
	size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz"
	                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

	if (n >= len || line[n] != ':')
		return 0;
	return n + 1 == len || line[n + 1] == ' ' ? n : 0;
}

static void
swap(struct meta *a, struct meta *b)
{
	struct meta old = *a;

	*a = *b;
	*b = old;
}

int
meta_parse(const char *text, struct meta *ret, struct err *err)
{
	cleanup_meta struct meta m = META_INIT;
	cleanup_free char *key = NULL;
	cleanup_buf struct buf value = BUF_INIT;

	for (int line = 1; *text; line++) {
		size_t len = strcspn(text, "\n");
		size_t end = len;
		size_t n;

		while (end && text[end - 1] == '\r')
			end--;
		n = key_len(text, end);
		if (n) {
			if (key)
				kvs_push(&m.raw, key, value.s);
			mem_replace(&key, mem_ndup(text, n));
			buf_reset(&value);
			buf_add(&value, text + n + 1, end - n - 1);
		} else if (key && is_continuation(text, end)) {
			buf_addc(&value, '\n');
			buf_add(&value, text, end);
		} else if (end && *text != '#' && !is_marker(text, end)) {
			return err_set(err, ERR_FORMAT,
			               "line %d is not 'key: value'", line);
		}
		text += len + (text[len] == '\n');
	}
	if (key)
		kvs_push(&m.raw, key, value.s);
	swap(&m, ret);
	return 0;
}

void
meta_emit(const struct meta *m, struct buf *to)
{
	for (size_t i = 0; i < m->raw.n; i++)
		buf_addf(to, "%s:%s\n", m->raw.v[i].key, m->raw.v[i].value);
}

int
meta_load(const char *dir, struct meta *ret, struct err *err)
{
	cleanup_free char *path = mem_printf("%s/" FILE_META, dir);
	cleanup_buf struct buf text = BUF_INIT;
	struct timespec wait = {.tv_nsec = EMPTY_WAIT_MS * 1000000L};

	for (int i = 0; i < EMPTY_TRIES && !text.len; i++) {
		if (i)
			nanosleep(&wait, NULL);
		if (file_get(path, &text, err))
			return -1;
	}
	if (!text.len)
		return err_set(err, ERR_FORMAT, "'%s' is empty", path);
	if (strlen(text.s) != text.len)
		return err_set(err, ERR_FORMAT, "'%s' holds a NUL byte", path);
	if (meta_parse(text.s, ret, err))
		return err_wrap(err, "'%s'", path);
	return 0;
}

int
meta_save(const char *dir, const struct meta *m, bool replace, struct err *err)
{
	cleanup_free char *path = mem_printf("%s/" FILE_META, dir);
	cleanup_buf struct buf text = BUF_INIT;

	meta_emit(m, &text);
	return file_put_settled(dir, path, &text, replace, err);
}

char *
meta_str(const struct meta *m, const char *key)
{
	const char *raw = kvs_get(&m->raw, key);
	cleanup_buf struct buf value = BUF_INIT;

	if (!raw || !scalar_decode(raw, &value))
		return NULL;
	return buf_detach(&value);
}

int64_t
meta_int(const struct meta *m, const char *key, int64_t fallback)
{
	cleanup_free char *text = meta_str(m, key);
	long long value;
	char *end;

	if (!text || !*text)
		return fallback;
	errno = 0;
	value = strtoll(text, &end, 10);
	return *end || errno ? fallback : (int64_t)value;
}

bool
meta_is(const struct meta *m, const char *key, const char *value)
{
	cleanup_free char *text = meta_str(m, key);

	return text && !strcmp(text, value);
}

void
meta_set_raw(struct meta *m, const char *key, const char *yaml)
{
	cleanup_free char *raw = mem_printf(" %s", yaml);

	kvs_set(&m->raw, key, raw);
}

void
meta_set_str(struct meta *m, const char *key, const char *value)
{
	cleanup_buf struct buf raw = BUF_INIT;

	scalar_encode(&raw, value);
	meta_set_raw(m, key, raw.s);
}

void
meta_set_int(struct meta *m, const char *key, int64_t value)
{
	cleanup_free char *text = mem_printf("%lld", (long long)value);

	meta_set_raw(m, key, text);
}

void
meta_set_null(struct meta *m, const char *key)
{
	meta_set_raw(m, key, "null");
}
