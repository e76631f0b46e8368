/* SPDX-License-Identifier: MIT */
/* interp.c - values whose "${…}" could not be replaced */
#include "model/interp.h"

#include "base/err.h"
#include "model/value.h"

bool
interp_is(const struct value *v)
{
	return v && v->type == VALUE_STR && v->text.unresolved;
}

static const struct value *
find_in_dict(const struct value_dict *dict)
{
	for (size_t i = 0; i < dict->n; i++) {
		const struct value *found = interp_find(dict->v[i].item);

		if (found)
			return found;
	}
	return NULL;
}

const struct value *
interp_find(const struct value *v)
{
	const struct value *found = NULL;

	if (!v)
		return NULL;
	if (v->type == VALUE_DICT)
		return find_in_dict(&v->dict);
	if (v->type != VALUE_LIST)
		return interp_is(v) ? v : NULL;
	for (size_t i = 0; !found && i < v->list.n; i++)
		found = interp_find(v->list.v[i]);
	return found;
}

int
interp_refuse(const struct value *v, const char *what, struct err *err)
{
	const struct value *found = interp_find(v);

	if (!found)
		return 0;
	return err_at(err, found->file ? found->file : "option", found->line,
	              found->column, "%s: '%.60s' cannot be read: %s", what,
	              found->text.s, found->text.unresolved);
}
