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
metric_points_keep(const struct spool *s, size_t rule, struct manifest_entry *e,
                   struct err *err)
{
	const char *source = e->source ? e->source : e->path;
	const char *dot = strrchr(e->path, '.');
	cleanup_free char *name =
	    mem_printf("metrics-%zu%s", rule,
	               dot && !strchr(dot, '/') ? dot : "");
	cleanup_free char *kept = spool_path(s, name);
	cleanup_buf struct buf text = BUF_INIT;

	if (fs_read(source, METRIC_FILE_MAX, &text, err) ||
	    fs_write_atomic(kept, text.s, text.len, 0600, err))
		return -1;
	e->fate = FATE_METRICS;
	mem_replace(&e->source, mem_steal(&kept));
	mem_replace(&e->key, mem_printf("%zu", rule));
	return 0;
}

static const struct declared *
rule_of(const struct record *r, const struct manifest_entry *e)
{
	size_t i = e->key ? strtoul(e->key, NULL, 10) : r->declared.n;

	return i < r->declared.n && r->declared.v[i].metric ? &r->declared.v[i]
	                                                    : NULL;
}

static bool
is_for(const struct declared *d, const char *run_id)
{
	if (!run_id || !d->run_id)
		return !run_id && !d->run_id;
	return !strcmp(run_id, d->run_id);
}

void
metric_points_read(const struct spool *s, const struct record *r,
                   const char *run_id, int64_t when, struct metrics *to,
                   struct strv *problems)
{
	cleanup_free char *path = spool_path(s, "manifest");
	cleanup_manifest struct manifest_reader reader = {.file = NULL};
	struct err err = ERR_INIT;

	if (manifest_open(path, &reader, &err))
		return;
	for (;;) {
		cleanup_entry struct manifest_entry e = {.path = NULL};
		const struct declared *d;

		if (manifest_next(&reader, &e, &err) <= 0)
			return;
		d = e.fate == FATE_METRICS ? rule_of(r, &e) : NULL;
		if (d && is_for(d, run_id) &&
		    metric_file_read(e.source, d->metric, when, to, &err))
			strv_take(problems, mem_printf("%s: no metrics: %s",
			                               e.path, err.msg));
	}
}

void
metric_points_runs(const struct record *r, struct strv *to)
{
	for (size_t i = 0; i < r->declared.n; i++) {
		const struct declared *d = &r->declared.v[i];

		if (d->metric && d->run_id && !strv_has(to, d->run_id))
			strv_add(to, d->run_id);
	}
}
