/* SPDX-License-Identifier: MIT */
/* record.c - what a spool says of its run */
#include "model/record.h"

#include "base/buf.h"
#include "base/err.h"
#include "model/factory.h"
#include "model/metric_file.h"
#include "model/redact.h"
#include "wire/json.h"

enum { RECORD_FORMAT = 1, RECORD_MAX = 64 << 20 };

static const char *const kind_names[] = {
    [DECLARED_FILE] = "file",
    [DECLARED_VERSIONED] = "versioned",
    [DECLARED_DIR] = "directory",
    [DECLARED_VERSIONED_DIR] = "versioned directory",
    [DECLARED_GLOB] = "glob",
};

/* The members that are strings, so that saving and loading agree. */
static const struct {
	const char *key;
	size_t offset;
} strings[] = {
    {"invocation_id", offsetof(struct record, invocation_id)},
    {"tracking_uri", offsetof(struct record, tracking_uri)},
    {"experiment_id", offsetof(struct record, experiment_id)},
    {"experiment_name", offsetof(struct record, experiment_name)},
    {"run_id", offsetof(struct record, run_id)},
    {"run_name", offsetof(struct record, run_name)},
    {"artifact_uri", offsetof(struct record, artifact_uri)},
    {"key", offsetof(struct record, key)},
    {"parent_spool", offsetof(struct record, parent_spool)},
    {"user", offsetof(struct record, user)},
    {"cwd", offsetof(struct record, cwd)},
    {"project", offsetof(struct record, project)},
    {"image", offsetof(struct record, image)},
};

static char **
string_at(struct record *r, size_t i)
{
	return (char **)(void *)((char *)r + strings[i].offset);
}

static void
set_strings(struct cJSON *o, const char *key, char *const *v, size_t n)
{
	struct cJSON *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_push_str(list, v[i]);
	json_set(o, key, list);
}

static void
get_strings(const struct cJSON *o, const char *key, struct strv *to)
{
	const struct cJSON *n = json_first(json_get(o, key));

	for (; n; n = json_next(n))
		if (json_text(n))
			strv_add(to, json_text(n));
}

static struct cJSON *
factory_to_json(const struct factory *f)
{
	struct cJSON *o = json_object();

	json_set_str(o, "kind", kind_names[f->kind]);
	json_set_str(o, "path", f->path);
	if (f->suffix)
		json_set_str(o, "suffix", f->suffix);
	set_strings(o, "before", f->before.v, f->before.n);
	set_strings(o, "taken", f->taken.v, f->taken.n);
	return o;
}

static int
kind_from_json(const struct cJSON *o, enum declared_kind *ret)
{
	const char *kind = json_str(o, "kind");
	size_t i = 0;

	while (i < ARRAY_LEN(kind_names) &&
	       (!kind || strcmp(kind_names[i], kind) != 0))
		i++;
	*ret = (enum declared_kind)i;
	return i == ARRAY_LEN(kind_names) ? -1 : 0;
}

static int
factory_from_json(const struct cJSON *o, struct factory **ret)
{
	const char *path = json_str(o, "path");
	enum declared_kind kind;
	struct factory *f;

	if (!o)
		return 0;
	if (kind_from_json(o, &kind) || kind == DECLARED_GLOB || !path ||
	    *path != '/')
		return -1;
	f = mem_alloc(sizeof(*f));
	f->kind = kind;
	f->path = mem_dup(path);
	f->suffix = mem_dup(json_str(o, "suffix"));
	get_strings(o, "before", &f->before);
	get_strings(o, "taken", &f->taken);
	*ret = f;
	return 0;
}

static struct cJSON *
metric_to_json(const struct metric_rule *m)
{
	struct cJSON *o = json_object();

	json_set_int(o, "form", m->form);
	json_set_int(o, "place", m->place);
	json_set_int(o, "step", m->step);
	if (m->key)
		json_set_str(o, "key", m->key);
	return o;
}

static struct metric_rule *
metric_from_json(const struct cJSON *o)
{
	struct metric_rule *m;
	int64_t form = json_int(o, "form", METRIC_ANY);
	int64_t place = json_int(o, "place", METRIC_AT_STEP);

	if (!o || form < METRIC_ONE || form > METRIC_ANY ||
	    place < METRIC_AT_STEP || place > METRIC_APPEND)
		return NULL;
	m = mem_alloc(sizeof(*m));
	m->form = (enum metric_form)form;
	m->place = (enum metric_place)place;
	m->step = json_int(o, "step", 0);
	m->key = mem_dup(json_str(o, "key"));
	return m;
}

struct cJSON *
record_declared(const struct declared *d)
{
	struct cJSON *o = json_object();

	json_set_str(o, "kind", kind_names[d->kind]);
	json_set_str(o, "name", d->name);
	json_set_str(o, "path", d->path);
	if (d->suffix)
		json_set_str(o, "suffix", d->suffix);
	if (d->artifact_path)
		json_set_str(o, "artifact_path", d->artifact_path);
	if (d->run_id)
		json_set_str(o, "run_id", d->run_id);
	if (d->origin.file) {
		json_set_str(o, "file", d->origin.file);
		json_set_int(o, "line", d->origin.line);
	}
	if (d->factory)
		json_set(o, "factory", factory_to_json(d->factory));
	if (d->metric)
		json_set(o, "metric", metric_to_json(d->metric));
	return o;
}

static int
declared_from_json(const struct cJSON *o, struct declared_list *list,
                   struct err *err)
{
	const char *path = json_str(o, "path");
	struct factory *factory = NULL;
	enum declared_kind kind;
	struct declared *d;

