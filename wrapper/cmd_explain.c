/* SPDX-License-Identifier: MIT */
/* cmd_explain.c - kmlflow explain: what was captured, what not, and why */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "commands.h"
#include "drift.h"
#include "explain_text.h"
#include "model/settings.h"
#include "stage/report.h"
#include "stage/spool.h"
#include "wire/json.h"

enum { REPORT_MAX = 1 << 30 };

/* The run's summary; NULL: there is none. */
static struct cJSON *
find_report(const struct options *o, struct err *err)
{
	cleanup_free char *root = command_root(o);
	cleanup_strv struct strv places = STRV_INIT;
	struct cJSON *report = NULL;
	cleanup_free char *path = NULL;
	const char *id = o->words[0];

	spool_places(root, &places);
	path = report_find(&places, id && strcmp(id, "last") ? id : NULL, err);
	if (!path || json_read(path, REPORT_MAX, &report, err))
		return NULL;
	return report;
}

static int
add_drift(const struct options *o, const struct cJSON *report, struct buf *to,
          struct err *err)
{
	cleanup_free char *cwd = fs_cwd();
	const struct settings_request request = {
	    .directory = o->directory,
	    .cwd = cwd,
	    .env = o->env,
	    .params = &o->params,
	    .params_files = &o->params_files,
	};
	cleanup_json struct cJSON *drift = NULL;
	struct settings now;

	if (settings_load(&request, &now, err))
		return -1;
	drift = drift_find(report, &now.declared);
	settings_free(&now);
	if (!drift)
		return err_set(err, ERR_NOTFOUND,
		               "the summary of this run does not tell what was "
		               "declared");
	if (o->json)
		json_print(drift, true, to);
	else
		drift_text(to, drift);
	return 0;
}

static int
explain(const struct options *o, struct buf *to, struct err *err)
{
	cleanup_json struct cJSON *report = find_report(o, err);

	if (!report)
		return -1;
	if (o->drift)
		return add_drift(o, report, to, err);
	if (o->undeclared && o->json && json_get(report, "undeclared"))
		json_print(json_get(report, "undeclared"), true, to);
	else if (o->undeclared && o->json)
		buf_adds(to, "null\n");
	else if (o->undeclared)
		explain_undeclared(to, report);
	else if (o->json)
		json_print(report, true, to);
	else
		explain_report(to, report);
	return 0;
}

static int
run_explain(const struct options *o)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	if (!explain(o, &text, &err)) {
		if (fwrite(text.s, 1, text.len, stdout) == text.len &&
		    !fflush(stdout))
			return 0;
		err_sys(&err, "write");
	}
	log_error("%s", err.msg);
	return 1;
}

const struct command command_explain = {
    .name = "explain",
    .bit = VERB_EXPLAIN,
    .arguments = "[OPTIONS] [RUN]",
    .summary = "Tells what was captured, what was not, and why; of the "
	       "last run, or of RUN.",
    .run = run_explain,
};
