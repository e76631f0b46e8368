/* SPDX-License-Identifier: MIT */
/* cmd_gc.c - kmlflow gc: ends runs whose processes are gone */
#include <stdio.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli.h"
#include "commands.h"
#include "model/run.h"
#include "model/settings.h"
#include "spool_pick.h"
#include "spool_send.h"
#include "stage/origin.h"
#include "store/tracking.h"

struct gc {
	const struct options *options;
	struct tracking *tracking;
	const char *host;
	bool host_gone; /* --host says that nothing of it runs any more */
	struct strv spools;
	int ended;
	int alive;
	int unknown; /* nobody can tell from here */
	int failed;
};

static const char *
spool_of(const struct gc *gc, const char *invocation)
{
	for (size_t i = 0; invocation && i < gc->spools.n; i++)
		if (spool_is_named(invocation, gc->spools.v[i]))
			return gc->spools.v[i];
	return NULL;
}

/* All that is known of it is that it is over. */
static int
end_run(struct gc *gc, const char *id, const struct kvs *tags, struct err *err)
{
	const char *process = kvs_get(tags, ORIGIN_TAG);
	int64_t now = clock_now_ms();
	int64_t over = process ? origin_end_ms(process) : now;
	cleanup_kvs struct kvs outcome = KVS_INIT;
	cleanup_run struct run run = {.id = NULL};
	struct run_end end = {.status = RUN_KILLED};
	const struct run_data data = {.tags = &outcome, .end = &end};

	if (tracking_get_run(gc->tracking, id, &run, err))
		return -1;
	/* It may have ended itself while we looked. */
	if (run.status != RUN_RUNNING)
		return 0;
	end.time = over > run.start_time ? over : now;
	kvs_set(&outcome, "kmlflow.outcome",
	        "unknown: its processes are gone, and so is its spool");
	return tracking_log(gc->tracking, id, &data, NULL, err);
}

static bool
is_gone(struct gc *gc, const struct kvs *tags)
{
	const char *process = kvs_get(tags, ORIGIN_TAG);
	enum origin_state state;

	/* Without one it is not ours to end. */
	if (!process)
		state = ORIGIN_UNKNOWN;
	else
		state = gc->host_gone ? ORIGIN_GONE : origin_state(process);
	gc->alive += state == ORIGIN_ALIVE;
	gc->unknown += state == ORIGIN_UNKNOWN;
	return state == ORIGIN_GONE;
}

static void
count_sent(struct gc *gc, enum spool_fate fate)
{
	gc->ended += fate == SPOOL_SENT || fate == SPOOL_GONE;
	gc->alive += fate == SPOOL_BUSY;
	gc->failed += fate == SPOOL_FAILED;
}

static void
look_at(struct gc *gc, const char *id)
{
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct err err = ERR_INIT;
	const char *spool;

	if (tracking_read(gc->tracking, id, NULL, &tags, &err)) {
		log_error("%s", err.msg);
		gc->failed++;
		return;
	}
	if (!is_gone(gc, &tags))
		return;
	spool = spool_of(gc, kvs_get(&tags, "kmlflow.invocation_id"));
	if (gc->options->dry_run) {
		log_info("run %s: its processes are gone%s%s", id,
		         spool ? "; the rest of it is in " : "",
		         spool ? spool : "");
		gc->ended++;
	} else if (spool) {
		count_sent(gc, spool_send(spool, false));
	} else if (end_run(gc, id, &tags, &err)) {
		log_error("%s", err.msg);
		gc->failed++;
	} else {
		log_info("run %s KILLED: its processes are gone", id);
		gc->ended++;
	}
}

static int
say(const struct gc *gc)
{
	if (gc->options->json)
		printf("{\"ended\":%d,\"alive\":%d,\"unknown\":%d,"
		       "\"failed\":%d}\n",
		       gc->ended, gc->alive, gc->unknown, gc->failed);
	else
		log_info("%d %s, %d still running, %d that cannot be told from "
		         "here, %d failed",
		         gc->ended,
		         gc->options->dry_run ? "to be ended" : "ended",
		         gc->alive, gc->unknown, gc->failed);
	return gc->failed ? 1 : 0;
}

static int
load(const struct options *o, struct settings *ret, struct err *err)
{
	cleanup_free char *cwd = fs_cwd();
	const struct settings_request request = {
	    .directory = o->directory,
	    .cwd = cwd,
	    .env = o->env,
	    .params = &o->params,
	    .params_files = &o->params_files,
	    .artifacts = &o->artifacts,
	    .excludes = &o->excludes,
	};

	return settings_load(&request, ret, err);
}

/* As exec does: what credentials.yml holds is for the store's client. */
static void
export_credentials(const struct kvs *credentials)
{
	for (size_t i = 0; i < credentials->n; i++)
		setenv(credentials->v[i].key, credentials->v[i].value, 1);
}

static int
open_store(const struct options *o, struct gc *gc, struct err *err)
{
	struct settings settings;
	int failed;

	if (load(o, &settings, err))
		return -1;
	export_credentials(&settings.tracking.credentials);
	failed = tracking_open(settings.tracking.uri, &gc->tracking, err);
	settings_free(&settings);
	return failed;
}

static int
run_gc(const struct options *o)
{
	struct utsname here;
	struct options everywhere = *o;
	struct gc gc = {.options = o, .host_gone = o->host != NULL};
	cleanup_strv struct strv runs = STRV_INIT;
	struct err err = ERR_INIT;
	int status = 1;

	uname(&here);
	gc.host = o->host ? o->host : here.nodename;
	everywhere.all = true;
	spool_pick_all(&everywhere, &gc.spools);
	if (open_store(o, &gc, &err) ||
	    tracking_running(gc.tracking, gc.host, &runs, &err)) {
		log_error("%s", err.msg);
	} else {
		for (size_t i = 0; i < runs.n; i++)
			look_at(&gc, runs.v[i]);
		status = say(&gc);
	}
	tracking_close(gc.tracking);
	strv_free(&gc.spools);
	return status;
}

const struct command command_gc = {
    .name = "gc",
    .bit = VERB_GC,
    .arguments = "[OPTIONS]",
    .summary = "Ends runs whose processes are gone.",
    .run = run_gc,
};
