/* SPDX-License-Identifier: MIT */
/* declared.c - the paths that may become artifacts, and where they go */
#include "model/declared.h"

#include <fnmatch.h>
#include <stdbool.h>

#include "base/mem.h"
#include "model/factory.h"
#include "model/metric_file.h"

struct declared *
declared_add(struct declared_list *list)
{
	if (list->n == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 16;
		list->v = mem_grow(list->v, list->cap, sizeof(*list->v));
	}
	list->v[list->n] = (struct declared){.kind = DECLARED_FILE};
	return &list->v[list->n++];
}

void
declared_exclude(struct declared_list *list, const char *pattern)
{
	if (list->n_exclude == list->cap_exclude) {
		list->cap_exclude =
		    list->cap_exclude ? list->cap_exclude * 2 : 4;
		list->exclude = mem_grow(list->exclude, list->cap_exclude,
		                         sizeof(*list->exclude));
	}
	list->exclude[list->n_exclude++] = mem_dup(pattern);
}

void
declared_clear(struct declared *d)
{
	free(d->name);
	free(d->path);
	free(d->suffix);
	free(d->artifact_path);
	free(d->run_id);
	factory_free(d->factory);
	metric_rule_free(d->metric);
	free(d->origin.file);
	*d = (struct declared){.kind = DECLARED_FILE};
}

void
declared_free(struct declared_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		declared_clear(&list->v[i]);
	for (size_t i = 0; i < list->n_exclude; i++)
		free(list->exclude[i]);
	free(list->v);
	free(list->exclude);
	*list = (struct declared_list){.v = NULL};
}

/* What follows 'dir' and a slash in 'path', NULL if it is not below it. */
static const char *
below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 1 && *dir == '/')
		return path + 1;
	return !strncmp(path, dir, len) && path[len] == '/' ? path + len + 1
	                                                    : NULL;
}

/* One component of 'pattern' against one of 'path', both of given length. */
static bool
component_match(const char *pattern, size_t plen, const char *path, size_t len)
{
	cleanup_free char *p = mem_ndup(pattern, plen);
	cleanup_free char *s = mem_ndup(path, len);

	return !fnmatch(p, s, FNM_PERIOD);
}

/*
 * Component by component.  At "**" the place is noted and tried again one
 * component further on failure, so the time is at most their product.
 */
static bool
glob_match(const char *pattern, const char *path)
{
	const char *retry_pattern = NULL;
	const char *retry_path = NULL;

	for (;;) {
		size_t plen = strcspn(pattern, "/");
		size_t len = strcspn(path, "/");

		if (plen == 2 && !strncmp(pattern, "**", 2)) {
			if (!pattern[2])
				return *path != '.' && !strstr(path, "/.");
			retry_pattern = pattern += 3;
			retry_path = path;
			continue;
		}
		if (component_match(pattern, plen, path, len) &&
		    !pattern[plen] == !path[len]) {
			if (!path[len])
				return true;
			pattern += plen + 1;
			path += len + 1;
			continue;
		}
		if (!retry_pattern || *retry_path == '.')
			return false;
		len = strcspn(retry_path, "/");
		if (!retry_path[len])
			return false;
		pattern = retry_pattern;
		path = retry_path += len + 1;
	}
}

static bool
versioned_match(const char *path, const char *declared, bool directory)
{
	const char *version = below(path, declared);
	const char *base = strrchr(declared, '/');
	const char *name = version ? strchr(version, '/') : NULL;

	if (!name || !base)
		return false;
	if (!directory)
		return !strcmp(name, base);
	return !strncmp(name, base, strlen(base)) && name[strlen(base)] == '/';
}

static bool
dir_match(const struct declared *d, const char *path)
{
	const char *rest = below(path, d->path);
	size_t len = rest ? strlen(rest) : 0;
	size_t slen = d->suffix ? strlen(d->suffix) : 0;

	return rest && len >= slen &&
	       (!slen || !strcmp(rest + len - slen, d->suffix));
}

static bool
is_made(const struct declared *d, const char *path)
{
	struct declared one;
	char *relative;

	if (factory_resolve(d, path, &one, &relative))
		return false;
	declared_clear(&one);
	free(relative);
	return true;
}

int
declared_match(const struct declared *d, const char *path)
{
	switch (d->kind) {
	case DECLARED_FILE:
		return !strcmp(d->path, path);
	case DECLARED_VERSIONED:
	case DECLARED_VERSIONED_DIR:
		return versioned_match(path, d->path,
		                       d->kind == DECLARED_VERSIONED_DIR);
	case DECLARED_DIR:
		return dir_match(d, path);
	case DECLARED_GLOB:
		return glob_match(d->path, path) &&
		       (!d->factory || is_made(d, path));
	}
	return 0;
}

int
declared_excluded(const struct declared_list *list, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;

	for (size_t i = 0; i < list->n_exclude; i++) {
		const char *pattern = list->exclude[i];

		if (strchr(pattern, '/') ? glob_match(pattern, path)
		                         : !fnmatch(pattern, base, FNM_PERIOD))
			return 1;
	}
	return 0;
}
