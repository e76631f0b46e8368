/* SPDX-License-Identifier: MIT */
/* catalog_metric.c - entries of the catalog that are about metrics */
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "model/catalog_entry.h"
#include "model/dataset_type.h"
#include "model/declared.h"
#include "model/keys.h"
#include "model/metric_file.h"
#include "model/value.h"

static int
must_be(const struct entry *e, const char *wanted, const char *got)
{
	cleanup_free char *what =
	    mem_printf("save_args.mode must be %s, not '%.40s'", wanted, got);

	return entry_wrong(e, e->dict, what);
}

/* save_args of a metric dataset, as kedro-mlflow checks them. */
static int
read_save_args(const struct entry *e, bool history, struct metric_rule *rule)
{
	const struct value *args = value_get(e->dict, "save_args");
	const struct value *step = value_get(args, "step");
	const char *mode;

	if (!args || args->type != VALUE_DICT)
		return 0;
	if (keys_text(args, "mode", e->what, &mode, e->err))
		return -1;
	if (mode && history && strcmp(mode, "list") != 0 &&
	    strcmp(mode, "dict") != 0 && strcmp(mode, "history") != 0)
		return must_be(e, "'list', 'dict' or 'history'", mode);
	if (mode && !history && strcmp(mode, "overwrite") != 0 &&
	    strcmp(mode, "append") != 0)
		return must_be(e, "'overwrite' or 'append'", mode);
	if (step && step->type == VALUE_INT)
		rule->step = strtoll(step->text.s, NULL, 10);
	return 0;
}

static int
read_rule(const struct entry *e, struct metric_rule *rule, const char **key)
{
	const char *type = value_text(value_get(e->dict, "type"));
	bool many = dataset_is_metrics(type);
	bool history = dataset_is_metric_history(type);

	rule->form = many ? METRIC_MANY : history ? METRIC_HISTORY : METRIC_ONE;
	if (keys_text(e->dict, many ? "prefix" : "key", e->what, key, e->err) ||
	    (!many && read_save_args(e, history, rule)))
		return -1;
	if (!*key)
		*key = e->name;
	return 0;
}

/* metrics: true, or the prefix of their names. */
static int
read_loose(const struct entry *e, const struct value *ours,
           struct metric_rule *rule, const char **key)
{
	const struct value *metrics = value_get(ours, "metrics");

	rule->form = METRIC_ANY;
	if (!metrics || metrics->type == VALUE_NULL ||
	    (metrics->type == VALUE_BOOL && !metrics->boolean))
		return 0;
	*key = NULL;
	if (metrics->type != VALUE_BOOL &&
	    keys_text(ours, "metrics", e->what, key, e->err))
		return -1;
	return 1;
}

static int
add(const struct entry *e, const struct metric_rule *rule, const char *key,
    const char *path)
{
	cleanup_free char *joined = fs_join(e->request->root, path);
	const char *run_id;
	struct declared *d;

	if (keys_text(e->dict, "run_id", e->what, &run_id, e->err))
		return -1;
	d = declared_add(e->request->declared);
	d->name = mem_dup(e->name);
	d->path = fs_normalise(joined);
	d->run_id = mem_dup(run_id);
	d->origin.file = mem_dup(e->key->file);
	d->origin.line = e->key->line;
	d->metric = mem_alloc(sizeof(*d->metric));
	*d->metric = *rule;
	d->metric->key = mem_dup(key);
	return 1;
}

int
catalog_metric(const struct entry *e, bool family)
{
	const struct value *ours =
	    value_get(value_get(e->dict, "metadata"), "kmlflow");
	struct metric_rule rule = {.form = METRIC_ONE};
	const char *path = NULL, *key = NULL;
	int wanted = 1;

	if (family && read_rule(e, &rule, &key))
		return -1;
	if (!ours || ours->type != VALUE_DICT)
		return 0;
	if (!family)
		wanted = read_loose(e, ours, &rule, &key);
	if (wanted <= 0)
		return wanted;
	if (keys_text(ours, "filepath", e->what, &path, e->err) ||
	    (!path && keys_text(e->dict, "filepath", e->what, &path, e->err)))
		return -1;
	if (!path || !*path)
		return family ? 0
		              : entry_wrong(e, ours,
		                            "'metrics' needs a 'filepath'");
	return add(e, &rule, key, path);
}
