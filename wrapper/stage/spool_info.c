/* SPDX-License-Identifier: MIT */
/* spool_info.c - what a spool holds, told without touching it */
#include "stage/spool_info.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/strv.h"
#include "base/tree.h"
#include "model/manifest.h"
#include "model/record.h"
#include "model/redact.h"
#include "model/run.h"
#include "stage/client_store.h"
#include "stage/outcome.h"
#include "stage/spool.h"
#include "stage/spool_notes.h"
#include "wire/json.h"

const char *
spool_state_name(enum spool_state state)
{
	static const char *const names[] = {
	    [SPOOL_RUNS] = "running",
	    [SPOOL_WAITS] = "waiting",
	    [SPOOL_INTERRUPTED] = "interrupted",
	    [SPOOL_EMPTY] = "empty",
	    [SPOOL_BROKEN] = "broken",
	};

	return names[state];
}

static void
read_record(const struct spool *s, struct spool_info *i)
{
	cleanup_free char *path = spool_path(s, "run.json");
	cleanup_record struct record r = {.run_id = NULL};
	cleanup_buf struct buf store = BUF_INIT;
	struct err err = ERR_INIT;

	if (fs_is_absent(path)) {
		i->state = SPOOL_EMPTY;
		return;
	}
	if (record_load(path, &r, &err)) {
		i->state = SPOOL_BROKEN;
		i->problem = mem_dup(err.msg);
		return;
	}
	redact_url(&store, r.tracking_uri);
	i->store = buf_detach(&store);
	i->run_id = r.pending ? NULL : mem_dup(r.run_id);
	i->run_name = mem_dup(r.run_name);
	i->experiment =
	    mem_dup(r.experiment_name ? r.experiment_name : r.experiment_id);
	i->image = mem_dup(r.image);
	i->start_time = r.start_time;
}

static void
read_outcome(const struct spool *s, struct spool_info *i)
{
	struct outcome o;
	struct err ignored = ERR_INIT;

	if (spool_load_outcome(s, &o, &ignored)) {
		if (i->state == SPOOL_WAITS)
			i->state = SPOOL_INTERRUPTED;
		return;
	}
	i->status = run_status_name(outcome_status(&o));
	i->exit_code = o.exit_code;
	i->signal = o.signal;
}

/* The files of the manifest that are not noted as published. */
static void
count_files(const struct spool *s, struct spool_info *i)
{
	cleanup_free char *path = spool_path(s, "manifest");
	cleanup_manifest struct manifest_reader reader = {.file = NULL};
	cleanup_strv struct strv done = STRV_INIT;
	struct map items = MAP_INIT;
	struct err err = ERR_INIT;

	i->files = -1;
	if (spool_done(s, &done, &err) || manifest_open(path, &reader, &err))
		return;
	for (size_t k = 0; k < done.n; k++)
		*map_at(&items, done.v[k]) = i;
	i->files = 0;
	for (;;) {
		cleanup_entry struct manifest_entry e = {.path = NULL};
		int more = manifest_next(&reader, &e, &err);
		cleanup_free char *item =
		    mem_printf("artifact:%d", reader.number);

		if (more <= 0)
			break;
		if (e.fate != FATE_ARTIFACT || map_get(&items, item))
			continue;
		i->files++;
		i->bytes += e.size;
	}
	map_free(&items, NULL);
}

static int
count_one(void *arg, const char *path, const char *relative,
          const struct stat *st)
{
	struct spool_info *i = arg;

	(void)path;
	if (strstr(relative, "/artifacts/")) {
		i->client_files++;
		i->bytes += st->st_size;
	}
	return 0;
}

void
spool_info_read(const char *dir, struct spool_info *ret)
{
	struct spool_info i = {.dir = mem_dup(dir), .state = SPOOL_WAITS};
	struct spool s = SPOOL_INIT;
	cleanup_free char *store = client_store_path(dir);
	struct err err = ERR_INIT;

	if (spool_open(dir, &s, &err) && err.kind == ERR_RETRY)
		i.state = SPOOL_RUNS;
	else if (!s.dir && err.kind != ERR_NOTFOUND) {
		i.state = SPOOL_BROKEN;
		i.problem = mem_dup(err.msg);
	}
	/* What is read is replaced as a whole: no lock is needed for it. */
	spool_close(&s);
	s.dir = mem_dup(dir);
	if (i.state != SPOOL_BROKEN) {
		read_record(&s, &i);
		read_outcome(&s, &i);
		count_files(&s, &i);
		tree_files(store, count_one, &i, &err);
	}
	spool_close(&s);
	*ret = i;
}

void
spool_info_free(struct spool_info *i)
{
	free(i->dir);
	free(i->problem);
	free(i->run_id);
	free(i->run_name);
	free(i->experiment);
	free(i->store);
	free(i->image);
	*i = (struct spool_info){.dir = NULL};
}

struct cJSON *
spool_info_json(const struct spool_info *i)
{
	struct cJSON *o = json_object();

	json_set_str(o, "spool", i->dir);
	json_set_str(o, "state", spool_state_name(i->state));
	json_set_str(o, "problem", i->problem);
	json_set_str(o, "run_id", i->run_id);
	json_set_str(o, "run_name", i->run_name);
	json_set_str(o, "experiment_name", i->experiment);
	json_set_str(o, "tracking_uri", i->store);
	json_set_int(o, "start_time", i->start_time);
	json_set_str(o, "status", i->status);
	json_set_int(o, "files", i->files);
	json_set_int(o, "client_files", i->client_files);
	json_set_int(o, "bytes", i->bytes);
	return o;
}

static void
add_age(int64_t ms, struct buf *to)
{
	int64_t minutes = ms / 60000;

	if (minutes < 1)
		buf_addf(to, "%4ds", (int)(ms / 1000));
	else if (minutes < 120)
		buf_addf(to, "%4dm", (int)minutes);
	else if (minutes < 48 * 60)
		buf_addf(to, "%4dh", (int)(minutes / 60));
	else
		buf_addf(to, "%4" PRId64 "d", minutes / 60 / 24);
}

void
spool_info_line(const struct spool_info *i, int64_t now, struct buf *to)
{
	cleanup_free char *id = fs_basename(i->dir);
	const char *name = i->run_name ? i->run_name : i->problem;
	int64_t age = i->start_time ? now - i->start_time : 0;

	buf_addf(to, "%s  %-11s ", id, spool_state_name(i->state));
	add_age(age < 0 ? 0 : age, to);
	if (i->files < 0)
		buf_adds(to, "      ?");
	else
		buf_addf(to, " %6d", i->files + i->client_files);
	buf_addf(to, " %12" PRId64 "  ", i->bytes);
	if (name)
		enc_printable(to, name, strlen(name));
	buf_addc(to, '\n');
}
