/* SPDX-License-Identifier: MIT */
/* metric_file.c - metrics from a JSON, YAML or CSV file that CMD has written */
#include "model/metric_file.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/csv.h"
#include "model/pystr.h"
#include "model/run.h"
#include "model/value.h"
#include "model/value_yaml.h"
#include "wire/yaml.h"

struct reading {
	const struct metric_rule *rule;
	const char *path;
	int64_t when;
	struct metrics *to;
	struct err *err;
};

struct metric_rule *
metric_rule_dup(const struct metric_rule *r)
{
	struct metric_rule *to;

	if (!r)
		return NULL;
	to = mem_alloc(sizeof(*to));
	*to = *r;
	to->key = mem_dup(r->key);
	return to;
}

void
metric_rule_free(struct metric_rule *r)
{
	if (r)
		free(r->key);
	free(r);
}

static int
wrong(const struct reading *r, const struct value *v, const char *wanted)
{
	return err_at(r->err, "line", v->line, 0, "%s should be here, not %s",
	              wanted, value_type_name(v));
}

/* Texts too: JSON of Python has NaN and Infinity. */
static bool
number_of(const struct value *v, double *ret)
{
	const char *text;
	char *end;

	if (!v)
		return false;
	if (v->type == VALUE_FLOAT) {
		*ret = v->number;
		return true;
	}
	if (v->type == VALUE_BOOL) {
		*ret = v->boolean;
		return true;
	}
	text = v->type == VALUE_INT ? v->text.s : value_text(v);
	if (!text || !*text)
		return false;
	*ret = strtod(text, &end);
	return !*end;
}

static int64_t
whole_of(const struct value *v, int64_t fallback)
{
	double number;

	if (!number_of(v, &number) || !isfinite(number) || number < -9e15 ||
	    number > 9e15)
		return fallback;
	return (int64_t)number;
}

static char *
name_of(const struct reading *r, const struct value *key)
{
	cleanup_buf struct buf name = BUF_INIT;

	if (r->rule->key)
		buf_adds(&name, r->rule->key);
	if (r->rule->key && key)
		buf_addc(&name, '.');
	if (key)
		pystr(key, &name);
	return buf_detach(&name);
}

/* A number, or {value, step, timestamp}. */
static int
point(const struct reading *r, const char *name, const struct value *v,
      int64_t step)
{
	const struct value *value =
	    v->type == VALUE_DICT ? value_get(v, "value") : v;
	double number;

	if (!number_of(value, &number))
		return wrong(r, value ? value : v, "a number");
	metrics_add(r->to, name, number,
	            whole_of(value_get(v, "timestamp"), r->when),
	            whole_of(value_get(v, "step"), step));
	return 0;
}

static int
points(const struct reading *r, const char *name, const struct value *list,
       int64_t first)
{
	for (size_t i = 0; i < list->list.n; i++)
		if (point(r, name, list->list.v[i], first + (int64_t)i))
			return -1;
	return 0;
}

static int
history(const struct reading *r, const struct value *v)
{
	cleanup_free char *name = name_of(r, NULL);

	if (v->type == VALUE_LIST)
		return points(r, name, v, 0);
	if (v->type != VALUE_DICT)
		return wrong(r, v, "a list, or a mapping of steps to values");
	for (size_t i = 0; i < v->dict.n; i++) {
		const struct value_pair *p = &v->dict.v[i];
		int64_t step = whole_of(p->key, -1);

		if (step < 0)
			return wrong(r, p->key, "a step");
		if (point(r, name, p->item, step))
			return -1;
	}
	return 0;
}

static int
many(const struct reading *r, const struct value *v)
{
	if (v->type != VALUE_DICT)
		return wrong(r, v, "a mapping of names to metrics");
	for (size_t i = 0; i < v->dict.n; i++) {
		const struct value_pair *p = &v->dict.v[i];
		cleanup_free char *name = name_of(r, p->key);
		bool loose = r->rule->form == METRIC_ANY;

		if (p->item->type == VALUE_LIST) {
			if (points(r, name, p->item, 0))
				return -1;
			continue;
		}
		if (p->item->type != VALUE_DICT && !loose)
			return wrong(r, p->item,
			             "{value: …, step: …}, or a list of them,");
		if (point(r, name, p->item, 0))
			return -1;
	}
	return 0;
}

