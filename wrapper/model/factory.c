/* SPDX-License-Identifier: MIT */
/* factory.c - datasets that a pattern of the catalog makes when they are met */
#include "model/factory.h"

#include "base/buf.h"
#include "base/fs.h"
#include "model/metric_file.h"
#include "model/pattern.h"

void
factory_free(struct factory *f)
{
	if (!f)
		return;
	free(f->path);
	free(f->suffix);
	strv_free(&f->before);
	strv_free(&f->taken);
	free(f);
}

static void
add_escaped(struct buf *to, const char *s)
{
	for (; *s; s++) {
		if (strchr("*?[\\", *s))
			buf_addc(to, '\\');
		buf_addc(to, *s);
	}
}

char *
factory_glob(const struct factory *f)
{
	cleanup_free char *path = pattern_glob(f->path);
	cleanup_buf struct buf to = BUF_INIT;

	buf_adds(&to, path);
	if (f->kind == DECLARED_VERSIONED)
		buf_addf(&to, "/*%s", strrchr(path, '/'));
	if (f->kind == DECLARED_DIR && f->suffix) {
		buf_adds(&to, "/**/*");
		add_escaped(&to, f->suffix);
	} else if (f->kind == DECLARED_DIR) {
		buf_adds(&to, "/**");
	}
	return buf_detach(&to);
}

static size_t
count_slashes(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == '/';
	return n;
}

/* The part of 'path' with as many components as the pattern has. */
static char *
own_part(const struct factory *f, const char *path, char **relative)
{
	size_t left = count_slashes(f->path);
	const char *p = path;

	for (; *p; p++)
		if (*p == '/' && !left--)
			break;
	*relative = *p ? mem_dup(p + 1) : NULL;
	return mem_ndup(path, (size_t)(p - path));
}

/* Kedro would make the dataset of this name by another pattern. */
static bool
is_taken(const struct declared *d, const char *path, const struct kvs *captures)
{
	cleanup_free char *name = pattern_fill(d->name, captures);

	if (strv_has(&d->factory->taken, path))
		return true;
	for (size_t i = 0; name && i < d->factory->before.n; i++)
		if (pattern_match(d->factory->before.v[i], name, false, NULL))
			return true;
	return false;
}

static struct metric_rule *
fill_metric(const struct metric_rule *rule, const struct kvs *captures)
{
	struct metric_rule *one = metric_rule_dup(rule);

	if (one && one->key)
		mem_replace(&one->key, pattern_fill(rule->key, captures));
	return one;
}

int
factory_resolve(const struct declared *d, const char *path,
                struct declared *ret, char **relative)
{
	const struct factory *f = d->factory;
	cleanup_kvs struct kvs captures = KVS_INIT;
	cleanup_free char *rest = NULL;
	cleanup_free char *own = own_part(f, path, &rest);
	struct declared one = {.kind = f->kind};

	if (!pattern_match(f->path, own, true, &captures) ||
	    is_taken(d, own, &captures))
		return -1;
	one.path = mem_steal(&own);
	one.suffix = mem_dup(f->suffix);
	if (!declared_match(&one, path) &&
	    !(one.kind == DECLARED_FILE && rest)) {
		declared_clear(&one);
		return -1;
	}
	one.name = pattern_fill(d->name, &captures);
	if (!one.name)
		one.name = mem_dup(d->name);
	if (d->artifact_path)
		one.artifact_path = pattern_fill(d->artifact_path, &captures);
	if (d->run_id)
		one.run_id = pattern_fill(d->run_id, &captures);
	one.metric = fill_metric(d->metric, &captures);
	one.origin.file = mem_dup(d->origin.file);
	one.origin.line = d->origin.line;
	*ret = one;
	*relative = mem_steal(&rest);
	return 0;
}
