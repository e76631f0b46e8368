/* SPDX-License-Identifier: MIT */
/* fuzz_meta.c - any bytes as meta.yaml: read, changed, written, read again */
#include "store/file_meta.h"

#include "base/buf.h"
#include "base/err.h"
#include "fuzz.h"

/* What was written in quotes reads back; invalid UTF-8 is what may change. */
static void
check_written(const char *value)
{
	cleanup_meta struct meta m = META_INIT;
	cleanup_meta struct meta again = META_INIT;
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_free char *first = NULL;
	cleanup_free char *second = NULL;
	struct err err = ERR_INIT;

	meta_set_str(&m, "key", value);
	meta_emit(&m, &text);
	if (meta_parse(text.s, &again, &err))
		__builtin_trap();
	first = meta_str(&m, "key");
	second = meta_str(&again, "key");
	if (!first || !second || strcmp(first, second) != 0)
		__builtin_trap();
	if (strcmp(first, value) != 0 && !strstr(first, "\xef\xbf\xbd"))
		__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *input = mem_ndup((const char *)data, size);
	cleanup_meta struct meta m = META_INIT;
	cleanup_meta struct meta again = META_INIT;
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	check_written(input);
	if (meta_parse(input, &m, &err))
		return 0;
	meta_emit(&m, &text);
	if (meta_parse(text.s, &again, &err) || again.raw.n != m.raw.n)
		__builtin_trap();
	for (size_t i = 0; i < m.raw.n; i++) {
		cleanup_free char *value = meta_str(&m, m.raw.v[i].key);

		if (strcmp(m.raw.v[i].value, again.raw.v[i].value) != 0)
			__builtin_trap();
		if (value)
			check_written(value);
		meta_int(&m, m.raw.v[i].key, 0);
	}
	return 0;
}
