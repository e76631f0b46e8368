/* SPDX-License-Identifier: MIT */
/* ci_summary.c - what CI systems show of a run, each in the form it reads */
#include "stage/ci_summary.h"

#include <ctype.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/map.h"
#include "model/record.h"
#include "model/redact.h"
#include "model/run.h"
#include "stage/metric_points.h"
#include "stage/outcome.h"
#include "stage/publish.h"
#include "stage/report.h"
#include "stage/usage.h"

/* GitHub drops a summary above 1 MiB, and nobody reads so much. */
enum { ROWS_MAX = 200, CELL_MAX = 200 };

struct summary {
	const struct ci_summary_request *request;
	struct metrics last; /* each metric once */
	char *url;           /* of the page of the run; NULL: it has none */
	struct strv *problems;
	int failed;
};

/*
 * Where a browser finds the run.  GitLab's own store has its pages elsewhere,
 * and a local one has none.
 */
static char *
page_of(const struct record *r)
{
	cleanup_buf struct buf uri = BUF_INIT;

	if (!r->run_id || !r->experiment_id ||
	    strncmp(r->tracking_uri, "http", 4) != 0 ||
	    strstr(r->tracking_uri, "/api/v4/projects/"))
		return NULL;
	redact_url(&uri, r->tracking_uri);
	while (uri.len && uri.s[uri.len - 1] == '/')
		buf_cut(&uri, uri.len - 1);
	return mem_printf("%s/#/experiments/%s/runs/%s", uri.s,
	                  r->experiment_id, r->run_id);
}

/* Of files that are no metrics the publishing has told already. */
static void
read_metrics(const struct report *r, const struct spool *s, struct metrics *to)
{
	const struct metric_points points = {
	    .spool = s,
	    .record = r->record,
	    .when = r->outcome->end_time,
	};
	cleanup_strv struct strv ignored = STRV_INIT;
	struct metrics steps = METRICS_INIT;
	struct err err = ERR_INIT;

	if (!r->outcome->unknown)
		usage_metrics(r->outcome, to);
	if (!metric_points_open(&points, &steps, &err))
		(void)metric_points_read(&points, &steps, to, &ignored, &err);
	metrics_free(&steps);
}

/* The point of the greatest step, of equal ones the last. */
static void
keep_last(const struct metrics *all, struct metrics *to)
{
	struct map at = MAP_INIT;

	for (size_t i = 0; i < all->n; i++) {
		const struct metric *m = &all->v[i];
		void **known = map_at(&at, m->key);
		const struct metric *old = *known;

		if (!old || m->step >= old->step)
			memcpy(known, &m, sizeof(m));
	}
	for (size_t i = 0; i < at.n; i++) {
		const struct metric *m = at.v[i].value;

		metrics_add(to, m->key, m->value, m->timestamp, m->step);
	}
	map_free(&at, NULL);
}

static void
problem(struct summary *s, const struct err *err)
{
	s->failed = -1;
	strv_take(s->problems, mem_printf("summary: %s", err->msg));
}

static void
put(struct summary *s, const char *path, const struct buf *text)
{
	struct err err = ERR_INIT;

	if (fs_write_atomic(path, text->s, text->len, 0666, &err))
		problem(s, &err);
}

/* Other steps write there as well: never in the middle of theirs. */
static void
append(struct summary *s, const char *path, const struct buf *text)
{
	struct err err = ERR_INIT;
	cleanup_fd int fd =
	    open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0) {
		err_sys(&err, "open '%s'", path);
		problem(s, &err);
	} else if (fs_write_fd(fd, text->s, text->len, &err)) {
		problem(s, &err);
	}
}

/* One line, without what a reader of lines would take for more. */
static void
pair(struct buf *to, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(to, "%s=", key);
	for (; *value; value++)
		buf_addc(to, iscntrl((unsigned char)*value) ? ' ' : *value);
	buf_addc(to, '\n');
}

static void
pairs(const struct summary *s, bool variables, struct buf *to)
{
	const struct report *r = s->request->report;
	const struct outcome *o = r->outcome;
	const struct {
		const char *key;
		const char *value;
	} rows[] = {
	    {"run_id", r->record->run_id},
	    {"run_name", r->record->run_name},
	    {"experiment_id", r->record->experiment_id},
	    {"status", run_status_name(outcome_status(o))},
	    {"url", s->url},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_free char *key =
		    variables ? mem_printf("KMLFLOW_REPORT_%s", rows[i].key)
			      : mem_dup(rows[i].key);

		for (char *p = key; variables && *p; p++)
			*p = (char)toupper((unsigned char)*p);
		pair(to, key, rows[i].value);
	}
}

/* --- Markdown ------------------------------------------------------------ */

