/* SPDX-License-Identifier: MIT */
/* kmlflow_yml.c - what kmlflow.yml says beyond mlflow.yml */
#include "model/kmlflow_yml.h"

#include "base/arena.h"
#include "base/err.h"
#include "model/interp.h"
#include "model/keys.h"
#include "model/value.h"

static const char *const top_keys[] = {"artifacts", "metrics", "exclude", NULL};
static const char *const item_keys[] = {"name", "path", "artifact_path",
                                        "run_id", NULL};
static const char *const metric_keys[] = {"name", "filepath", "prefix", NULL};

static int
must_be(const struct value *v, const char *key, const char *wanted,
        struct err *err)
{
	return err_at(err, v->file, v->line, v->column,
	              "'%s' must be %s, not %s", key, wanted,
	              value_type_name(v));
}

static int
read_item(struct value *item, struct arena *arena, struct kmlflow_yml *to,
          struct value *paths, struct err *err)
{
	const char *name, *path;

	if (interp_refuse(item, "artifacts", err))
		return -1;
	if (value_text(item)) {
		value_put(to->names, item, item, arena);
		return 0;
	}
	if (item->type != VALUE_DICT)
		return must_be(item, "artifacts",
		               "a list of names and mappings", err);
	if (keys_check(item, item_keys, "artifacts", err) ||
	    keys_text(item, "name", "artifacts", &name, err) ||
	    keys_text(item, "path", "artifacts", &path, err))
		return -1;
	if (!name == !path)
		return err_at(err, item->file, item->line, item->column,
		              "artifacts: an item needs either 'name' (of a "
		              "catalog entry) or 'path'");
	if (name)
		value_put(to->names, value_str(arena, name), item, arena);
	else
		paths->list.v[paths->list.n++] = item;
	return 0;
}

static int
read_artifacts(const struct value *list, struct arena *arena,
               struct kmlflow_yml *to, struct err *err)
{
	struct value *paths;

	if (list->type != VALUE_LIST)
		return must_be(list, "artifacts",
		               "a list of names and mappings", err);
	to->names = value_like(arena, VALUE_DICT, list);
	paths = value_like(arena, VALUE_LIST, list);
	paths->list.v =
	    arena_alloc(arena, (list->list.n + 1) * sizeof(*paths->list.v));
	for (size_t i = 0; i < list->list.n; i++)
		if (read_item(list->list.v[i], arena, to, paths, err))
			return -1;
	to->paths = paths;
	return 0;
}

/* One of metrics. */
static int
read_metric(struct value *item, struct arena *arena, struct kmlflow_yml *to,
            struct err *err)
{
	const char *name;

	if (interp_refuse(item, "metrics", err))
		return -1;
	if (value_text(item)) {
		value_put(to->metrics, item, item, arena);
		return 0;
	}
	if (item->type != VALUE_DICT)
		return must_be(item, "metrics", "a list of names and mappings",
		               err);
	if (keys_check(item, metric_keys, "metrics", err) ||
	    keys_text(item, "name", "metrics", &name, err))
		return -1;
	if (!name)
		return err_at(err, item->file, item->line, item->column,
		              "metrics: an item needs 'name', of a catalog "
		              "entry");
	value_put(to->metrics, value_str(arena, name), item, arena);
	return 0;
}

static int
read_metrics(const struct value *list, struct arena *arena,
             struct kmlflow_yml *to, struct err *err)
{
	if (list->type != VALUE_LIST)
		return must_be(list, "metrics", "a list of names and mappings",
		               err);
	to->metrics = value_like(arena, VALUE_DICT, list);
	for (size_t i = 0; i < list->list.n; i++)
		if (read_metric(list->list.v[i], arena, to, err))
			return -1;
	return 0;
}

static int
read_exclude(const struct value *list, struct kmlflow_yml *to, struct err *err)
{
	if (list->type != VALUE_LIST)
		return must_be(list, "exclude", "a list of patterns", err);
	for (size_t i = 0; i < list->list.n; i++) {
		if (interp_refuse(list->list.v[i], "exclude", err))
			return -1;
		if (!value_text(list->list.v[i]))
			return must_be(list->list.v[i], "exclude",
			               "a list of patterns", err);
	}
	to->exclude = list;
	return 0;
}

int
kmlflow_yml_read(const struct value *yml, struct arena *arena,
                 struct kmlflow_yml *ret, struct err *err)
{
	const struct value *artifacts = value_get(yml, "artifacts");
	const struct value *metrics = value_get(yml, "metrics");
	const struct value *exclude = value_get(yml, "exclude");
	struct kmlflow_yml to = {.names = NULL};

	if (yml && keys_check(yml, top_keys, "kmlflow.yml", err))
		return -1;
	if (artifacts && artifacts->type != VALUE_NULL &&
	    read_artifacts(artifacts, arena, &to, err))
		return -1;
	if (metrics && metrics->type != VALUE_NULL &&
	    read_metrics(metrics, arena, &to, err))
		return -1;
	if (exclude && exclude->type != VALUE_NULL &&
	    read_exclude(exclude, &to, err))
		return -1;
	*ret = to;
	return 0;
}
