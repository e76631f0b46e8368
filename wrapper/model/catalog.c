/* SPDX-License-Identifier: MIT */
/* catalog.c - which entries of the catalog declare artifacts */
#include "model/catalog.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "model/dataset_type.h"
#include "model/declare.h"
#include "model/interp.h"
#include "model/keys.h"
#include "model/nearest.h"
#include "model/pystr.h"
#include "model/value.h"

/* One entry of the catalog while it is looked at. */
struct entry {
	const struct catalog_request *request;
	const char *name;
	const struct value *key;
	const struct value *dict;
	char what[128]; /* "dataset 'name'", for messages */
	struct err *err;
};

static const char *const wrapper_keys[] = {"type",     "dataset",
                                           "data_set", "artifact_path",
                                           "run_id",   "credentials",
                                           "metadata", "layer",
                                           "version",  NULL};

static const char *const metadata_keys[] = {"artifact", "artifact_path",
                                            "run_id", NULL};

static int
wrong(const struct entry *e, const struct value *at, const char *what)
{
	return err_at(e->err, at->file ? at->file : e->key->file,
	              at->file ? at->line : e->key->line, "%s: %s", e->what,
	              what);
}

static void
warn(const struct entry *e, const struct value *at, const char *what)
{
	strv_take(e->request->warnings, mem_printf("%s:%d: %s: %s", at->file,
	                                           at->line, e->what, what));
}

/* Nobody can tell what such an entry declares. */
static void
warn_unread(const struct entry *e, const struct value *v)
{
	cleanup_free char *text =
	    mem_printf("is not captured: '%.60s' cannot be read: %s", v->text.s,
	               v->text.unresolved);

	warn(e, v, text);
}

/* Whether 'path' is local; *path then stands after "file://". */
static bool
is_local(const char **path)
{
	const char *scheme = strstr(*path, "://");

	if (!scheme)
		return true;
	if (strncmp(*path, "file://", 7) && strncmp(*path, "local://", 8))
		return false;
	*path = scheme + 3;
	return true;
}

/* The first path key that is there; partitions have 'path' only. */
static int
find_path(const struct entry *e, const struct value *dataset, bool partitioned,
          const struct value **at, const char **path)
{
	static const char *const names[] = {"filepath", "path", "filename"};

	for (size_t i = partitioned; i < ARRAY_LEN(names); i++) {
		*at = value_get(dataset, names[i]);
		if (*at && (*at)->type != VALUE_NULL)
			return keys_text(dataset, names[i], e->what, path,
			                 e->err);
	}
	return wrong(e, dataset,
	             partitioned ? "has no 'path'; only what is written to a "
	                           "directory can become artifacts"
	                         : "has no 'filepath'; only what is written "
	                           "to a file can become an artifact");
}

static const char *
or_empty(const char *s)
{
	return s ? s : "";
}

/* Warns where another dataset becomes the artifact of the same name. */
static void
check_name(const struct entry *e, const struct declared *d)
{
	const struct catalog_request *r = e->request;
	cleanup_free char *base = fs_basename(d->path);
	struct value *name =
	    value_str(r->arena, arena_printf(r->arena, "as %s\n%s\n%s",
	                                     or_empty(d->run_id),
	                                     or_empty(d->artifact_path), base));
	const struct value_pair *old = value_find(r->seen, name);
	cleanup_free char *text = NULL;

	if (!old) {
		value_put(r->seen, name,
		          value_str(r->arena, arena_dup(r->arena, e->name)),
		          r->arena);
		return;
	}
	text = mem_printf("becomes the same artifact '%s' as dataset '%s'; "
	                  "give one an artifact_path of its own",
	                  base, old->item->text.s);
	warn(e, e->key, text);
}

/* Two names for one thing (as with transcoding) declare it once. */
static void
add(const struct entry *e, const struct declared *d)
{
	const struct catalog_request *r = e->request;
	struct value *identity =
	    value_str(r->arena,
	              arena_printf(r->arena, "%d\n%s\n%s\n%s\n%s", d->kind,
	                           d->path, or_empty(d->suffix),
	                           or_empty(d->artifact_path),
	                           or_empty(d->run_id)));
	size_t before = r->seen->dict.n;
	struct declared *to;

	value_put(r->seen, identity, identity, r->arena);
	if (r->seen->dict.n == before)
		return;
	check_name(e, d);
	to = declared_add(r->declared);
	to->kind = d->kind;
	to->name = mem_dup(e->name);
	to->path = mem_dup(d->path);
	to->suffix = mem_dup(d->suffix);
	to->artifact_path = mem_dup(d->artifact_path);
	to->run_id = mem_dup(d->run_id);
	to->origin.file = mem_dup(e->key->file);
	to->origin.line = e->key->line;
}

static void
add_path(const struct entry *e, struct declared *d, const char *path,
         const struct destination *dest)
{
	cleanup_free char *joined = fs_join(e->request->root, path);
	cleanup_free char *normal = fs_normalise(joined);
	cleanup_free char *clean = NULL;
	cleanup_free char *run_id = mem_dup(dest->run_id);

	if (dest->artifact_path)
		artifact_path_clean(dest->artifact_path, &clean);
	d->path = normal;
	d->artifact_path = clean;
	d->run_id = run_id;
	add(e, d);
}

