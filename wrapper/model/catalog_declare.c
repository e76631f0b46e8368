/* SPDX-License-Identifier: MIT */
/* catalog_declare.c - from an entry of the catalog to a declared path */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "model/catalog_entry.h"
#include "model/dataset_type.h"
#include "model/declare.h"
#include "model/factory.h"
#include "model/interp.h"
#include "model/keys.h"
#include "model/metric_file.h"
#include "model/pattern.h"
#include "model/value.h"

int
entry_wrong(const struct entry *e, const struct value *at, const char *what)
{
	if (!at->file)
		at = e->key;
	return err_at(e->err, at->file, at->line, at->column, "%s: %s", e->what,
	              what);
}

void
entry_warn(const struct entry *e, const struct value *at, const char *what)
{
	strv_take(e->request->warnings,
	          mem_printf("%s:%d:%d: %s: %s", at->file, at->line,
	                     (int)at->column, e->what, what));
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
	return entry_wrong(e, dataset,
	                   partitioned
	                       ? "has no 'path'; only what is written to a "
	                         "directory can become artifacts"
	                       : "has no 'filepath'; only what is written "
	                         "to a file can become an artifact");
}

/* A text of all of 'parts', which are apart from one another, as a key. */
static struct value *
identity(const struct catalog_request *r, const char *const *parts, size_t n)
{
	cleanup_buf struct buf text = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		if (parts[i])
			buf_adds(&text, parts[i]);
		buf_addc(&text, '\n');
	}
	return value_str(r->arena, arena_ndup(r->arena, text.s, text.len));
}

/* Warns where another dataset becomes the artifact of the same name. */
static void
check_name(const struct entry *e, const struct declared *d)
{
	const struct catalog_request *r = e->request;
	const char *base = strrchr(d->path, '/') + 1;
	const char *const parts[] = {"as", d->run_id, d->artifact_path, base};
	struct value *name = identity(r, parts, ARRAY_LEN(parts));
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
	entry_warn(e, e->key, text);
}

static struct declared *
add_copy(const struct entry *e, const struct declared *d)
{
	struct declared *to = declared_add(e->request->declared);

	to->kind = d->kind;
	to->name = mem_dup(e->name);
	to->path = mem_dup(d->path);
	to->suffix = mem_dup(d->suffix);
	to->artifact_path = mem_dup(d->artifact_path);
	to->run_id = mem_dup(d->run_id);
	to->metric = metric_rule_dup(d->metric);
	to->origin.file = mem_dup(e->key->file);
	to->origin.line = e->key->line;
	return to;
}

/* Two names for one thing (as with transcoding) declare it once. */
static void
add(const struct entry *e, const struct declared *d)
{
	const struct catalog_request *r = e->request;
	const char kind[] = {(char)('0' + d->kind), '\0'};
	const char *const parts[] = {kind, d->path, d->suffix, d->artifact_path,
	                             d->run_id};
	struct value *all = identity(r, parts, ARRAY_LEN(parts));
	size_t before = r->seen->dict.n;

	value_put(r->seen, all, all, r->arena);
	if (r->seen->dict.n == before)
		return;
	check_name(e, d);
	add_copy(e, d);
}

void
entry_add(const struct entry *e, const struct declared *d)
{
	add_copy(e, d);
}

/* What a file's rule is. */
static enum declared_kind
kind_of(bool partitioned, bool versioned, bool directory)
{
	if (partitioned)
		return DECLARED_DIR;
	if (versioned)
		return directory ? DECLARED_VERSIONED_DIR : DECLARED_VERSIONED;
	return directory ? DECLARED_DIR : DECLARED_FILE;
}

/* Each placeholder of 'text' (NULL: none) must be one of 'known'. */
static int
check_places(const struct entry *e, const struct value *at, const char *text,
             const char *known, const char *where)
{
	cleanup_strv struct strv names = STRV_INIT;
	cleanup_strv struct strv all = STRV_INIT;

	if (!text)
		return 0;
	pattern_names(text, &names);
	pattern_names(known, &all);
	for (size_t i = 0; i < names.n; i++) {
		cleanup_free char *what = NULL;

		if (strv_has(&all, names.v[i]))
			continue;
		what = mem_printf("'{%.40s}' is not in %s, so nothing says "
		                  "what it stands for",
		                  names.v[i], where);
		return entry_wrong(e, at, what);
	}
	return 0;
}

