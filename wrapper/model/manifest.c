/* SPDX-License-Identifier: MIT */
/* manifest.c - what was captured, and what was not: one line a file */
#include "model/manifest.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "wire/json.h"

/* A path, a key and their neighbours; longer lines are somebody's attack. */
enum { LINE_LIMIT = 1 << 20 };

static const char *const fates[] = {
    [FATE_ARTIFACT] = "artifact",
    [FATE_SKIPPED] = "skipped",
    [FATE_MISSING] = "missing",
    [FATE_METRICS] = "metrics",
};

static const char *const seens[] = {
    [SEEN_EVENT] = "event",
    [SEEN_STAT] = "stat",
};

void
manifest_entry_free(struct manifest_entry *e)
{
	free(e->path);
	free(e->source);
	free(e->key);
	free(e->metric);
	free(e->run_id);
	free(e->dataset);
	free(e->reason);
	free(e->program);
	*e = (struct manifest_entry){.path = NULL};
}

int
manifest_create(const char *path, struct manifest_writer *ret, struct err *err)
{
	struct manifest_writer w = {
	    .path = mem_dup(path),
	    .temp = mem_printf("%s.part", path),
	};

	w.file = fopen(w.temp, "we");
	if (!w.file) {
		err_sys(err, "create '%s'", w.temp);
		manifest_abandon(&w);
		return -1;
	}
	*ret = w;
	return 0;
}

static void
set_optional(struct cJSON *o, const char *key, const char *value)
{
	if (value)
		json_set_str(o, key, value);
}

int
manifest_add(struct manifest_writer *w, const struct manifest_entry *e,
             struct err *err)
{
	cleanup_json struct cJSON *o = json_object();
	cleanup_buf struct buf line = BUF_INIT;

	json_set_str(o, "fate", fates[e->fate]);
	json_set_str(o, "path", e->path);
	set_optional(o, "source", e->source);
	set_optional(o, "artifact", e->key);
	set_optional(o, "metric", e->metric);
	set_optional(o, "run_id", e->run_id);
	set_optional(o, "dataset", e->dataset);
	set_optional(o, "reason", e->reason);
	if (e->fate != FATE_MISSING) {
		json_set_str(o, "seen", seens[e->seen]);
		json_set_int(o, "size", e->size);
		if (e->modified)
			json_set_int(o, "modified", e->modified);
	}
	set_optional(o, "program", e->program);
	if (e->pid)
		json_set_int(o, "pid", e->pid);
	json_print(o, false, &line);
	buf_addc(&line, '\n');
	if (fwrite(line.s, 1, line.len, w->file) != line.len)
		return err_sys(err, "write '%s'", w->temp);
	return 0;
}

int
manifest_commit(struct manifest_writer *w, struct err *err)
{
	bool flushed = !fflush(w->file);

	if (flushed && fs_settle(fileno(w->file), w->path, err))
		return -1;
	flushed = !fclose(w->file) && flushed;
	w->file = NULL;
	if (!flushed || rename(w->temp, w->path))
		return err_sys(err, "write '%s'", w->path);
	mem_replace(&w->temp, NULL);
	return 0;
}

void
manifest_abandon(struct manifest_writer *w)
{
	if (w->file)
		fclose(w->file);
	if (w->temp)
		unlink(w->temp);
	free(w->temp);
	free(w->path);
	*w = (struct manifest_writer){.file = NULL};
}

int
manifest_open(const char *path, struct manifest_reader *ret, struct err *err)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return err_sys(err, "open '%s'", path);
	*ret = (struct manifest_reader){.file = file};
	return 0;
}

/* Index of 'name' in a list of 'n', -1 if it is none of them. */
static int
find_name(const char *const *list, int n, const char *name)
{
	for (int i = 0; name && i < n; i++)
		if (!strcmp(list[i], name))
			return i;
	return -1;
}

static int
read_entry(const struct cJSON *o, struct manifest_entry *ret, struct err *err)
{
	int fate = find_name(fates, ARRAY_LEN(fates), json_str(o, "fate"));
	int seen = find_name(seens, ARRAY_LEN(seens), json_str(o, "seen"));
	const char *key = json_str(o, "artifact");

	if (fate < 0 || !json_str(o, "path") || (fate == FATE_ARTIFACT && !key))
		return err_set(err, ERR_FORMAT, "a member is missing");
	*ret = (struct manifest_entry){
	    .fate = (enum manifest_fate)fate,
	    .seen = seen == SEEN_EVENT ? SEEN_EVENT : SEEN_STAT,
	    .path = mem_dup(json_str(o, "path")),
	    .source = mem_dup(json_str(o, "source")),
	    .key = mem_dup(key),
	    .metric = mem_dup(json_str(o, "metric")),
	    .run_id = mem_dup(json_str(o, "run_id")),
	    .dataset = mem_dup(json_str(o, "dataset")),
	    .reason = mem_dup(json_str(o, "reason")),
	    .program = mem_dup(json_str(o, "program")),
	    .pid = (pid_t)json_int(o, "pid", 0),
	    .size = json_int(o, "size", 0),
	    .modified = json_int(o, "modified", 0),
	};
	return 0;
}

int
manifest_next(struct manifest_reader *r, struct manifest_entry *ret,
              struct err *err)
{
	cleanup_json struct cJSON *o = NULL;
	ssize_t len;

	errno = 0;
	len = getline(&r->line, &r->cap, r->file);
	if (len < 0)
		return ferror(r->file) ? err_sys(err, "read the manifest") : 0;
	r->number++;
	if (len > LINE_LIMIT)
		return err_set(err, ERR_FORMAT, "manifest line %d is too long",
		               r->number);
	if (json_parse(r->line, (size_t)len, &o, err) ||
	    read_entry(o, ret, err))
		return err_wrap(err, "manifest line %d", r->number);
	return 1;
}

void
manifest_close(struct manifest_reader *r)
{
	if (r->file)
		fclose(r->file);
	free(r->line);
	*r = (struct manifest_reader){.file = NULL};
}
