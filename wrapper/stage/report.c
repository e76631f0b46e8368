/* SPDX-License-Identifier: MIT */
/* report.c - a JSON summary of a run */
#include "stage/report.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "model/record.h"
#include "model/redact.h"
#include "stage/beside.h"
#include "stage/outcome.h"
#include "stage/publish.h"
#include "stage/spool.h"
#include "wire/json.h"

enum { REPORT_FORMAT = 1, KEEP = 20 };

static const char reports[] = "reports";

static void
set_time(struct cJSON *o, const char *key, int64_t ms)
{
	cleanup_buf struct buf text = BUF_INIT;

	clock_rfc3339(ms, &text);
	json_set_str(o, key, text.s);
}

static void
set_outcome(struct cJSON *o, const struct outcome *outcome)
{
	json_set_str(o, "status", run_status_name(outcome_status(outcome)));
	if (outcome->unknown)
		json_set_str(o, "exit_code", NULL);
	else if (!outcome->signal)
		json_set_int(o, "exit_code", outcome->exit_code);
	if (outcome->signal)
		json_set_int(o, "signal", outcome->signal);
	set_time(o, "start_time", outcome->start_time);
	set_time(o, "end_time", outcome->end_time);
	json_set_double(o, "wall_seconds", (double)outcome->wall_ns / 1e9);
	json_set_double(o, "user_seconds", outcome->user_seconds);
	json_set_double(o, "system_seconds", outcome->system_seconds);
	json_set_int(o, "max_rss_bytes", outcome->max_rss);
	json_set_int(o, "survivors", outcome->survivors);
}

static void
set_tally(struct cJSON *o, const struct publish_tally *t)
{
	json_set_int(o, "uploaded", t->uploaded);
	json_set_int(o, "already_there", t->already_there);
	json_set_int(o, "failed", t->failed);
	json_set_int(o, "unstable", t->unstable);
	json_set_int(o, "bytes", t->bytes);
	json_set_int(o, "param_conflicts", t->conflicts);
}

/* What was declared, and what was written beside it. */
static void
set_declared(struct cJSON *o, const struct record *r, const struct spool *s)
{
	struct cJSON *list = json_array();
	struct cJSON *beside = beside_load(s);

	for (size_t i = 0; i < r->declared.n; i++)
		json_push(list, record_declared(&r->declared.v[i]));
	json_set(o, "declared", list);
	if (beside)
		json_set(o, "undeclared", beside);
}

/* Everything but the files, without the closing brace. */
static void
print_head(const struct report *r, const struct spool *s, struct buf *to)
{
	cleanup_json struct cJSON *o = json_object();
	const struct record *rec = r->record;
	cleanup_buf struct buf uri = BUF_INIT;
	cleanup_buf struct buf artifacts = BUF_INIT;

	json_set_int(o, "format", REPORT_FORMAT);
	json_set_str(o, "kmlflow", KMLFLOW_VERSION);
	json_set_str(o, "run_id", rec->run_id);
	json_set_str(o, "run_name", rec->run_name);
	json_set_str(o, "experiment_id", rec->experiment_id);
	json_set_str(o, "experiment_name", rec->experiment_name);
	redact_url(&uri, rec->tracking_uri);
	json_set_str(o, "tracking_uri", uri.s);
	if (rec->artifact_uri)
		redact_password(&artifacts, rec->artifact_uri);
	json_set_str(o, "artifact_uri", rec->artifact_uri ? artifacts.s : NULL);
	json_set_str(o, "invocation_id", rec->invocation_id);
	json_set_bool(o, "published", r->published);
	json_set_str(o, "spool", r->published ? NULL : s->dir);
	json_set_str(o, "capture", r->capture);
	json_set_strv(o, "blind", r->blind);
	set_outcome(o, r->outcome);
	set_tally(o, r->tally);
	json_set_kvs(o, "params", &rec->params);
	json_set_strv(o, "warnings", &rec->warnings);
	json_set_strv(o, "problems", r->problems);
	set_declared(o, rec, s);
	json_print(o, false, to);
	buf_cut(to, to->len - 1);
}

/* The manifest's lines are JSON objects: they become an array's members. */
static int
copy_files(const struct spool *s, FILE *out, struct err *err)
{
	cleanup_free char *path = spool_path(s, "manifest");
	cleanup_free char *line = NULL;
	FILE *in = fopen(path, "re");
	bool first = true;
	size_t cap = 0;
	ssize_t len;
	int failed;

	if (!in)
		return 0; /* nothing was collected */
	while ((len = getline(&line, &cap, in)) > 0) {
		if (!first)
			fputs(",\n", out);
		first = false;
		fwrite(line, 1, (size_t)(len - (line[len - 1] == '\n')), out);
	}
	failed = ferror(in);
	fclose(in);
	return failed ? err_sys(err, "read '%s'", path) : 0;
}

