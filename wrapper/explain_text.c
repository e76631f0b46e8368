/* SPDX-License-Identifier: MIT */
/* explain_text.c - a run's summary as text for people */
#include "explain_text.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "wire/json.h"

void
explain_text(struct buf *to, const struct cJSON *o, const char *key)
{
	const char *text = json_str(o, key);

	if (text)
		enc_printable(to, text, strlen(text));
}

void
explain_size(struct buf *to, int64_t bytes)
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

void
explain_time(struct buf *to, const struct cJSON *o, const char *key)
{
	clock_rfc3339(json_int(o, key, 0), to);
}

/* Who wrote it, when, and by which way that was seen. */
static void
add_writer(struct buf *to, const struct cJSON *f)
{
	const char *seen = json_str(f, "seen");

	if (seen && !strcmp(seen, "event")) {
		buf_addf(to, "\n    seen written by process %" PRId64,
		         json_int(f, "pid", 0));
		if (json_str(f, "program")) {
			buf_adds(to, " (");
			explain_text(to, f, "program");
			buf_addc(to, ')');
		}
	} else {
		buf_adds(to, "\n    found by comparing before and after; its "
		             "writer was not seen");
	}
	if (json_int(f, "modified", 0)) {
		buf_adds(to, ", last ");
		explain_time(to, f, "modified");
	}
	if (json_str(f, "source"))
		buf_adds(to, "; had vanished, taken from what was kept");
	buf_addc(to, '\n');
}

static void
add_file(struct buf *to, const struct cJSON *f)
{
	const char *fate = json_str(f, "fate");

	buf_adds(to, "  ");
	explain_text(to, f, "path");
	if (fate && !strcmp(fate, "missing")) {
		buf_adds(to, "\n    declared by ");
		explain_text(to, f, "dataset");
		if (json_str(f, "reason")) {
			buf_adds(to, ", ");
			explain_text(to, f, "reason");
			buf_addc(to, '\n');
		} else {
			buf_adds(to, ", never written\n");
		}
		return;
	}
	if (fate && !strcmp(fate, "skipped")) {
		buf_adds(to, "\n    not captured: ");
		explain_text(to, f, "reason");
		buf_addc(to, '\n');
		return;
	}
	if (fate && !strcmp(fate, "metrics")) {
		buf_adds(to, "\n    metrics of ");
		explain_text(to, f, "dataset");
		buf_addc(to, '\n');
		return;
	}
	buf_adds(to, "\n    artifact ");
	explain_text(to, f, "artifact");
	buf_adds(to, ", ");
	explain_size(to, json_int(f, "size", 0));
	buf_adds(to, ", declared by ");
	explain_text(to, f, "dataset");
	if (json_str(f, "run_id")) {
		buf_adds(to, ", in run ");
		explain_text(to, f, "run_id");
	}
	add_writer(to, f);
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

void
explain_report(struct buf *to, const struct cJSON *o)
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
		explain_text(to, o, heads[i][1]);
		buf_addc(to, '\n');
	}
	if (json_first(json_get(json_get(o, "undeclared"), "files")))
		buf_adds(to, "undeclared  files were written that nothing "
		             "declares; see --undeclared\n");
	buf_adds(to, f ? "files\n" : "files       none were declared\n");
	for (; f; f = json_next(f))
		add_file(to, f);
	add_lines(to, o, "blind");
	add_lines(to, o, "warnings");
	add_lines(to, o, "problems");
}

void
explain_undeclared(struct buf *to, const struct cJSON *report)
{
	const struct cJSON *all = json_get(report, "undeclared");
	const struct cJSON *f = json_first(json_get(all, "files"));

	if (!all)
		buf_adds(to, "nobody has looked: the run was recorded later\n");
	else if (!f)
		buf_adds(to, "nothing was written beside what is declared\n");
	for (; f; f = json_next(f)) {
		explain_text(to, f, "path");
		buf_adds(to, "\n    ");
		explain_size(to, json_int(f, "size", 0));
		buf_adds(to, ", last written ");
		explain_time(to, f, "modified");
		buf_addc(to, '\n');
	}
	if (json_bool(all, "more", false))
		buf_adds(to, "there is more than was looked at\n");
}
