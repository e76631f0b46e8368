/* SPDX-License-Identifier: MIT */
/* catalog_check.c - entries of the catalog that Kedro itself would refuse */
#include "base/buf.h"
#include "base/strv.h"
#include "model/catalog_entry.h"
#include "model/dataset_type.h"
#include "model/interp.h"
#include "model/nearest.h"
#include "model/pattern.h"
#include "model/value.h"

/* Each placeholder of a text in 'v' must be one of the entry's name. */
static int
check_places(const struct entry *e, const struct value *v,
             const struct strv *known)
{
	cleanup_strv struct strv names = STRV_INIT;
	const char *text = value_text(v);

	if (text)
		pattern_names(text, &names);
	for (size_t i = 0; i < names.n; i++) {
		cleanup_free char *what = NULL;

		if (strv_has(known, names.v[i]))
			continue;
		what = mem_printf("'{%.40s}' is not in the name of the entry, "
		                  "so nothing says what it stands for",
		                  names.v[i]);
		return entry_wrong(e, v, what);
	}
	for (size_t i = 0; v->type == VALUE_LIST && i < v->list.n; i++)
		if (check_places(e, v->list.v[i], known))
			return -1;
	for (size_t i = 0; v->type == VALUE_DICT && i < v->dict.n; i++)
		if (check_places(e, v->dict.v[i].item, known))
			return -1;
	return 0;
}

/* Kedro's datasets by name, and those within them, as of partitions. */
static int
check_credentials(const struct entry *e, const struct value *dict)
{
	const struct value *all = e->request->credentials;

	for (size_t i = 0; i < dict->dict.n; i++) {
		const struct value *v = dict->dict.v[i].item;
		const char *key = value_text(dict->dict.v[i].key);
		const char *name = value_text(v);
		struct nearest near = {.word = NULL};
		cleanup_buf struct buf what = BUF_INIT;

		if (v->type == VALUE_DICT && check_credentials(e, v))
			return -1;
		if (!key || strcmp(key, "credentials") != 0 || !name ||
		    interp_is(v) || value_get(all, name))
			continue;
		for (size_t k = 0; all && k < all->dict.n; k++)
			if (value_text(all->dict.v[k].key))
				nearest_offer(&near, name,
				              all->dict.v[k].key->text.s);
		buf_addf(&what, "there are no credentials '%.60s'", name);
		nearest_hint(&near, &what);
		if (!near.word)
			buf_adds(&what, "; credentials.yml must have them");
		return entry_wrong(e, v, what.s);
	}
	return 0;
}

static bool
is_given(const struct value *dict, const char *key)
{
	const struct value *v = value_get(dict, key);

	return v && v->type != VALUE_NULL;
}

static int
needs(const struct entry *e, const struct value *dict, const char *key)
{
	cleanup_free char *what = NULL;

	if (is_given(dict, key))
		return 0;
	what = mem_printf("a model dataset of this type needs '%s'", key);
	return entry_wrong(e, dict, what);
}

/* What the classes of models of kedro-mlflow insist on. */
static int
check_model(const struct entry *e, const struct value *dict, const char *type)
{
	switch (dataset_model(type)) {
	case MODEL_NONE:
		break;
	case MODEL_TRACKED:
		return needs(e, dict, "flavor");
	case MODEL_LOCAL:
		return needs(e, dict, "flavor") || needs(e, dict, "filepath")
		           ? -1
		           : 0;
	case MODEL_REGISTERED:
		if (needs(e, dict, "model_name"))
			return -1;
		if (is_given(dict, "alias") &&
		    is_given(dict, "stage_or_version"))
			return entry_wrong(
			    e, value_get(dict, "stage_or_version"),
			    "has 'alias' and 'stage_or_version'; keep one");
		break;
	}
	return 0;
}

static int
check_class(const struct entry *e, const struct value *type)
{
	const char *name = value_text(type);
	cleanup_free char *near = NULL;
	cleanup_free char *what = NULL;

	if (!*name || name[strlen(name) - 1] == '.')
		return entry_wrong(e, type,
		                   "'type' must end in the name of a class");
	if (dataset_family(name) != DATASET_UNKNOWN)
		return 0;
	near = dataset_nearest(name);
	if (!near)
		return 0;
	what = mem_printf("no kedro-mlflow has the type '%.80s'; did you mean "
	                  "'%s'?",
	                  name, near);
	return entry_wrong(e, type, what);
}

int
entry_check_type(const struct entry *e, const struct value *dict)
{
	const struct value *type = value_get(dict, "type");
	cleanup_free char *what = NULL;

	if (interp_is(type))
		return 0;
	if (!type || type->type == VALUE_NULL)
		return entry_wrong(e, type ? type : dict,
		                   "has no 'type'; a helper's name begins with "
		                   "'_'");
	if (!value_text(type)) {
		what = mem_printf("'type' must be a string, not %s",
		                  value_type_name(type));
		return entry_wrong(e, type, what);
	}
	if (check_class(e, type))
		return -1;
	return check_model(e, dict, value_text(type));
}

int
entry_check(const struct entry *e)
{
	cleanup_strv struct strv places = STRV_INIT;

	if (!value_text(e->key))
		return entry_wrong(e, e->key,
		                   "the name of an entry must be a string; put "
		                   "it in quotes");
	if (entry_check_type(e, e->dict) ||
	    (e->request->kedro && check_credentials(e, e->dict)))
		return -1;
	if (!pattern_is(e->name))
		return 0;
	pattern_names(e->name, &places);
	return check_places(e, e->dict, &places);
}
