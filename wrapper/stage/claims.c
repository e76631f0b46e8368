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
#include "stage/snapshot.h"
#include "stage/spool_list.h"
#include "wire/json.h"

enum { REPORT_MAX = 64 << 20 };

struct claim {
	int64_t until; /* ns since 1970 */
	char run[];
};

static void
claim(struct claims *c, const char *path, const char *run, int64_t until)
{
	void **at = map_at(&c->files, path);
	struct claim *old = *at;
	struct claim *new;

	if (old && old->until >= until)
		return;
	new = mem_alloc(sizeof(*new) + strlen(run) + 1);
	new->until = until;
	memcpy(new->run, run, strlen(run));
	free(old);
	*at = new;
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
			      r.run_id ? r.run_id : r.invocation_id, INT64_MAX);
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
	struct stat st;
	struct stamp end;

	if (stat(path, &st))
		return;
	stamp_of(&st, &end);
	if (json_read(path, REPORT_MAX, &o, &err))
		return;
	run = json_str(o, "run_id");
	if (!run)
		run = json_str(o, "invocation_id");
	for (f = json_first(json_get(o, "files")); f; f = json_next(f)) {
		const char *seen = json_str(f, "seen");

		if (run && seen && !strcmp(seen, "event") &&
		    json_str(f, "path"))
			claim(c, json_str(f, "path"), run, end.mtime_ns);
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
claims_get(const struct claims *c, const char *path, const struct stat *st)
{
	const struct claim *found = map_get(&c->files, path);
	struct stamp now;

	if (!found)
		return NULL;
	stamp_of(st, &now);
	return now.ctime_ns > found->until ? NULL : found->run;
}

void
claims_free(struct claims *c)
{
	map_free(&c->files, free);
}
