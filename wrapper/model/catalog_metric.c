/* SPDX-License-Identifier: MIT */
/* catalog_metric.c - entries of the catalog that are about metrics */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "model/catalog_entry.h"
#include "model/dataset_type.h"
#include "model/declared.h"
#include "model/keys.h"
#include "model/metric_file.h"
#include "model/pattern.h"
#include "model/value.h"

/* What a metric dataset of any release may say. */
static const char *const one_keys[] = {"type",      "key",       "run_id",
                                       "load_args", "save_args", "metadata",
                                       "layer",     "version",   NULL};
static const char *const many_keys[] = {"type",     "prefix", "run_id",
                                        "metadata", "layer",  "version",
                                        NULL};

/* The words of 'mode' of a metric, and of the history of one. */
static const char *const places[] = {"overwrite", "append", NULL};
static const char *const shapes[] = {"list", "dict", "history", NULL};

/* *ret is the number of the word under 'mode', or as it was. */
static int
read_mode(const struct entry *e, const char *section, const char *const *words,
          size_t *ret)
{
	const struct value *args = value_get(e->dict, section);
	const char *mode;
	cleanup_buf struct buf what = BUF_INIT;
	size_t i = 0;

	if (!args || args->type == VALUE_NULL)
		return 0;
	if (args->type != VALUE_DICT) {
		buf_addf(&what, "'%s' must be a mapping", section);
		return entry_wrong(e, args, what.s);
	}
	if (keys_text(args, "mode", e->what, &mode, e->err))
		return -1;
	while (mode && words[i] && strcmp(words[i], mode) != 0)
		i++;
	if (!mode || words[i]) {
		*ret = mode ? i : *ret;
		return 0;
	}
	buf_addf(&what, "%s.mode must be ", section);
	for (i = 0; words[i]; i++)
		buf_addf(&what, "'%s'%s", words[i],
		         !words[i + 1]   ? ""
		         : !words[i + 2] ? " or "
		                         : ", ");
	buf_addf(&what, ", not '%.40s'", mode);
	return entry_wrong(e, args, what.s);
}

/* A step that is given counts; else the mode says where the metric stands. */
static int
read_place(const struct entry *e, struct metric_rule *rule)
{
	const struct value *step =
	    value_get(value_get(e->dict, "save_args"), "step");
	size_t mode = 0;

	if (read_mode(e, "save_args", places, &mode))
		return -1;
	rule->place = mode ? METRIC_APPEND : METRIC_OVERWRITE;
	if (!step || step->type == VALUE_NULL)
		return 0;
	if (step->type != VALUE_INT)
		return entry_wrong(e, step,
		                   "save_args.step must be a whole number");
	rule->place = METRIC_AT_STEP;
	rule->step = strtoll(step->text.s, NULL, 10);
	return 0;
}

static int
read_args(const struct entry *e, struct metric_rule *rule)
{
	size_t ignored = 0;

	switch (rule->form) {
	case METRIC_ONE:
		return read_place(e, rule);
	case METRIC_HISTORY:
		/* What is in the file tells which of them it is. */
		return read_mode(e, "save_args", shapes, &ignored) ||
		               read_mode(e, "load_args", shapes, &ignored)
		           ? -1
		           : 0;
	case METRIC_MANY:
	case METRIC_ANY:
		break;
	}
	return 0;
}

static int
read_rule(const struct entry *e, struct metric_rule *rule, const char **key)
{
	const char *type = value_text(value_get(e->dict, "type"));
	bool many = dataset_is_metrics(type);

	rule->form = many                              ? METRIC_MANY
	             : dataset_is_metric_history(type) ? METRIC_HISTORY
	                                               : METRIC_ONE;
	if (keys_check(e->dict, many ? many_keys : one_keys, e->what, e->err) ||
	    keys_text(e->dict, many ? "prefix" : "key", e->what, key, e->err) ||
	    read_args(e, rule))
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
add(const struct entry *e, struct metric_rule *rule, const char *key,
    const char *path)
{
	cleanup_free char *joined = fs_join(e->request->root, path);
	cleanup_free char *normal = fs_normalise(joined);
	cleanup_free char *own_key = mem_dup(key);
	cleanup_free char *own_run = NULL;
	struct declared d = {.path = normal, .metric = rule};
	const char *run_id;

	if (keys_text(e->dict, "run_id", e->what, &run_id, e->err))
		return -1;
	own_run = mem_dup(run_id);
	rule->key = own_key;
	d.run_id = own_run;
	if (!pattern_is(e->name))
		entry_add(e, &d);
	else if (entry_declare_factory(e, &d, e->key))
		return -1;
	return 1;
}

/* What kmlflow.yml says of an entry beyond where its file is. */
static int
read_listed(const struct entry *e, const struct value *item, bool family,
            struct metric_rule *rule, const char **key)
{
	const struct value *prefix = value_get(item, "prefix");

	if (family && prefix)
		return entry_wrong(e, prefix,
		                   "'prefix' of a metric dataset belongs into "
		                   "the catalog");
	if (!family)
		rule->form = METRIC_ANY;
	return family ? 0 : keys_text(item, "prefix", e->what, key, e->err);
}

/* The first of those that may name the file. */
static int
find_file(const struct entry *e, const struct value *item,
          const struct value *ours, const char **path)
{
	const struct value *const from[] = {item, ours, e->dict};

	for (size_t i = 0; i < ARRAY_LEN(from) && !*path; i++)
		if (from[i] && from[i]->type == VALUE_DICT &&
		    keys_text(from[i], "filepath", e->what, path, e->err))
			return -1;
	return 0;
}

int
catalog_metric(const struct entry *e, bool family)
{
	const struct value *item = value_get(e->request->metrics, e->name);
	const struct value *ours =
	    value_get(value_get(e->dict, "metadata"), "kmlflow");
	struct metric_rule rule = {.form = METRIC_ONE};
	const char *path = NULL, *key = NULL;
	int wanted = 1;

	if (family && read_rule(e, &rule, &key))
		return -1;
	if (ours && ours->type != VALUE_DICT)
		ours = NULL;
	if (!ours && !item)
		return 0;
	if (ours && !family)
		wanted = read_loose(e, ours, &rule, &key);
	if (wanted < 0 || (item && read_listed(e, item, family, &rule, &key)))
		return -1;
	if (!wanted && !item)
		return 0;
	if (find_file(e, item, ours, &path))
		return -1;
	if (path && *path)
		return add(e, &rule, key, path);
	if (item)
		return entry_wrong(
		    e, item, "'metrics' of kmlflow.yml needs a 'filepath'");
	return family ? 0
	              : entry_wrong(e, ours, "'metrics' needs a 'filepath'");
}
