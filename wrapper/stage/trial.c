/* SPDX-License-Identifier: MIT */
/* trial.c - runs a command once, to see which files it writes */
#include "stage/trial.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/declare.h"
#include "model/manifest.h"
#include "model/record.h"
#include "stage/capture.h"
#include "stage/childenv.h"
#include "stage/collect.h"
#include "stage/snapshot.h"
#include "stage/spool.h"
#include "stage/supervise.h"

/* Never a result, whoever writes them. */
static const char *const noise[] = {
    "*.pyc",
    "*.o",
    "*.tmp",
    "*.swp",
    "*~",
    "*.lock",
    "*.pid",
    "conf/",
    "mlruns/",
    "mlartifacts/",
    "./mlflow.db",
    "**/__pycache__/",
    "**/node_modules/",
};

struct trying {
	const struct trial_request *request;
	struct record record;
	struct spool spool;
	struct supervise supervise;
	char *image; /* value of KMLFLOW_IMAGE; NULL: none */
	struct err *err;
};

static void
declare_all(struct trying *t)
{
	struct declared_list *list = &t->record.declared;
	struct declared *d = declared_add(list);

	d->kind = DECLARED_DIR;
	d->name = mem_dup("all");
	d->path = mem_dup(t->request->dir);
	for (size_t i = 0; i < ARRAY_LEN(noise); i++)
		declare_exclude(noise[i], t->request->dir, list);
}

static int
prepare(struct trying *t)
{
	cleanup_free char *before = NULL;
	struct snapshot snapshot;
	char id[33];
	int failed;

	clock_uuid_hex(id);
	t->record.invocation_id = mem_dup(id);
	t->record.start_time = clock_now_ms();
	declare_all(t);
	if (spool_create(t->request->dir, id, &t->spool, t->err))
		return -1;
	before = spool_path(&t->spool, "before");
	snapshot_take(&t->record.declared, &snapshot);
	failed = snapshot_save(&snapshot, before, t->err);
	snapshot_free(&snapshot);
	return failed;
}

/* Nothing of a run is in it, and 'exec' records none. */
static void
make_environment(struct trying *t, struct strv *env)
{
	struct err err = ERR_INIT;
	cleanup_free char *library = capture_find_library(&err);
	struct childenv_request request = {.record = &t->record};

	if (library && !capture_create(&t->record.declared, NULL, t->spool.dir,
	                               &t->image, &err)) {
		request.library = library;
		request.image = t->image;
		t->record.image = mem_dup(strchr(t->image, ':') + 1);
	} else {
		log_debug("%s; files are found by comparison alone", err.msg);
	}
	childenv_build(&request, env);
	strv_add(env, "KMLFLOW_MODE=disabled");
	if (t->image &&
	    capture_announce(t->image, t->request->cmd[0], false, &err))
		log_debug("%s", err.msg);
}

static int
run(struct trying *t, struct outcome *ret)
{
	cleanup_strv struct strv env = STRV_INIT;
	int failed;

	/* One that is there already would win over ours at the end. */
	unsetenv("KMLFLOW_MODE");
	make_environment(t, &env);
	supervise_begin(&t->supervise, t->request->argc, t->request->argv);
	failed = supervise_start(&t->supervise, t->request->cmd, env.v, t->err);
	if (!failed)
		supervise_wait(&t->supervise, ret);
	supervise_restore(&t->supervise);
	return failed;
}

static bool
is_after(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec
	                            : a.tv_nsec > b.tv_nsec;
}

/* File systems keep the time of a first reading, or none at all. */
static void
add_file(struct trial *to, const char *dir, struct manifest_entry *e)
{
	size_t len = strlen(dir);
	struct trial_file *f;
	struct stat st;

	if (e->fate != FATE_ARTIFACT || e->source || stat(e->path, &st) ||
	    strncmp(e->path, dir, len) != 0 || e->path[len] != '/')
		return;
	to->v = mem_grow(to->v, to->n + 1, sizeof(*to->v));
	f = &to->v[to->n++];
	*f = (struct trial_file){
	    .path = mem_dup(e->path + len + 1),
	    .program = mem_steal(&e->program),
	    .read_again = is_after(st.st_atim, st.st_mtim),
	    .executable = st.st_mode & 0111,
	};
}

static int
by_path(const void *a, const void *b)
{
	const struct trial_file *x = a;
	const struct trial_file *y = b;

	return strcmp(x->path, y->path);
}

static int
read_manifest(struct trying *t, struct trial *to)
{
	cleanup_free char *path = spool_path(&t->spool, "manifest");
	cleanup_manifest struct manifest_reader reader = {.file = NULL};
	int more;

	if (manifest_open(path, &reader, t->err))
		return -1;
	do {
		cleanup_entry struct manifest_entry e = {.path = NULL};

		more = manifest_next(&reader, &e, t->err);
		if (more > 0)
			add_file(to, t->request->dir, &e);
	} while (more > 0);
	if (to->n)
		qsort(to->v, to->n, sizeof(*to->v), by_path);
	return more;
}

static int
look(struct trying *t, struct trial *to)
{
	struct collect_result result;
	int failed;

	failed = collect(&t->spool, &t->record, to->outcome.survivors, &result,
	                 t->err);
	to->blind = result.blind;
	buf_free(&result.note);
	return failed ? -1 : read_manifest(t, to);
}

int
trial_run(const struct trial_request *request, struct trial *ret,
          struct err *err)
{
	struct trying t = {.request = request, .spool = SPOOL_INIT, .err = err};
	struct trial trial = {.blind = STRV_INIT};
	struct err later = ERR_INIT;
	int failed = prepare(&t);

	if (!failed)
		failed = run(&t, &trial.outcome);
	if (!failed)
		failed = look(&t, &trial);
	if (t.record.image)
		unlink(t.record.image);
	if (t.spool.dir && spool_abandon(&t.spool, &later))
		log_debug("%s", later.msg);
	spool_close(&t.spool);
	record_free(&t.record);
	free(t.image);
	if (failed) {
		trial_free(&trial);
		return -1;
	}
	*ret = trial;
	return 0;
}

void
trial_free(struct trial *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].path);
		free(t->v[i].program);
	}
	free(t->v);
	strv_free(&t->blind);
	*t = (struct trial){.v = NULL};
}
