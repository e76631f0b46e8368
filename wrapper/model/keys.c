/* SPDX-License-Identifier: MIT */
/* keys.c - mappings that know only certain keys */
#include "model/keys.h"

#include "base/buf.h"
#include "base/err.h"
#include "model/interp.h"
#include "model/nearest.h"
#include "model/pystr.h"
#include "model/value.h"

static bool
is_known(const char *key, const char *const *known)
{
	for (; *known; known++)
		if (!strcmp(key, *known))
			return true;
	return false;
}

int
keys_check(const struct value *dict, const char *const *known, const char *what,
           struct err *err)
{
	for (size_t i = 0; i < dict->dict.n; i++) {
		const struct value *key = dict->dict.v[i].key;
		struct nearest near = {.word = NULL};
		cleanup_buf struct buf text = BUF_INIT;
		cleanup_buf struct buf hint = BUF_INIT;

		pystr(key, &text);
		if (is_known(text.s, known))
			continue;
		for (const char *const *k = known; *k; k++)
			nearest_offer(&near, text.s, *k);
		nearest_hint(&near, &hint);
		for (const char *const *k = known; !near.word && *k; k++)
			buf_addf(&hint, "%s'%s'",
			         k == known ? "; known are " : ", ", *k);
		return err_at(err, key->file, key->line, key->column,
		              "%s: unknown key '%.80s'%s", what, text.s,
		              hint.s);
	}
	return 0;
}

int
keys_text(const struct value *dict, const char *key, const char *what,
          const char **ret, struct err *err)
{
	const struct value *v = value_get(dict, key);

	if (!v || v->type == VALUE_NULL) {
		*ret = NULL;
		return 0;
	}
	if (interp_refuse(v, what, err))
		return -1;
	*ret = value_text(v);
	if (*ret)
		return 0;
	return err_at(err, v->file, v->line, v->column,
	              "%s: '%s' must be a string, not %s", what, key,
	              v->type == VALUE_STR ? "one with a NUL character"
	                                   : value_type_name(v));
}

int
keys_bool(const struct value *dict, const char *key, const char *what,
          bool *ret, struct err *err)
{
	const struct value *v = value_get(dict, key);

	if (!v || v->type == VALUE_NULL)
		return 0;
	if (interp_refuse(v, what, err))
		return -1;
	if (v->type != VALUE_BOOL)
		return err_at(err, v->file, v->line, v->column,
		              "%s: '%s' must be true or false, not %s", what,
		              key, value_type_name(v));
	*ret = v->boolean;
	return 0;
}