/* Whether 'pattern' stands for 'name', letter by letter, as entries do. */
static bool
is_made(const char *pattern, const char *name, struct kvs *captures)
{
	cleanup_free char *own = NULL;

	if (!pattern_match(pattern, name, false, captures))
		return false;
	own = pattern_fill(pattern, captures);
	return own && !strcmp(own, name);
}

/* Which other entries Kedro would rather take. */
static void
find_rivals(const struct entry *e, struct factory *f)
{
	const struct value_dict *all = &e->request->catalog->dict;

	for (size_t i = 0; i < all->n; i++) {
		const char *name = value_text(all->v[i].key);
		cleanup_kvs struct kvs captures = KVS_INIT;

		if (!name || !strcmp(name, e->name))
			continue;
		if (!pattern_is(name)) {
			if (is_made(e->name, name, &captures))
				strv_take(&f->taken,
				          pattern_fill(f->path, &captures));
			continue;
		}
		if (pattern_order(name, e->name) < 0)
			strv_add(&f->before, name);
	}
}

/* Its datasets are known by the paths that are written. */
int
entry_declare_factory(const struct entry *e, const struct declared *d,
                      const struct value *at)
{
	const char *key = d->metric ? d->metric->key : NULL;
	struct factory *f;
	struct declared *to;

	if (check_places(e, at, d->path, e->name, "the name of the entry") ||
	    check_places(e, e->key, d->artifact_path, d->path,
	                 "the path, as 'artifact_path' needs it") ||
	    check_places(e, e->key, d->run_id, d->path,
	                 "the path, as 'run_id' needs it") ||
	    check_places(e, e->key, key, d->path,
	                 "the path, as the metric's name needs it"))
		return -1;
	if (!pattern_is(d->path)) {
		if (d->metric)
			add_copy(e, d);
		else
			add(e, d);
		return 0;
	}
	f = mem_alloc(sizeof(*f));
	f->kind = d->kind;
	f->path = mem_dup(d->path);
	f->suffix = mem_dup(d->suffix);
	find_rivals(e, f);
	to = add_copy(e, d);
	to->kind = DECLARED_GLOB;
	to->factory = f;
	mem_replace(&to->path, factory_glob(f));
	return 0;
}

static int
add_path(const struct entry *e, struct declared *d, const char *path,
         const struct value *at, const struct destination *dest)
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
	if (pattern_is(e->name))
		return entry_declare_factory(e, d, at);
	add(e, d);
	return 0;
}

int
entry_declare(const struct entry *e, const struct value *dataset,
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
	/* The entry itself has been looked at. */
	if (dataset != e->dict && entry_check_type(e, dataset))
		return -1;
	type = value_text(value_get(dataset, "type"));
	if (dataset_is_cached(type) && value_get(dataset, "dataset"))
		dataset = value_get(dataset, "dataset");
	if (dataset->type != VALUE_DICT)
		return entry_wrong(e, dataset,
		                   "the cached dataset must be a mapping "
		                   "with 'type' and 'filepath'");
	partitioned = dataset_is_partitioned(type);
	if (find_path(e, dataset, partitioned, &at, &path) ||
	    keys_bool(dataset, "versioned", e->what, &versioned, e->err) ||
	    keys_text(dataset, "filename_suffix", e->what, &suffix, e->err))
		return -1;
	if (!path || !*path)
		return entry_wrong(e, at, "the path is empty");
	if (!is_local(&path)) {
		entry_warn(
		    e, at,
		    "a remote path is not captured; write to a local one");
		return 0;
	}
	d.kind = kind_of(partitioned, versioned, dataset_is_directory(type));
	if (partitioned && suffix && *suffix)
		suffix_copy = mem_dup(suffix);
	d.suffix = suffix_copy;
	return add_path(e, &d, path, at, dest);
}