int
report_write(const struct report *r, const struct spool *s, const char *path,
             struct err *err)
{
	cleanup_free char *temp = mem_printf("%s.kmlflow-part", path);
	cleanup_buf struct buf head = BUF_INIT;
	FILE *out = fopen(temp, "we");
	int failed;

	if (!out)
		return err_sys(err, "create '%s'", temp);
	print_head(r, s, &head);
	fprintf(out, "%s,\"files\":[", head.s);
	failed = copy_files(s, out, err);
	fputs("]}\n", out);
	if (!failed && (ferror(out) || fflush(out)))
		failed = err_sys(err, "write '%s'", temp);
	if (fclose(out) && !failed)
		failed = err_sys(err, "write '%s'", temp);
	if (!failed && rename(temp, path))
		failed = err_sys(err, "write '%s'", path);
	if (failed)
		unlink(temp);
	return failed;
}

struct kept {
	char *path;
	struct timespec time;
};

static int
newest_first(const void *a, const void *b)
{
	const struct kept *x = a;
	const struct kept *y = b;

	if (x->time.tv_sec != y->time.tv_sec)
		return x->time.tv_sec < y->time.tv_sec ? 1 : -1;
	if (x->time.tv_nsec != y->time.tv_nsec)
		return x->time.tv_nsec < y->time.tv_nsec ? 1 : -1;
	return strcmp(x->path, y->path);
}

/* What a crash left half-written has another ending. */
static bool
is_summary(const char *name)
{
	const char *dot = strrchr(name, '.');

	return *name != '.' && dot && !strcmp(dot, ".json");
}

/* The summaries in 'dir' whose names start with 'prefix', newest first. */
static struct kept *
list_kept(const char *dir, const char *prefix, size_t *n)
{
	struct kept *list = NULL;
	DIR *d = opendir(dir);
	struct dirent *entry;

	*n = 0;
	while (d && (entry = readdir(d))) {
		struct stat st;

		if (!is_summary(entry->d_name) ||
		    strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
		    fstatat(dirfd(d), entry->d_name, &st, 0))
			continue;
		list = mem_grow(list, *n + 1, sizeof(*list));
		list[(*n)++] = (struct kept){
		    .path = fs_join(dir, entry->d_name),
		    .time = st.st_mtim,
		};
	}
	if (d)
		closedir(d);
	if (*n > 1)
		qsort(list, *n, sizeof(*list), newest_first);
	return list;
}

static void
free_kept(struct kept *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i].path);
	free(list);
}

int
report_keep(const struct report *r, const struct spool *s, struct err *err)
{
	cleanup_free char *place = fs_dirname(s->dir);
	cleanup_free char *dir = fs_join(place, reports);
	const char *invocation = r->record->invocation_id;
	const char *id = r->record->run_id ? r->record->run_id : invocation;
	cleanup_free char *path = mem_printf("%s/%s.json", dir, id);
	cleanup_free char *first = mem_printf("%s/%s.json", dir, invocation);
	struct kept *list;
	size_t n;

	if (fs_mkdirs(dir, 0700, err) || report_write(r, s, path, err))
		return -1;
	/* The summary of a run that the store had not heard of yet. */
	if (strcmp(path, first) != 0)
		unlink(first);
	list = list_kept(dir, "", &n);
	for (size_t i = KEEP; i < n; i++)
		unlink(list[i].path);
	free_kept(list, n);
	return 0;
}

char *
report_find(const struct strv *places, const char *id, struct err *err)
{
	cleanup_strv struct strv names = STRV_INIT;
	struct kept best = {.path = NULL};

	for (size_t i = 0; i < places->n; i++) {
		cleanup_free char *dir = fs_join(places->v[i], reports);
		size_t n;
		struct kept *list = list_kept(dir, id ? id : "", &n);

		for (size_t j = 0; j < n; j++) {
			char *name = fs_basename(list[j].path);

			if (strv_has(&names, name))
				free(name);
			else
				strv_take(&names, name);
		}
		if (n && (!best.path || newest_first(&list[0], &best) < 0)) {
			free(best.path);
			best = list[0];
			list[0].path = NULL;
		}
		free_kept(list, n);
	}
	if (id && names.n > 1) {
		free(best.path);
		err_set(err, ERR_USAGE, "'%s' begins more than one run id", id);
		return NULL;
	}
	if (!best.path)
		err_set(err, ERR_NOTFOUND,
		        id ? "no run '%s' is remembered here"
		           : "no run is remembered here%s",
		        id ? id : "");
	return best.path;
}

void
report_list(const char *place, int64_t since, struct strv *to)
{
	cleanup_free char *dir = fs_join(place, reports);
	size_t n;
	struct kept *list = list_kept(dir, "", &n);

	for (size_t i = 0; i < n; i++)
		if (clock_ms(list[i].time) > since)
			strv_add(to, list[i].path);
	free_kept(list, n);
}
