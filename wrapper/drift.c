/* SPDX-License-Identifier: MIT */
/* drift.c - a run beside the catalog of now */
#include "drift.h"

#include <stdint.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "explain_text.h"
#include "model/declared.h"
#include "model/record.h"
#include "wire/json.h"

/* Members of a declared path that decide what becomes of it. */
static const char *const compared[] = {
    "path", "kind", "suffix", "artifact_path", "run_id",
};

static struct cJSON *
add(struct cJSON *list, const char *key, const char *value)
{
	struct cJSON *one = json_object();

	json_set_str(one, key, value);
	json_push(list, one);
	return one;
}

static void
copy_text(struct cJSON *to, const struct cJSON *from, const char *key)
{
	if (json_str(from, key))
		json_set_str(to, key, json_str(from, key));
}

static struct cJSON *
not_written(const struct cJSON *report)
{
	const struct cJSON *f = json_first(json_get(report, "files"));
	struct cJSON *list = json_array();

	for (; f; f = json_next(f)) {
		const char *fate = json_str(f, "fate");
		struct cJSON *one;

		if (!fate || strcmp(fate, "missing") != 0)
			continue;
		one = add(list, "path", json_str(f, "path"));
		copy_text(one, f, "dataset");
		copy_text(one, f, "reason");
	}
	return list;
}

/* With the name of what declares it by now, if something does. */
static struct cJSON *
not_declared(const struct cJSON *report, const struct declared_list *now)
{
	const struct cJSON *f =
	    json_first(json_get(json_get(report, "undeclared"), "files"));
	struct cJSON *list = json_array();

	for (; f; f = json_next(f)) {
		const char *path = json_str(f, "path");
		struct cJSON *one;

		if (!path)
			continue;
		one = add(list, "path", path);
		json_set_int(one, "size", json_int(f, "size", 0));
		json_set_int(one, "modified", json_int(f, "modified", 0));
		for (size_t i = 0; i < now->n; i++) {
			if (!declared_match(&now->v[i], path))
				continue;
			json_set_str(one, "dataset", now->v[i].name);
			break;
		}
	}
	return list;
}

static void
compare(const struct cJSON *then, const struct cJSON *now, struct cJSON *list)
{
	for (size_t i = 0; i < ARRAY_LEN(compared); i++) {
		const char *before = json_str(then, compared[i]);
		const char *after = json_str(now, compared[i]);
		struct cJSON *one;

		if (!strcmp(before ? before : "", after ? after : ""))
			continue;
		one = add(list, "dataset", json_str(then, "name"));
		json_set_str(one, "what", compared[i]);
		json_set_str(one, "then", before);
		json_set_str(one, "now", after);
	}
}

/* An entry can declare more than one path: they go by their number. */
static char *
numbered(struct map *counts, const char *name)
{
	void **count = map_at(counts, name);
	uintptr_t n = (uintptr_t)*count + 1;

	*count = (void *)n; /* NOLINT(performance-no-int-to-ptr) */
	return mem_printf("%s\n%zu", name, (size_t)n);
}

/* Walks both; names tell which entries are the same. */
static void
compare_declared(const struct cJSON *then, const struct declared_list *now,
                 struct cJSON *to)
{
	struct cJSON *changed = json_array();
	struct cJSON *removed = json_array();
	struct cJSON *added = json_array();
	struct map names = MAP_INIT;
	struct map counts = MAP_INIT;
	struct map counts_then = MAP_INIT;

	for (size_t i = 0; i < now->n; i++) {
		cleanup_free char *key = NULL;

		if (!now->v[i].origin.file)
			continue;
		key = numbered(&counts, now->v[i].name);
		*map_at(&names, key) = &now->v[i];
	}
	for (then = json_first(then); then; then = json_next(then)) {
		const char *name = json_str(then, "name");
		cleanup_json struct cJSON *same = NULL;
		cleanup_free char *key = NULL;
		void **at;

		/* What has no file was declared by a flag. */
		if (!name || !json_str(then, "file"))
			continue;
		key = numbered(&counts_then, name);
		at = map_at(&names, key);
		if (*at) {
			same = record_declared(*at);
			compare(then, same, changed);
		} else {
			copy_text(add(removed, "dataset", name), then, "path");
		}
		*at = NULL;
	}
	for (size_t i = 0; i < names.n; i++) {
		const struct declared *d = names.v[i].value;

		if (d)
			json_set_str(add(added, "dataset", d->name), "path",
			             d->path);
	}
	map_free(&names, NULL);
	map_free(&counts, NULL);
	map_free(&counts_then, NULL);
	json_set(to, "changed", changed);
	json_set(to, "added", added);
	json_set(to, "removed", removed);
}

struct cJSON *
drift_find(const struct cJSON *report, const struct declared_list *now)
{
	const struct cJSON *then = json_get(report, "declared");
	struct cJSON *ret;

	if (!json_is_array(then))
		return NULL;
	ret = json_object();
	json_set_str(ret, "run_id", json_str(report, "run_id"));
	json_set(ret, "not_written", not_written(report));
	json_set(ret, "not_declared", not_declared(report, now));
	compare_declared(then, now, ret);
	return ret;
}

static void
add_value(struct buf *to, const struct cJSON *o, const char *key)
{
	if (json_str(o, key))
		explain_text(to, o, key);
	else
		buf_adds(to, "nothing");
}

static void
add_not_written(struct buf *to, const struct cJSON *o)
{
	explain_text(to, o, "path");
	buf_adds(to, ", declared by ");
	explain_text(to, o, "dataset");
	if (json_str(o, "reason")) {
		buf_adds(to, ", ");
		explain_text(to, o, "reason");
	}
}

static void
add_not_declared(struct buf *to, const struct cJSON *o)
{
	explain_text(to, o, "path");
	buf_adds(to, ", ");
	explain_size(to, json_int(o, "size", 0));
	if (json_str(o, "dataset")) {
		buf_adds(to, "; declared by now, by ");
		explain_text(to, o, "dataset");
	}
}

static void
add_changed(struct buf *to, const struct cJSON *o)
{
	explain_text(to, o, "dataset");
	buf_adds(to, ": ");
	explain_text(to, o, "what");
	buf_adds(to, " was ");
	add_value(to, o, "then");
	buf_adds(to, ", is now ");
	add_value(to, o, "now");
}

static void
add_entry(struct buf *to, const struct cJSON *o)
{
	explain_text(to, o, "dataset");
	buf_adds(to, ": ");
	explain_text(to, o, "path");
}

void
drift_text(struct buf *to, const struct cJSON *drift)
{
	static const struct {
		const char *key;
		const char *head;
		void (*add)(struct buf *to, const struct cJSON *o);
	} parts[] = {
	    {"not_written", "declared, and not written", add_not_written},
	    {"not_declared", "written, and not declared", add_not_declared},
	    {"changed", "changed since", add_changed},
	    {"added", "declared since", add_entry},
	    {"removed", "no longer declared", add_entry},
	};
	size_t before;

	buf_adds(to, "run ");
	explain_text(to, drift, "run_id");
	buf_addc(to, '\n');
	before = to->len;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const struct cJSON *o =
		    json_first(json_get(drift, parts[i].key));

		if (o)
			buf_addf(to, "%s\n", parts[i].head);
		for (; o; o = json_next(o)) {
			buf_adds(to, "  ");
			parts[i].add(to, o);
			buf_addc(to, '\n');
		}
	}
	if (to->len == before)
		buf_adds(to, "the catalog says what happened\n");
}
