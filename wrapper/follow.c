/* SPDX-License-Identifier: MIT */
/* follow.c - an exec that is one rank of a launch, and not the first */
#include "follow.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "announce.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "model/redact.h"
#include "session.h"
#include "stage/capture.h"
#include "stage/childenv.h"
#include "stage/group.h"
#include "stage/outcome.h"
#include "stage/outcome_file.h"
#include "stage/process.h"
#include "stage/rank.h"

/* For rank 0 to read its project and to ask its store. */
enum { RANK_TIMEOUT_S = 60 };

struct following {
	const struct options *options;
	struct plan *plan;
	struct supervise supervise;
	struct group group;
	struct record record; /* rank 0's */
	char *library;
	char *image; /* value of KMLFLOW_IMAGE */
	bool own;    /* the image is ours: rank 0 is on another machine */
};

static void
beat(void *arg)
{
	struct following *f = arg;

	group_beat(&f->group, &f->plan->rank);
}

/* By the process that becomes CMD, as in session.c. */
static void
note_child(void *arg)
{
	struct following *f = arg;
	cleanup_free char *path =
	    group_path(f->group.dir, f->plan->rank.number, ".child");
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;

	process_identify(getpid(), &text);
	(void)fs_write_atomic(path, text.s, text.len, 0600, &ignored);
}

/* Rank 0's record has no password in it; our own project has. */
static int
load_record(struct following *f, struct err *err)
{
	cleanup_free char *path = fs_join(f->group.dir, "run.json");
	const char *uri = f->plan->settings.tracking.uri;
	cleanup_buf struct buf plain = BUF_INIT;

	if (record_load(path, &f->record, err))
		return -1;
	redact_url(&plain, uri);
	if (!strcmp(plain.s, f->record.tracking_uri))
		mem_replace(&f->record.tracking_uri, mem_dup(uri));
	return 0;
}

/* Rank 0's image where it is on this machine, else one of the same rules. */
static void
start_capture(struct following *f)
{
	cleanup_free char *keep =
	    group_path(f->group.dir, f->plan->rank.number, ".kept");
	struct err err = ERR_INIT;

	if (!f->record.declared.n || !f->record.image)
		return;
	f->library = capture_find_library(&err);
	f->image = mem_steal(&f->group.image);
	if (!f->library || f->image)
		return;
	f->own = !mkdir(keep, 0700) &&
	         !capture_create(&f->record.declared, keep, f->group.dir,
	                         &f->image, &err);
	if (f->own)
		return;
	log_warn("rank %d: files are found by comparison alone",
	         f->plan->rank.number);
	mem_replace(&f->library, NULL);
}

/* Where rank 0 finds it; the copy is as long as what was written. */
static void
leave_image(struct following *f)
{
	cleanup_free char *to =
	    group_path(f->group.dir, f->plan->rank.number, ".image");
	struct err err = ERR_INIT;

	if (!f->own)
		return;
	if (capture_copy(strchr(f->image, ':') + 1, to, &err))
		log_warn("rank %d: what was seen is lost: %s",
		         f->plan->rank.number, err.msg);
	unlink(strchr(f->image, ':') + 1);
}

static int
start(struct following *f, struct err *err)
{
	cleanup_strv struct strv env = STRV_INIT;
	const struct childenv_request request = {
	    .record = &f->record,
	    .client = f->group.client.uri ? &f->group.client : NULL,
	    .spool = f->group.dir,
	    .library = f->library,
	    .image = f->image,
	    .credentials = &f->plan->settings.tracking.credentials,
	    .export_run_id = f->plan->export_run_id,
	};

	rank_enter(&f->plan->rank);
	childenv_build(&request, &env);
	if (f->own)
		announce(f->image, f->plan->words[0]);
	else
		announce_joining(f->image, f->plan->words[0]);
	if (supervise_interrupted())
		return -1;
	f->supervise.prepare = note_child;
	f->supervise.tick = beat;
	f->supervise.tick_s = GROUP_BEAT_S;
	f->supervise.arg = f;
	return supervise_start(&f->supervise, f->plan->words, env.v, err);
}

static _Noreturn void
end(struct following *f, const struct outcome *o)
{
	cleanup_free char *path =
	    group_path(f->group.dir, f->plan->rank.number, ".end");
	struct err err = ERR_INIT;

	/* The end comes last: rank 0 reads all once it is there. */
	leave_image(f);
	if (outcome_save(o, path, &err))
		log_warn("rank %d: %s", f->plan->rank.number, err.msg);
	supervise_leave(&f->supervise, o);
}

/* Without rank 0 there is no run to be a part of. */
static int
go_alone(struct following *f, struct err *err)
{
	struct outcome killed = {.signal = supervise_interrupted()};

	if (killed.signal) {
		canary_stop(&f->supervise.canary);
		supervise_leave(&f->supervise, &killed);
	}
	supervise_restore(&f->supervise);
	if (err->kind == ERR_CONFIG || f->options->strict)
		return -1;
	log_warn("rank %d: %s; the command runs, and is not watched",
	         f->plan->rank.number, err->msg);
	rank_enter(&f->plan->rank);
	execvp(f->options->words[0], f->options->words);
	return err_sys(err, "%s", f->options->words[0]);
}

int
follow_run(const struct options *o, struct plan *p, struct err *err)
{
	struct following f = {.options = o, .plan = p};
	struct outcome outcome = {.exit_code = 125};

	supervise_begin(&f.supervise, o->argc, o->argv);
	if (group_join(p->root, &p->rank, rank_timeout_ms(RANK_TIMEOUT_S),
	               supervise_interrupted, &f.group, err) ||
	    load_record(&f, err))
		return go_alone(&f, err);
	log_debug("rank %d of %d joins the run %s", p->rank.number,
	          p->rank.size, f.group.dir);
	start_capture(&f);
	if (!start(&f, err)) {
		supervise_wait(&f.supervise, &outcome);
		end(&f, &outcome);
	}
	outcome.start_time = outcome.end_time = clock_now_ms();
	if (err->kind == ERR_NONE)
		outcome.signal = supervise_interrupted();
	else
		log_error("%s", err->msg);
	if (err->kind == ERR_SYS)
		outcome.exit_code = err->sys == ENOENT ? 127 : 126;
	canary_stop(&f.supervise.canary);
	end(&f, &outcome);
}