static int
one(const struct reading *r, const struct value *v)
{
	cleanup_free char *name = name_of(r, NULL);

	if (r->rule->place == METRIC_APPEND && v->type == VALUE_LIST)
		return points(r, name, v, r->rule->step);
	return point(r, name, v, r->rule->step);
}

static int
parse(const struct reading *r, const char *text, size_t len,
      struct arena *arena, struct value **ret)
{
	struct ynode *node = NULL;

	if (yaml_parse("line", text, len, arena, &node, r->err))
		return -1;
	if (!node)
		return err_set(r->err, ERR_CONFIG, "it is empty");
	return value_from_yaml(node, DIALECT_OMEGACONF, "line", arena, ret,
	                       r->err);
}

/* One item a line; empty lines count for nothing. */
static int
lines(const struct reading *r, const char *text, struct arena *arena,
      struct value **ret)
{
	struct value *list = value_new(arena, VALUE_LIST, NULL, 1);

	for (int number = 1; *text; number++) {
		size_t len = strcspn(text, "\n");
		struct value *v = NULL;

		if (strspn(text, " \t\r") < len) {
			if (parse(r, text, len, arena, &v))
				return -1;
			v->line = number;
			value_append(list, v, arena);
		}
		text += len + (text[len] == '\n');
	}
	*ret = list;
	return 0;
}

/* Without a history in which each has its place, the last counts. */
static void
last_only(const struct reading *r, struct value **v)
{
	if (r->rule->form == METRIC_ONE && r->rule->place != METRIC_APPEND &&
	    (*v)->list.n)
		*v = (*v)->list.v[(*v)->list.n - 1];
}

/* Rows with a head line become what JSON would have said. */
static int
tree_of(const struct reading *r, const struct buf *text, struct arena *arena,
        struct value **ret)
{
	const char *dot = strrchr(r->path, '.');

	if (dot && !strcmp(dot, ".jsonl")) {
		if (lines(r, text->s, arena, ret))
			return -1;
		last_only(r, ret);
		return 0;
	}
	if (dot && (!strcmp(dot, ".csv") || !strcmp(dot, ".tsv"))) {
		bool many_of_them =
		    r->rule->form == METRIC_MANY || r->rule->form == METRIC_ANY;

		*ret = csv_metrics(text->s, dot[1] == 't' ? '\t' : ',',
		                   many_of_them, arena);
		last_only(r, ret);
		return 0;
	}
	return parse(r, text->s, text->len, arena, ret);
}

static int
read_tree(const struct reading *r, const struct value *v)
{
	switch (r->rule->form) {
	case METRIC_ONE:
		return one(r, v);
	case METRIC_HISTORY:
		return history(r, v);
	case METRIC_MANY:
	case METRIC_ANY:
		break;
	}
	return many(r, v);
}

int
metric_file_read(const char *path, const struct metric_rule *rule, int64_t when,
                 struct metrics *to, struct err *err)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	cleanup_buf struct buf text = BUF_INIT;
	struct metrics found = METRICS_INIT;
	const struct reading r = {
	    .rule = rule, .path = path, .when = when, .to = &found, .err = err};
	struct value *v = NULL;
	int failed;

	if (fs_read(path, METRIC_FILE_MAX, &text, err))
		return err_wrap(err, "metrics");
	failed = tree_of(&r, &text, &arena, &v) || read_tree(&r, v);
	for (size_t i = 0; !failed && i < found.n; i++)
		metrics_add(to, found.v[i].key, found.v[i].value,
		            found.v[i].timestamp, found.v[i].step);
	metrics_free(&found);
	return failed ? -1 : 0;
}
