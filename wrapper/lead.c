/* SPDX-License-Identifier: MIT */
/* lead.c - what rank 0 does for the other ranks of its launch */
#include "lead.h"

#include <limits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "begin.h"
#include "cli.h"
#include "kmlflow/env.h"
#include "session.h"
#include "stage/group.h"
#include "stage/rank.h"

int
lead_nest(const struct options *o, struct plan *p, struct err *err)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	cleanup_free char *name = NULL;

	if (n <= 0)
		return err_sys(err, "find the program itself");
	self[n] = '\0';
	strv_add(&p->nested_words, self);
	for (int i = 1; i < o->argc; i++)
		strv_add(&p->nested_words, o->argv[i]);
	p->words = p->nested_words.v;
	p->export_run_id = true;
	declared_free(&p->settings.declared);
	name = mem_printf("r%03d", p->rank.number);
	setenv(KMLFLOW_ENV_RANK_NAME, name, 1);
	return 0;
}

void
lead_unnest(struct options *o)
{
	const char *name = getenv(KMLFLOW_ENV_RANK_NAME);

	if (!name || !*name)
		return;
	/* They are the run's around, of which there is one. */
	o->run_name = o->rank_name = mem_dup(name);
	o->key = o->run_id = NULL;
	o->report = o->dotenv = o->openmetrics = NULL;
	unsetenv(KMLFLOW_ENV_RANK_NAME);
}

void
lead_open(const struct plan *p, const struct beginning *b)
{
	struct err err = ERR_INIT;

	if (!rank_leads(&p->rank))
		return;
	if (group_open(&b->spool, &p->rank, b->image_variable,
	               b->client.uri ? &b->client : NULL, &err))
		log_warn("the other %d ranks are not watched: %s",
		         p->rank.size - 1, err.msg);
}

void
lead_refuse(const struct plan *p, const struct err *err)
{
	if (rank_leads(&p->rank) && p->root)
		group_refuse(p->root, &p->rank, err->msg);
}

void
lead_end(const struct plan *p, const struct beginning *b, struct outcome *o)
{
	struct err err = ERR_INIT;

	if (!rank_leads(&p->rank))
		return;
	group_wait(&b->spool, supervise_interrupted);
	supervise_heed();
	if (group_settle(&b->spool, o, &err))
		log_warn("how the ranks ended: %s", err.msg);
}
