/* SPDX-License-Identifier: MIT */
/* others.c - whether somebody else has written what only a comparison saw */
#include "stage/others.h"

#include "base/mem.h"
#include "base/strv.h"
#include "model/record.h"
#include "stage/blind.h"

bool
others_blind(struct others *o)
{
	cleanup_strv struct strv blind = STRV_INIT;

	if (!o->blind_known) {
		blind_list(o->seen, o->survivors, false, &blind);
		o->blind = blind.n > 0;
		o->blind_known = true;
	}
	return o->blind;
}

/* NULL while one of ours could be the writer as well. */
static const char *
holder(struct others *o, const struct stat *st)
{
	if (others_blind(o))
		return NULL;
	if (!o->holders_loaded)
		holders_load(o->record->image, &o->record->given, &o->holders);
	o->holders_loaded = true;
	return holders_get(&o->holders, st);
}

const char *
others_get(struct others *o, const char *path, const struct stat *st)
{
	const char *who;

	if (!o->claims_loaded)
		claims_load(o->place, o->record->invocation_id,
		            o->record->start_time, &o->claims);
	o->claims_loaded = true;
	who = claims_get(&o->claims, path, st);
	if (who) {
		mem_replace(&o->who, mem_printf("the run %s", who));
		return o->who;
	}
	who = holder(o, st);
	if (!who)
		return NULL;
	mem_replace(&o->who, mem_printf("%s, which is not of this run", who));
	return o->who;
}

void
others_free(struct others *o)
{
	claims_free(&o->claims);
	holders_free(&o->holders);
	free(o->place);
	free(o->who);
}
