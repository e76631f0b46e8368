/* SPDX-License-Identifier: MIT */
/* run.c - MLflow's run as plain data */
#include "model/run.h"

#include "base/mem.h"

const char *
run_status_name(enum run_status status)
{
	static const char *const names[] = {
	    [RUN_RUNNING] = "RUNNING",   [RUN_SCHEDULED] = "SCHEDULED",
	    [RUN_FINISHED] = "FINISHED", [RUN_FAILED] = "FAILED",
	    [RUN_KILLED] = "KILLED",
	};

	if (status < RUN_RUNNING || status > RUN_KILLED)
		return "UNKNOWN";
	return names[status];
}

void
metrics_add(struct metrics *m, const char *key, double value, int64_t timestamp,
            int64_t step)
{
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 8;
		m->v = mem_grow(m->v, m->cap, sizeof(*m->v));
	}
	m->v[m->n++] = (struct metric){
	    .key = mem_dup(key),
	    .value = value,
	    .timestamp = timestamp,
	    .step = step,
	};
}

void
metrics_free(struct metrics *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].key);
	free(m->v);
	*m = (struct metrics)METRICS_INIT;
}

void
run_free(struct run *r)
{
	free(r->id);
	free(r->experiment_id);
	free(r->experiment_name);
	free(r->name);
	free(r->artifact_uri);
	*r = (struct run){.id = NULL};
}
