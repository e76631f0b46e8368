/* SPDX-License-Identifier: MIT */
/* publish_files.c - the artifacts of a manifest into their stores */
#include "stage/publish_files.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/strv.h"
#include "model/manifest.h"
#include "model/record.h"
#include "model/run.h"
#include "stage/hurry.h"
#include "stage/publish.h"
#include "stage/spool.h"
#include "stage/spool_notes.h"
#include "stage/stow.h"
#include "stage/upload.h"
#include "store/artifact.h"
#include "store/tracking.h"

/* A manifest below this size (about 20 files) is not worth a thread. */
enum { WORKERS_MAX = 4, SMALL_MANIFEST = 4096 };

/* What is sent is noted after so many ms: lost notes cost no more than that. */
enum { NOTE_MS = 50, NOTE_BYTES = 4096 };

/* What the workers share; 'lock' guards all of it but 'request'. */
struct job {
	const struct publish_files_request *request;
	pthread_mutex_t lock;
	struct manifest_reader reader;
	struct publish_tally *tally;
	struct strv *problems;
	struct buf notes; /* of what is sent, not in the spool yet */
	int64_t noted_ms; /* when they were written last */
	bool stowed;      /* the spool may hold what is to be sent */
	bool over;        /* the end, an error, or somebody wants us to end */
	bool left;
};

/* Stores are not shared: each worker has its own. */
struct worker {
	struct job *job;
	struct map stores; /* run id → struct artifact */
};

static void
problem(struct job *job, const char *what, const struct err *err)
{
	strv_take(job->problems, mem_printf("%s: %s", what, err->msg));
	job->left = true;
}

/* What could not be noted is only done again.  Under the lock. */
static void
write_notes(struct job *job)
{
	struct err err = ERR_INIT;

	if (job->notes.len &&
	    spool_mark_lines(job->request->spool, job->notes.s, &err))
		problem(job, "note what is done", &err);
	buf_reset(&job->notes);
}

/* Under the lock. */
static void
note(struct job *job, int number)
{
	int64_t now = clock_now_ms();

	buf_addf(&job->notes, "artifact:%d\n", number);
	if (job->notes.len < NOTE_BYTES && now >= job->noted_ms &&
	    now - job->noted_ms < NOTE_MS)
		return;
	write_notes(job);
	job->noted_ms = now;
}

/* The next artifact that is not done; false: no more.  Under the lock. */
static bool
next_entry(struct job *job, struct manifest_entry *e, int *number)
{
	struct err err = ERR_INIT;

	while (!job->over) {
		char item[32];
		int more = manifest_next(&job->reader, e, &err);

		if (more <= 0) {
			job->over = true;
			if (more < 0)
				problem(job, "artifacts", &err);
			return false;
		}
		*number = job->reader.number;
		snprintf(item, sizeof(item), "artifact:%d", *number);
		if (e->fate == FATE_ARTIFACT &&
		    !map_get(job->request->done, item)) {
			if (hurry_now() == HURRY_NONE)
				return true;
			job->over = true;
			job->left = true;
		}
		manifest_entry_free(e);
	}
	return false;
}

/* Where another run's artifacts go, owned; the tracking store is shared. */
static char *
uri_of(struct job *job, const char *run_id, struct err *err)
{
	cleanup_run struct run run = {.id = NULL};
	int failed;

	if (!run_id)
		return mem_dup(job->request->record->artifact_uri);
	pthread_mutex_lock(&job->lock);
	failed = tracking_get_run(job->request->tracking, run_id, &run, err);
	pthread_mutex_unlock(&job->lock);
	return failed ? NULL : mem_steal(&run.artifact_uri);
}

static struct artifact *
store_of(struct worker *w, const char *run_id, struct err *err)
{
	void **at = map_at(&w->stores, run_id ? run_id : "");
	cleanup_free char *kept = spool_path(w->job->request->spool, "sent");
	cleanup_free char *uri = NULL;
	struct artifact *store;

	if (*at)
		return *at;
	uri = uri_of(w->job, run_id, err);
	if (!uri || artifact_open(uri, w->job->request->record->tracking_uri,
	                          &store, err))
		return NULL;
	artifact_keep(store, kept);
	*at = store;
	return store;
}

