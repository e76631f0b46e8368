/* SPDX-License-Identifier: MIT */
/* catalog.c - which entries of the catalog declare artifacts */
#include "model/catalog.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "model/catalog_entry.h"
#include "model/dataset_type.h"
#include "model/declare.h"
#include "model/interp.h"
#include "model/keys.h"
#include "model/nearest.h"
#include "model/pattern.h"
#include "model/pystr.h"
#include "model/value.h"

static const char *const wrapper_keys[] = {"type",     "dataset",
                                           "data_set", "artifact_path",
                                           "run_id",   "credentials",
                                           "metadata", "layer",
                                           "version",  NULL};

static const char *const metadata_keys[] = {"artifact", "artifact_path",
                                            "run_id",   "filepath",
                                            "metrics",  NULL};

/* Nobody can tell what such an entry declares. */
static void
warn_unread(const struct entry *e, const struct value *v)
{
	cleanup_free char *text =
	    mem_printf("is not captured: '%.60s' cannot be read: %s", v->text.s,
	               v->text.unresolved);

	entry_warn(e, v, text);
}

/* kedro-mlflow's wrapper: the dataset is under 'dataset' or 'data_set'. */
static int
declare_wrapped(const struct entry *e, struct destination *dest)
{
	const struct value *a = value_get(e->dict, "dataset");
	const struct value *b = value_get(e->dict, "data_set");
	const struct value *inner = a ? a : b;

	if (value_get(e->dict, "versioned"))
		return entry_wrong(
		    e, value_get(e->dict, "versioned"),
		    "'versioned' belongs into 'dataset:', beside "
		    "'filepath'");
	if (keys_check(e->dict, wrapper_keys, e->what, e->err))
		return -1;
	if (a && b)
		return entry_wrong(e, b,
		                   "has 'dataset' and 'data_set'; keep one");
	if (!inner)
		return entry_wrong(
		    e, e->dict,
		    "has no 'dataset'; it says what is written, with "
		    "'type' and 'filepath'");
	if (interp_is(inner))
		return interp_refuse(inner, e->what, e->err);
	if (inner->type != VALUE_DICT)
		return entry_wrong(e, inner,
		                   "'dataset' must be a mapping with "
		                   "'type' and 'filepath'");
	return entry_declare(e, inner, dest);
}

/* metadata.kmlflow: *artifact is what it says, or left as it is. */
static int
read_metadata(const struct entry *e, bool *artifact, struct destination *dest)
{
	const struct value *metadata = value_get(e->dict, "metadata");
	const struct value *ours = value_get(metadata, "kmlflow");
	char what[160];

	if (!ours)
		return 0;
	snprintf(what, sizeof(what), "%s: metadata.kmlflow", e->what);
	if (interp_is(ours))
		return interp_refuse(ours, what, e->err);
	if (ours->type != VALUE_DICT)
		return entry_wrong(e, ours,
		                   "'metadata.kmlflow' must be a mapping, "
		                   "as {artifact: true}");
	if (keys_check(ours, metadata_keys, what, e->err) ||
	    keys_bool(ours, "artifact", what, artifact, e->err))
		return -1;
	/* Who says where it goes wants it to go there. */
	if (!value_get(ours, "artifact") &&
	    (value_get(ours, "artifact_path") || value_get(ours, "run_id")))
		*artifact = true;
	return destination_read(ours, what, dest, e->err);
}

static void
warn_of_family(const struct entry *e, enum dataset_family family)
{
	static const char *const texts[] = {
	    [DATASET_METRIC] = "its metrics are those that Python logs; to "
			       "record a file that the command writes, name "
			       "it: metadata: {kmlflow: {filepath: …}}, or in "
			       "kmlflow.yml",
	    [DATASET_MODEL] = "models are not recorded yet; wrap a "
			      "MlflowModelLocalFileSystemDataset in a "
			      "MlflowArtifactDataset",
	    [DATASET_UNKNOWN] = "no kedro-mlflow has this type; it is not "
				"recorded",
	};
	const struct value *type = value_get(e->dict, "type");

	entry_warn(e, type->file ? type : e->key, texts[family]);
}

static int
is_wanted(const struct entry *e, const char *type, enum dataset_family *family,
          struct destination *dest)
{
	const struct value *item = value_get(e->request->names, e->name);
	bool wanted;