/* Text of others, which must stay within its cell and be no markup. */
static void
cell(struct buf *to, const char *text)
{
	size_t n = 0;

	for (; *text && n < CELL_MAX; text++, n++) {
		unsigned char c = (unsigned char)*text;

		if (iscntrl(c))
			buf_addc(to, ' ');
		else if (strchr("\\`*_{}[]<>()#+!|~&@:", c))
			buf_addf(to, "&#%u;", c);
		else
			buf_addc(to, (char)c);
	}
	/* Not within a character of several bytes. */
	while (*text && ((unsigned char)*text & 0xc0) == 0x80)
		buf_addc(to, *text++);
	if (*text)
		buf_adds(to, "…");
}

static void
row(struct buf *to, const char *name, const char *value)
{
	if (!value)
		return;
	buf_adds(to, "| ");
	cell(to, name);
	buf_adds(to, " | ");
	cell(to, value);
	buf_adds(to, " |\n");
}

static void
outcome_row(struct buf *to, const struct outcome *o)
{
	cleanup_free char *text = NULL;
	const char *status = run_status_name(outcome_status(o));

	if (o->signal)
		text = mem_printf("%s (signal %d)", status, o->signal);
	else if (o->exit_code && !o->unknown)
		text = mem_printf("%s (exit status %d)", status, o->exit_code);
	row(to, "Status", text ? text : status);
}

static void
metric_rows(const struct summary *s, struct buf *to)
{
	buf_adds(to, "\n| Metric | Last value |\n|---|---:|\n");
	for (size_t i = 0; i < s->last.n && i < ROWS_MAX; i++) {
		cleanup_free char *value =
		    mem_printf("%.6g", s->last.v[i].value);

		row(to, s->last.v[i].key, value);
	}
}

static void
param_rows(const struct kvs *params, struct buf *to)
{
	if (!params->n)
		return;
	buf_adds(to, "\n| Param | Value |\n|---|---|\n");
	for (size_t i = 0; i < params->n && i < ROWS_MAX; i++)
		row(to, params->v[i].key, params->v[i].value);
}

static void
markdown(const struct summary *s, struct buf *to)
{
	const struct report *r = s->request->report;
	const struct record *rec = r->record;
	cleanup_free char *files =
	    mem_printf("%d", r->tally->uploaded + r->tally->already_there);

	buf_adds(to, "### ");
	cell(to, rec->run_name ? rec->run_name : rec->invocation_id);
	buf_adds(to, "\n\n| Run | |\n|---|---|\n");
	outcome_row(to, r->outcome);
	row(to, "Experiment", rec->experiment_name);
	row(to, "Run id", rec->run_id);
	if (s->url)
		buf_addf(to, "| Page | <%s> |\n", s->url);
	row(to, "Artifacts", files);
	if (!r->published)
		row(to, "Recorded", "no: kmlflow sync sends it");
	for (size_t i = 0; i < r->problems->n && i < ROWS_MAX; i++)
		row(to, "Problem", r->problems->v[i]);
	if (s->last.n)
		metric_rows(s, to);
	param_rows(&rec->params, to);
	buf_addc(to, '\n');
}

/* --- OpenMetrics --------------------------------------------------------- */

static void
openmetrics(const struct summary *s, struct buf *to)
{
	for (size_t i = 0; i < s->last.n; i++) {
		const char *key = s->last.v[i].key;

		if (isdigit((unsigned char)*key))
			buf_addc(to, '_');
		for (; *key; key++)
			buf_addc(to, isalnum((unsigned char)*key) ? *key : '_');
		buf_addf(to, " %.17g\n", s->last.v[i].value);
	}
	buf_adds(to, "# EOF\n");
}

/* --- all ----------------------------------------------------------------- */

static bool
is_github(void)
{
	const char *actions = getenv("GITHUB_ACTIONS");

	return actions && !strcmp(actions, "true");
}

static void
github(struct summary *s)
{
	const char *page = getenv("GITHUB_STEP_SUMMARY");
	const char *output = getenv("GITHUB_OUTPUT");
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_buf struct buf lines = BUF_INIT;

	if (!is_github())
		return;
	if (page && *page) {
		markdown(s, &text);
		append(s, page, &text);
	}
	if (output && *output) {
		pairs(s, false, &lines);
		append(s, output, &lines);
	}
}

bool
ci_summary_wanted(const struct ci_summary_request *request)
{
	return request->dotenv || request->openmetrics || is_github();
}

int
ci_summary_write(const struct ci_summary_request *request,
                 struct strv *problems)
{
	struct summary s = {
	    .request = request,
	    .last = METRICS_INIT,
	    .url = page_of(request->report->record),
	    .problems = problems,
	};
	struct metrics all = METRICS_INIT;
	cleanup_buf struct buf lines = BUF_INIT;
	cleanup_buf struct buf text = BUF_INIT;

	read_metrics(request->report, request->spool, &all);
	keep_last(&all, &s.last);
	github(&s);
	if (request->dotenv) {
		pairs(&s, true, &lines);
		put(&s, request->dotenv, &lines);
	}
	if (request->openmetrics) {
		openmetrics(&s, &text);
		put(&s, request->openmetrics, &text);
	}
	metrics_free(&all);
	metrics_free(&s.last);
	free(s.url);
	return s.failed;
}
