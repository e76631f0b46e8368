/* SPDX-License-Identifier: MIT */
/* metric_points.c - metrics from files that CMD has written, by way of a spool
 */
#include "stage/metric_points.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "model/manifest.h"
#include "model/metric_file.h"
#include "model/record.h"
#include "model/run.h"
#include "stage/spool.h"

int
metric_points_keep(const struct spool *s, size_t number,
                   struct manifest_entry *e, struct err *err)
{
	const char *source = e->source ? e->source : e->path;
	const char *dot = strrchr(e->path, '.');
	cleanup_free char *name =
	    mem_printf("metrics-%zu%s", number,
	               dot && !strchr(dot, '/') ? dot : "");
	cleanup_free char *kept = spool_path(s, name);
	cleanup_buf struct buf text = BUF_INIT;

	if (fs_read(source, METRIC_FILE_MAX, &text, err) ||
	    fs_write_atomic(kept, text.s, text.len, 0600, err))
		return -1;
	e->fate = FATE_METRICS;
	mem_replace(&e->source, mem_steal(&kept));
	return 0;
}

/* A file that was kept, and its rule as it was for that file. */
struct kept {
	struct manifest_entry entry;
	struct metric_rule rule; /* its key is borrowed from the entry */
};

/* 0, or -1 with an error. */
typedef int kept_fn(void *arg, struct kept *k, struct err *err);

/* Calls 'fn' for each file with metrics, in the order of the manifest. */
static int
each_kept(const struct spool *s, kept_fn *fn, void *arg, struct err *err)
{
	cleanup_free char *path = spool_path(s, "manifest");
	cleanup_manifest struct manifest_reader reader = {.file = NULL};
	int got = 1;

	if (manifest_open(path, &reader, err))
		return -1;
	while (got > 0) {
		struct kept k = {.entry = {.path = NULL}};

		got = manifest_next(&reader, &k.entry, err);
		if (got > 0 && k.entry.fate == FATE_METRICS && fn(arg, &k, err))
			got = -1;
		manifest_entry_free(&k.entry);
	}
	return got;
}

/* Whether the file is for the run that is asked for; its rule then is there. */
static bool
is_for(const struct metric_points *p, struct kept *k)
{
	const char *run_id = k->entry.run_id;
	const char *number = k->entry.key;
	size_t i = number ? strtoul(number, NULL, 10) : p->record->declared.n;

	if (!run_id != !p->run_id || (run_id && strcmp(run_id, p->run_id) != 0))
		return false;
	if (i >= p->record->declared.n || !p->record->declared.v[i].metric)
		return false;
	k->rule = *p->record->declared.v[i].metric;
	k->rule.key = k->entry.metric;
	return true;
}

static bool
is_open(const struct metric_rule *rule)
{
	return rule->form == METRIC_ONE && rule->place != METRIC_AT_STEP &&
	       rule->key;
}

/* The highest step of 'key', -1 where there is none. */
static int64_t
last_step(const struct metrics *m, const char *key)
{
	int64_t step = -1;

	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].step > step && !strcmp(m->v[i].key, key))
			step = m->v[i].step;
	return step;
}

struct opening {
	const struct metric_points *of;
	struct strv seen;
	struct metrics *to;
};

static int
open_kept(void *arg, struct kept *k, struct err *err)
{
	struct opening *o = arg;

	(void)err;
	if (!is_for(o->of, k) || !is_open(&k->rule) ||
	    strv_has(&o->seen, k->rule.key))
		return 0;
	strv_add(&o->seen, k->rule.key);
	metrics_add(o->to, k->rule.key, 0, 0, -1);
	return 0;
}

int
metric_points_open(const struct metric_points *p, struct metrics *last,
                   struct err *err)
{
	struct opening o = {.of = p, .seen = STRV_INIT, .to = last};
	int failed = each_kept(p->spool, open_kept, &o, err);

	strv_free(&o.seen);
	return failed;
}

struct reading {
	const struct metric_points *of;
	const struct metrics *last;
	struct metrics *to;
	struct strv *problems;
};

/* After what the run has, and after what a file before this one has added. */
static int64_t
first_step(const struct reading *r, const struct metric_rule *rule)
{
	int64_t stored = last_step(r->last, rule->key);
	int64_t added = last_step(r->to, rule->key);
	int64_t last = added > stored ? added : stored;

	if (rule->place == METRIC_APPEND)
		return last + 1;
	return last < 0 ? 0 : last;
}

/* A file that is wrong will always be; one that cannot be read may be later. */
static int
read_kept(void *arg, struct kept *k, struct err *err)
{
	const struct reading *r = arg;
	struct err e = ERR_INIT;

	if (!is_for(r->of, k))
		return 0;
	if (is_open(&k->rule))
		k->rule.step = first_step(r, &k->rule);
	if (!metric_file_read(k->entry.source, &k->rule, r->of->when, r->to,
	                      &e))
		return 0;
	if (e.kind == ERR_SYS) {
		*err = e;
		return -1;
	}
	strv_take(r->problems,
	          mem_printf("%s: no metrics: %s", k->entry.path, e.msg));
	return 0;
}

int
metric_points_read(const struct metric_points *p, const struct metrics *last,
                   struct metrics *to, struct strv *problems, struct err *err)
{
	struct reading r = {.of = p,
	                    .last = last,
	                    .to = to,
	                    .problems = problems};

	return each_kept(p->spool, read_kept, &r, err);
}

static int
add_run(void *arg, struct kept *k, struct err *err)
{
	struct strv *to = arg;

	(void)err;
	if (k->entry.run_id && !strv_has(to, k->entry.run_id))
		strv_add(to, k->entry.run_id);
	return 0;
}

int
metric_points_runs(const struct spool *s, struct strv *to, struct err *err)
{
	return each_kept(s, add_run, to, err);
}