/* Declares what 'dataset', a mapping of Kedro's own kind, writes. */
static int
declare(const struct entry *e, const struct value *dataset,
        const struct destination *dest)
{
	const char *type, *path = NULL, *suffix = NULL;
	const struct value *at;
	cleanup_free char *suffix_copy = NULL;
	struct declared d = {.kind = DECLARED_FILE};
	bool versioned = false;
	bool partitioned;

	if (interp_is(value_get(dataset, "type")))
		return interp_refuse(value_get(dataset, "type"), e->what,
		                     e->err);
	type = value_text(value_get(dataset, "type"));
	if (!type)
		return wrong(e, dataset, "has no 'type'");
	if (dataset_is_cached(type) && value_get(dataset, "dataset"))
		dataset = value_get(dataset, "dataset");
	if (dataset->type != VALUE_DICT)
		return wrong(e, dataset,
		             "the cached dataset must be a mapping "
		             "with 'type' and 'filepath'");
	partitioned = dataset_is_partitioned(type);
	if (find_path(e, dataset, partitioned, &at, &path) ||
	    keys_bool(dataset, "versioned", e->what, &versioned, e->err) ||
	    keys_text(dataset, "filename_suffix", e->what, &suffix, e->err))
		return -1;
	if (!path || !*path)
		return wrong(e, at, "the path is empty");
	if (!is_local(&path)) {
		warn(e, at,
		     "a remote path is not captured; write to a local one");
		return 0;
	}
	d.kind = partitioned ? DECLARED_DIR
	         : versioned ? DECLARED_VERSIONED
	                     : DECLARED_FILE;
	if (partitioned && suffix && *suffix)
		suffix_copy = mem_dup(suffix);
	d.suffix = suffix_copy;
	add_path(e, &d, path, dest);
	return 0;
}

/* kedro-mlflow's wrapper: the dataset is under 'dataset' or 'data_set'. */
static int
declare_wrapped(const struct entry *e, struct destination *dest)
{
	const struct value *a = value_get(e->dict, "dataset");
	const struct value *b = value_get(e->dict, "data_set");
	const struct value *inner = a ? a : b;

	if (value_get(e->dict, "versioned"))
		return wrong(e, value_get(e->dict, "versioned"),
		             "'versioned' belongs into 'dataset:', beside "
		             "'filepath'");
	if (keys_check(e->dict, wrapper_keys, e->what, e->err))
		return -1;
	if (a && b)
		return wrong(e, b, "has 'dataset' and 'data_set'; keep one");
	if (!inner)
		return wrong(e, e->dict,
		             "has no 'dataset'; it says what is written, with "
		             "'type' and 'filepath'");
	if (interp_is(inner))
		return interp_refuse(inner, e->what, e->err);
	if (inner->type != VALUE_DICT)
		return wrong(e, inner,
		             "'dataset' must be a mapping with "
		             "'type' and 'filepath'");
	return declare(e, inner, dest);
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
		return wrong(e, ours,
		             "'metadata.kmlflow' must be a mapping, "
		             "as {artifact: true}");
	if (keys_check(ours, metadata_keys, what, e->err) ||
	    keys_bool(ours, "artifact", what, artifact, e->err))
		return -1;
	/* Who says where it goes wants it to go there. */
	if (!value_get(ours, "artifact") && ours->dict.n)
		*artifact = true;
	return destination_read(ours, what, dest, e->err);
}

static void
warn_of_family(const struct entry *e, enum dataset_family family)
{
	static const char *const texts[] = {
	    [DATASET_METRIC] = "metric datasets are not recorded yet",
	    [DATASET_MODEL] = "models are not recorded yet; wrap a "
			      "MlflowModelLocalFileSystemDataset in a "
			      "MlflowArtifactDataset",
	    [DATASET_UNKNOWN] = "no kedro-mlflow has this type; it is not "
				"recorded",
	};
	const struct value *type = value_get(e->dict, "type");

	warn(e, type->file ? type : e->key, texts[family]);
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
	int wanted;

	if (interp_is(type)) {
		warn_unread(e, type);
		return 0;
	}
	wanted = is_wanted(e, value_text(type), &family, &dest);
	if (wanted < 0)
		return -1;
	if (!wanted) {
		if (family != DATASET_PLAIN && family != DATASET_ARTIFACT)
			warn_of_family(e, family);
		return 0;
	}
	if (strchr(e->name, '{'))
		return wrong(e, e->key,
		             "factory patterns ('{') are not supported yet; "
		             "write the entries out");
	return family == DATASET_ARTIFACT ? declare_wrapped(e, &dest)
	                                  : declare(e, e->dict, &dest);
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
		return read_mapping(&e);
	if (interp_is(p->item)) {
		warn_unread(&e, p->item);
		return 0;
	}
	return wrong(&e, p->item,
	             "must be a mapping with 'type'; a helper's name begins "
	             "with '_'");
}

/* Names in kmlflow.yml that no entry has. */
static int
check_names(const struct catalog_request *r, struct err *err)
{
	for (size_t i = 0; r->names && i < r->names->dict.n; i++) {
		const struct value_pair *p = &r->names->dict.v[i];
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
		              "artifacts: the catalog has no entry '%.80s'%s",
		              p->key->text.s, hint.s);
	}
	return 0;
}

int
catalog_declare(const struct catalog_request *request, struct err *err)
{
	const struct value *c = request->catalog;

	if (check_names(request, err))
		return -1;
	for (size_t i = 0; c && i < c->dict.n; i++)
		if (read_entry(request, &c->dict.v[i], err))
			return -1;
	return 0;
}
