/* SPDX-License-Identifier: MIT */
/* key.c - which names and values MLflow takes, and making values fit */
#include "store/key.h"

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/ucs.h"
#include "store/tracking.h"

int
key_check_path(const char *key, struct err *err)
{
	const char *p = key;

	if (!*key)
		return err_set(err, ERR_FORMAT, "an empty name");
	for (;;) {
		size_t len = strcspn(p, "/");

		if (len <= 2 && !strncmp(p, "..", len))
			return err_set(err, ERR_FORMAT,
			               "'%s': a name has no leading, trailing "
			               "or doubled '/', no '.' and no '..'",
			               key);
		if (!p[len])
			return 0;
		p += len + 1;
	}
}

int
tracking_check_key(const char *key, struct err *err)
{
	size_t left = strlen(key);
	size_t chars = 0;
	size_t used;

	if (key_check_path(key, err))
		return -1;
	if (!strncmp(key, "..", 2))
		return err_set(err, ERR_FORMAT,
		               "'%s': a name does not start with '..'", key);
	for (const char *p = key; left; p += used, left -= used) {
		uint32_t c = ucs_decode(p, left, &used);

		if (!ucs_is_word(c) && (c >= 0x80 || !strchr("_-./: ", (int)c)))
			return err_set(err, ERR_FORMAT,
			               "'%s': names are made of letters, "
			               "digits, '_', '-', '.', ':', '/' and "
			               "spaces",
			               key);
		chars++;
	}
	if (chars > KEY_MAX)
		return err_set(err, ERR_FORMAT,
		               "'%.60s…': %zu characters, MLflow takes %d", key,
		               chars, KEY_MAX);
	return 0;
}

size_t
key_clean_value(struct buf *to, const char *value, size_t max)
{
	size_t left = strlen(value);
	size_t chars = 0;

	while (left && chars < max) {
		size_t used;

		if (ucs_decode(value, left, &used) == UCS_BAD)
			buf_adds(to, "\xef\xbf\xbd");
		else
			buf_add(to, value, used);
		value += used;
		left -= used;
		chars++;
	}
	return left ? ucs_count(value) : 0;
}
