/* SPDX-License-Identifier: MIT */
/* spool_send.c - one spool sent by somebody who did not make it */
#include "spool_send.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/record.h"
#include "model/run.h"
#include "secrets.h"
#include "stage/barrier.h"
#include "stage/finish.h"
#include "stage/group.h"
#include "stage/outcome.h"
#include "stage/spool.h"

/*
 * exec was killed between its first and its last look: nothing had begun.  One
 * of which a clean-up job has taken a part is not taken for that.
 */
static bool
never_started(const struct spool *s)
{
	static const char *const later[] = {"before", "child", "outcome.json",
	                                    "manifest", "store"};

	for (size_t i = 0; i < ARRAY_LEN(later); i++) {
		cleanup_free char *path = spool_path(s, later[i]);

		if (!fs_is_absent(path))
			return false;
	}
	return true;
}

/*
 * Where exec was killed before CMD ended, the end is when that is found out.
 * It is noted first: each attempt must send the same, or what an earlier one
 * has sent is sent twice.
 */
static int
find_outcome(const struct spool *s, const struct record *r, struct outcome *ret,
             struct err *err)
{
	cleanup_free char *path = spool_path(s, "outcome.json");

	if (!spool_load_outcome(s, ret, err))
		return 0;
	if (!fs_is_absent(path))
		return err_wrap(err, "how the command ended");
	*ret = (struct outcome){
	    .exit_code = -1,
	    .start_time = r->start_time,
	    .end_time = clock_now_ms(),
	    .unknown = true,
	};
	return spool_save_outcome(s, ret, err);
}

int
spool_send_open(struct spool *s, struct err *err)
{
	cleanup_free char *path = spool_path(s, "run.json");
	cleanup_record struct record r = {.run_id = NULL};
	struct finish_request request = {.report = NULL};
	struct finish_result result;
	struct secrets secrets;
	struct outcome outcome;
	bool published;

	if (record_load(path, &r, err))
		return -1;
	if (!r.run_id && never_started(s))
		return spool_remove(s, err);
	if (find_outcome(s, &r, &outcome, err))
		return -1;
	if (group_settle(s, &outcome, err))
		return err_wrap(err, "how the ranks ended");
	request.outcome = &outcome;
	request.late = true;
	secrets_recall(&r, &secrets);
	finish(s, &r, &request, &result);
	secrets_forget(&secrets);
	for (size_t i = 0; i < result.problems.n; i++)
		log_warn("%s", result.problems.v[i]);
	published = result.published;
	if (published)
		log_info("run %s (%s) %s: %d artifacts sent", r.run_name,
		         r.run_id,
		         result.tally.over
		             ? "has been continued since"
		             : run_status_name(outcome_status(&outcome)),
		         result.tally.uploaded);
	finish_free(&result);
	return published
	           ? 0
	           : err_set(err, ERR_RETRY, "'%s' is not fully sent", s->dir);
}

enum spool_fate
spool_send(const char *dir, bool quiet)
{
	struct spool s = SPOOL_INIT;
	struct err err = ERR_INIT;
	enum spool_fate fate = SPOOL_SENT;

	fs_set_careful(barrier_wanted());
	if (spool_open(dir, &s, &err)) {
		if (err.kind == ERR_RETRY) {
			log_line(quiet ? LOG_DEBUG : LOG_INFO, "%s; left alone",
			         err.msg);
			fate = SPOOL_BUSY;
		} else if (err.kind != ERR_NOTFOUND) {
			log_error("%s", err.msg);
			fate = SPOOL_FAILED;
		} else {
			fate = SPOOL_GONE;
			if (spool_is_stillborn(dir) &&
			    fs_remove_tree(dir, &err))
				log_warn("%s", err.msg);
		}
	} else if (spool_send_open(&s, &err)) {
		log_error("%s", err.msg);
		fate = SPOOL_FAILED;
	}
	spool_close(&s);
	return fate;
}