	*family = type ? dataset_family(type) : DATASET_PLAIN;
	wanted = *family == DATASET_ARTIFACT || item;
	if (*family == DATASET_ARTIFACT &&
	    destination_read(e->dict, e->what, dest, e->err))
		return -1;
	if (read_metadata(e, &wanted, dest))
		return -1;
	if (item && item->type == VALUE_DICT &&
	    destination_read(item, e->what, dest, e->err))
		return -1;
	return wanted;
}

static int
read_mapping(const struct entry *e)
{
	const struct value *type = value_get(e->dict, "type");
	struct destination dest = {.artifact_path = NULL};
	enum dataset_family family;
	int wanted, metric;

	if (interp_is(type)) {
		warn_unread(e, type);
		return 0;
	}
	wanted = is_wanted(e, value_text(type), &family, &dest);
	if (wanted < 0)
		return -1;
	metric = catalog_metric(e, family == DATASET_METRIC);
	if (metric < 0)
		return -1;
	if (metric && family == DATASET_METRIC)
		return 0;
	if (!wanted) {
		if (family != DATASET_PLAIN && family != DATASET_ARTIFACT)
			warn_of_family(e, family);
		return 0;
	}
	return family == DATASET_ARTIFACT ? declare_wrapped(e, &dest)
	                                  : entry_declare(e, e->dict, &dest);
}

static int
read_entry(const struct catalog_request *request, const struct value_pair *p,
           struct err *err)
{
	struct entry e = {.request = request,
	                  .key = p->key,
	                  .dict = p->item,
	                  .err = err};
	cleanup_buf struct buf name = BUF_INIT;

	pystr(p->key, &name);
	e.name = name.s;
	snprintf(e.what, sizeof(e.what), "dataset '%.100s'", name.s);
	if (p->item->type == VALUE_DICT)
		return entry_check(&e) ? -1 : read_mapping(&e);
	if (interp_is(p->item)) {
		warn_unread(&e, p->item);
		return 0;
	}
	return entry_wrong(
	    &e, p->item,
	    "must be a mapping with 'type'; a helper's name begins "
	    "with '_'");
}

/* Names in kmlflow.yml, under 'key', that no entry has. */
static int
check_names(const struct catalog_request *r, const struct value *names,
            const char *key, struct err *err)
{
	for (size_t i = 0; names && i < names->dict.n; i++) {
		const struct value_pair *p = &names->dict.v[i];
		struct nearest near = {.word = NULL};
		cleanup_buf struct buf hint = BUF_INIT;
		const struct value_dict *all;

		if (value_find(r->catalog, p->key))
			continue;
		all = r->catalog ? &r->catalog->dict : NULL;
		for (size_t k = 0; all && k < all->n; k++)
			if (value_text(all->v[k].key))
				nearest_offer(&near, p->key->text.s,
				              all->v[k].key->text.s);
		nearest_hint(&near, &hint);
		return err_at(err, p->item->file, p->item->line,
		              p->item->column,
		              "%s: the catalog has no entry '%.80s'%s", key,
		              p->key->text.s, hint.s);
	}
	return 0;
}

/* One that has no letters of its own. */
static int
check_catch_alls(const struct catalog_request *r, struct err *err)
{
	const struct value_dict *all = r->catalog ? &r->catalog->dict : NULL;
	const char *first = NULL;

	for (size_t i = 0; all && i < all->n; i++) {
		const struct value *key = all->v[i].key;
		const char *name = value_text(key);

		if (!name || !pattern_is(name) || pattern_letters(name))
			continue;
		if (first)
			return err_at(err, key->file, key->line, key->column,
			              "dataset '%.100s': only one pattern may "
			              "stand for every name, and '%.100s' does",
			              name, first);
		first = name;
	}
	return 0;
}

int
catalog_declare(const struct catalog_request *request, struct err *err)
{
	const struct value *c = request->catalog;

	if (check_names(request, request->names, "artifacts", err) ||
	    check_names(request, request->metrics, "metrics", err) ||
	    check_catch_alls(request, err))
		return -1;
	for (size_t i = 0; c && i < c->dict.n; i++)
		if (read_entry(request, &c->dict.v[i], err))
			return -1;
	return 0;
}