static void
count(struct job *job, const struct manifest_entry *e,
      const struct upload_result *result)
{
	if (result->vanished) {
		strv_take(job->problems,
		          mem_printf("%s: vanished before it was uploaded",
		                     e->path));
		job->tally->failed++;
	} else if (result->same) {
		job->tally->already_there++;
	} else {
		job->tally->uploaded++;
		job->tally->bytes += result->size;
	}
	job->tally->unstable += result->unstable;
	if (result->unstable)
		strv_take(job->problems,
		          mem_printf("%s: was still being written; what was "
		                     "sent may be torn",
		                     e->path));
}

static void
send_entry(struct worker *w, struct manifest_entry *e, int number)
{
	cleanup_free char *stowed = stow_item(number);
	struct job *job = w->job;
	struct err err = ERR_INIT;
	struct upload_result result;
	struct artifact *store = store_of(w, e->run_id, &err);
	const char *below = job->request->below;
	bool never;
	int failed;

	/* After another boot what is there may be no more than its name. */
	if (job->stowed && (!map_get(job->request->done, SPOOL_LAPSED) ||
	                    map_get(job->request->done, stowed)))
		stow_source(job->request->spool, number, e);
	if (below && e->key)
		mem_replace(&e->key, mem_printf("%s/%s", below, e->key));
	if (!e->source && map_get(job->request->done, stowed))
		failed = err_set(&err, ERR_FORMAT,
		                 "what was kept of it in the spool is gone");
	else
		failed = !store || upload_file(store, e, &result, &err);
	/* What the store will never take does not hold up the run's end. */
	never = failed && err.kind == ERR_FORMAT;
	pthread_mutex_lock(&job->lock);
	if (failed)
		job->tally->failed++;
	else
		count(job, e, &result);
	if (never)
		strv_take(job->problems,
		          mem_printf("%s: %s", e->path, err.msg));
	else if (failed)
		problem(job, e->path, &err);
	if (never || !failed)
		note(job, number);
	pthread_mutex_unlock(&job->lock);
}

static void
close_store(void *store)
{
	artifact_close(store);
}

static void
close_stores(struct worker *w)
{
	pthread_mutex_lock(&w->job->lock);
	for (size_t i = 0; i < w->stores.n; i++)
		if (w->stores.v[i].value)
			artifact_notes(w->stores.v[i].value, w->job->problems);
	pthread_mutex_unlock(&w->job->lock);
	map_free(&w->stores, close_store);
}

static void *
work(void *arg)
{
	struct worker w = {.job = arg, .stores = MAP_INIT};

	for (;;) {
		cleanup_entry struct manifest_entry e = {.path = NULL};
		int number;
		bool more;

		pthread_mutex_lock(&w.job->lock);
		more = next_entry(w.job, &e, &number);
		pthread_mutex_unlock(&w.job->lock);
		if (!more)
			break;
		send_entry(&w, &e, number);
	}
	close_stores(&w);
	return NULL;
}

/* How many workers beside this thread. */
static int
helpers(const struct job *job)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct stat st;

	if (fstat(fileno(job->reader.file), &st) || st.st_size < SMALL_MANIFEST)
		return 0;
	return (int)(cpus > WORKERS_MAX ? WORKERS_MAX : cpus) - 1;
}

int
publish_files(const struct publish_files_request *request,
              struct publish_tally *tally, struct strv *problems)
{
	cleanup_free char *path = spool_path(request->spool, "manifest");
	pthread_t threads[WORKERS_MAX];
	struct job job = {
	    .request = request,
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .tally = tally,
	    .problems = problems,
	    .notes = BUF_INIT,
	    .stowed = stow_any(request->spool),
	};
	struct err err = ERR_INIT;
	int wanted;
	int n = 0;

	if (manifest_open(path, &job.reader, &err)) {
		problem(&job, "artifacts", &err);
		return -1;
	}
	wanted = helpers(&job);
	while (n < wanted && !pthread_create(&threads[n], NULL, work, &job))
		n++;
	work(&job);
	while (n)
		pthread_join(threads[--n], NULL);
	write_notes(&job);
	buf_free(&job.notes);
	manifest_close(&job.reader);
	return job.left ? -1 : 0;
}
