/* SPDX-License-Identifier: MIT */
/* cmd_explain.c - kmlflow explain: what was captured, what not, and why */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "commands.h"
#include "stage/report.h"
#include "stage/spool.h"
#include "wire/json.h"

enum { REPORT_MAX = 1 << 30 };

/* Text of a member, with what could drive a terminal escaped. */
static void
add_text(struct buf *to, const struct cJSON *o, const char *key)
{
	const char *text = json_str(o, key);

	if (text)
		enc_printable(to, text, strlen(text));
}

static void
add_size(struct buf *to, int64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double n = (double)bytes;
	size_t unit = 0;

	while (n >= 1000 && unit + 1 < ARRAY_LEN(units)) {
		n /= 1000;
		unit++;
	}
	buf_addf(to, unit ? "%.1f %s" : "%.0f %s", n, units[unit]);
}

static void
add_file(struct buf *to, const struct cJSON *f)
{
	const char *fate = json_str(f, "fate");
	const char *seen = json_str(f, "seen");
	int64_t pid = json_int(f, "pid", 0);

	buf_adds(to, "  ");
	add_text(to, f, "path");
	if (fate && !strcmp(fate, "missing")) {
		buf_adds(to, "\n    declared by ");
		add_text(to, f, "dataset");
		if (json_str(f, "reason")) {
			buf_adds(to, ", ");
			add_text(to, f, "reason");
			buf_addc(to, '\n');
		} else {
			buf_adds(to, ", never written\n");
		}
		return;
	}
	if (fate && !strcmp(fate, "skipped")) {
		buf_adds(to, "\n    not captured: ");
		add_text(to, f, "reason");
		buf_addc(to, '\n');
		return;
	}
	if (fate && !strcmp(fate, "metrics")) {
		buf_adds(to, "\n    metrics of ");
		add_text(to, f, "dataset");
		buf_addc(to, '\n');
		return;
	}
	buf_adds(to, "\n    artifact ");
	add_text(to, f, "artifact");
	buf_adds(to, ", ");
	add_size(to, json_int(f, "size", 0));
	buf_adds(to, ", declared by ");
	add_text(to, f, "dataset");
	if (json_str(f, "run_id")) {
		buf_adds(to, ", in run ");
		add_text(to, f, "run_id");
	}
	if (seen && !strcmp(seen, "event")) {
		buf_addf(to, "\n    seen written by process %" PRId64, pid);
		if (json_str(f, "program")) {
			buf_adds(to, " (");
			add_text(to, f, "program");
			buf_addc(to, ')');
		}
	} else {
		buf_adds(to, "\n    found by comparing before and after; its "
		             "writer was not seen");
	}
	if (json_str(f, "source"))
		buf_adds(to, "; had vanished, taken from what was kept");
	buf_addc(to, '\n');
}

static void
add_lines(struct buf *to, const struct cJSON *o, const char *key)
{
	const struct cJSON *n = json_first(json_get(o, key));

	for (; n; n = json_next(n)) {
		const char *text = json_text(n);

		if (!text)
			continue;
		buf_addf(to, "%s: ", key);
		enc_printable(to, text, strlen(text));
		buf_addc(to, '\n');
	}
}

static void
add_report(struct buf *to, const struct cJSON *o)
{
	static const char *const heads[][2] = {
	    {"run         ", "run_id"},
	    {"name        ", "run_name"},
	    {"experiment  ", "experiment_name"},
	    {"store       ", "tracking_uri"},
	    {"status      ", "status"},
	    {"started     ", "start_time"},
	    {"ended       ", "end_time"},
	    {"capture     ", "capture"},
	    {"spool       ", "spool"},
	};
	const struct cJSON *f = json_first(json_get(o, "files"));

	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		if (!json_str(o, heads[i][1]))
			continue;
		buf_adds(to, heads[i][0]);
		add_text(to, o, heads[i][1]);
		buf_addc(to, '\n');
	}
	buf_adds(to, f ? "files\n" : "files       none were declared\n");
	for (; f; f = json_next(f))
		add_file(to, f);
	add_lines(to, o, "blind");
	add_lines(to, o, "warnings");
	add_lines(to, o, "problems");
}

static int
print_report(const struct options *o, struct err *err)
{
	cleanup_free char *root = command_root(o);
	cleanup_strv struct strv places = STRV_INIT;
	cleanup_json struct cJSON *report = NULL;
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_free char *path = NULL;
	const char *id = o->words[0];

	spool_places(root, &places);
	path = report_find(&places, id && strcmp(id, "last") ? id : NULL, err);
	if (!path || json_read(path, REPORT_MAX, &report, err))
		return -1;
	if (o->json)
		json_print(report, true, &text);
	else
		add_report(&text, report);
	if (fwrite(text.s, 1, text.len, stdout) != text.len || fflush(stdout))
		return err_sys(err, "write");
	return 0;
}

static int
run_explain(const struct options *o)
{
	struct err err = ERR_INIT;

	if (!print_report(o, &err))
		return 0;
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
