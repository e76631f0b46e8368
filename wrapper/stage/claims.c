/* SPDX-License-Identifier: MIT */
/* claims.c - files that another run of this project is known to have written */
#include "stage/claims.h"

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/strv.h"
#include "model/record.h"
#include "stage/report.h"
#include "stage/sightings.h"
#include "stage/spool.h"
#include "wire/json.h"

enum { REPORT_MAX = 64 << 20 };

static void
claim(struct claims *c, const char *path, const char *run)
{
	void **at = map_at(&c->files, path);

	if (!*at)
		*at = mem_dup(run);
}

/* A run that is still at work, or was interrupted. */
static void
claim_spool(struct claims *c, const char *dir)
{
	cleanup_free char *path = fs_join(dir, "run.json");
	cleanup_record struct record r = {.run_id = NULL};
	struct sightings seen;
	struct err err = ERR_INIT;

	if (record_load(path, &r, &err) || !r.image ||
	    sightings_read(r.image, &r.declared, &seen, &err))
		return;
	for (size_t i = 0; i < seen.files.n; i++) {
		const struct sighting *s = seen.files.v[i].value;

		if (s->written)
			claim(c, seen.files.v[i].key,
			      r.run_id ? r.run_id : r.invocation_id);
	}
	sightings_free(&seen);
}

static void
claim_report(struct claims *c, const char *path)
{
	cleanup_json struct cJSON *o = NULL;
	struct err err = ERR_INIT;
	const struct cJSON *f;
	const char *run;

	if (json_read(path, REPORT_MAX, &o, &err))
		return;
	run = json_str(o, "run_id");
	if (!run)
		run = json_str(o, "invocation_id");
	for (f = json_first(json_get(o, "files")); f; f = json_next(f)) {
		const char *seen = json_str(f, "seen");

		if (run && seen && !strcmp(seen, "event") &&
		    json_str(f, "path"))
			claim(c, json_str(f, "path"), run);
	}
}

static void
claim_reports(struct claims *c, const char *place, int64_t since)
{
	cleanup_strv struct strv paths = STRV_INIT;

	report_list(place, since, &paths);
	for (size_t i = 0; i < paths.n; i++)
		claim_report(c, paths.v[i]);
}

void
claims_load(const char *place, const char *self, int64_t since,
            struct claims *ret)
{
	cleanup_strv struct strv spools = STRV_INIT;

	*ret = (struct claims){.files = MAP_INIT};
	spool_list(place, &spools);
	for (size_t i = 0; i < spools.n; i++) {
		cleanup_free char *id = fs_basename(spools.v[i]);

		if (strcmp(id, self) != 0)
			claim_spool(ret, spools.v[i]);
	}
	claim_reports(ret, place, since);
}

const char *
claims_get(const struct claims *c, const char *path)
{
	return map_get(&c->files, path);
}

void
claims_free(struct claims *c)
{
	map_free(&c->files, free);
}