	if (kind_from_json(o, &kind) || !path || *path != '/' ||
	    factory_from_json(json_get(o, "factory"), &factory))
		return err_set(err, ERR_FORMAT, "broken declared path");
	d = declared_add(list);
	d->kind = kind;
	d->factory = factory;
	d->metric = metric_from_json(json_get(o, "metric"));
	d->name = mem_dup(json_str(o, "name"));
	d->path = mem_dup(path);
	d->suffix = mem_dup(json_str(o, "suffix"));
	d->artifact_path = mem_dup(json_str(o, "artifact_path"));
	d->run_id = mem_dup(json_str(o, "run_id"));
	d->origin.file = mem_dup(json_str(o, "file"));
	d->origin.line = (int)json_int(o, "line", 0);
	return 0;
}

static struct cJSON *
experiment_to_json(const struct record *r)
{
	struct cJSON *o = json_object();

	json_set_bool(o, "create", r->experiment.create);
	json_set_bool(o, "restore", r->experiment.restore);
	if (r->experiment.location)
		json_set_str(o, "artifact_location", r->experiment.location);
	json_set_kvs(o, "tags", &r->experiment.tags);
	return o;
}

static void
experiment_from_json(const struct cJSON *o, struct record *r)
{
	r->experiment.create = json_bool(o, "create", true);
	r->experiment.restore = json_bool(o, "restore", false);
	r->experiment.location = mem_dup(json_str(o, "artifact_location"));
	json_kvs(o, "tags", &r->experiment.tags);
}

/* A secret is not left on the disk; it is asked for when it is needed. */
static void
save_string(struct cJSON *o, const char *key, const char *value)
{
	cleanup_buf struct buf safe = BUF_INIT;

	if (!value)
		return;
	if (!strncmp(value, "http", 4))
		redact_url(&safe, value);
	else
		buf_adds(&safe, value);
	json_set_str(o, key, safe.s);
}

int
record_save(const struct record *r, const char *path, struct err *err)
{
	cleanup_json struct cJSON *o = json_object();
	struct cJSON *declared = json_array();

	json_set_int(o, "format", RECORD_FORMAT);
	json_set_str(o, "kmlflow", KMLFLOW_VERSION);
	for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
		const char *value;

		memcpy(&value, (const char *)r + strings[i].offset,
		       sizeof(value));
		save_string(o, strings[i].key, value);
	}
	json_set_bool(o, "joined", r->joined);
	json_set_bool(o, "pending", r->pending);
	if (r->pending)
		json_set(o, "experiment", experiment_to_json(r));
	json_set_int(o, "start_time", r->start_time);
	json_set_kvs(o, "tags", &r->tags);
	json_set_kvs(o, "end_tags", &r->end_tags);
	json_set_kvs(o, "params", &r->params);
	for (size_t i = 0; i < r->declared.n; i++)
		json_push(declared, record_declared(&r->declared.v[i]));
	json_set(o, "declared", declared);
	set_strings(o, "exclude", r->declared.exclude, r->declared.n_exclude);
	set_strings(o, "warnings", r->warnings.v, r->warnings.n);
	set_strings(o, "given", r->given.v, r->given.n);
	return json_write(o, false, path, 0600, err);
}

static int
read_members(const struct cJSON *o, struct record *r, struct err *err)
{
	cleanup_strv struct strv exclude = STRV_INIT;
	const struct cJSON *n;

	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		*string_at(r, i) = mem_dup(json_str(o, strings[i].key));
	if (!r->invocation_id || !r->tracking_uri || !r->cwd)
		return err_set(err, ERR_FORMAT, "a member is missing");
	r->joined = json_bool(o, "joined", false);
	r->pending = !r->run_id || json_bool(o, "pending", false);
	if (r->pending)
		experiment_from_json(json_get(o, "experiment"), r);
	r->start_time = json_int(o, "start_time", 0);
	json_kvs(o, "tags", &r->tags);
	json_kvs(o, "end_tags", &r->end_tags);
	json_kvs(o, "params", &r->params);
	for (n = json_first(json_get(o, "declared")); n; n = json_next(n))
		if (declared_from_json(n, &r->declared, err))
			return -1;
	get_strings(o, "exclude", &exclude);
	for (size_t i = 0; i < exclude.n; i++)
		declared_exclude(&r->declared, exclude.v[i]);
	get_strings(o, "warnings", &r->warnings);
	get_strings(o, "given", &r->given);
	return 0;
}

int
record_load(const char *path, struct record *ret, struct err *err)
{
	cleanup_json struct cJSON *o = NULL;
	cleanup_record struct record r = {.run_id = NULL};
	int64_t format;

	if (json_read(path, RECORD_MAX, &o, err))
		return -1;
	format = json_int(o, "format", 0);
	if (format != RECORD_FORMAT)
		return err_set(err, ERR_FORMAT,
		               "'%s' has format %lld, this kmlflow reads %d",
		               path, (long long)format, RECORD_FORMAT);
	if (read_members(o, &r, err))
		return err_wrap(err, "'%s'", path);
	*ret = r;
	r = (struct record){.run_id = NULL};
	return 0;
}

void
record_free(struct record *r)
{
	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		free(*string_at(r, i));
	strv_free(&r->warnings);
	strv_free(&r->given);
	kvs_free(&r->tags);
	kvs_free(&r->end_tags);
	kvs_free(&r->params);
	declared_free(&r->declared);
	free(r->experiment.location);
	kvs_free(&r->experiment.tags);
	*r = (struct record){.run_id = NULL};
}
