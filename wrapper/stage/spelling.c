/* SPDX-License-Identifier: MIT */
/* spelling.c - the texts under which programs may know one path */
#include "stage/spelling.h"

#include <sys/stat.h>

#include "base/fs.h"
#include "base/mem.h"

/* Where 'path' ends before its last component. */
static size_t
parent_len(const char *path, size_t len)
{
	while (len && path[len - 1] != '/')
		len--;
	return len ? len - 1 : 0;
}

/* "/home/u/x/y" and "/data/u/x/y" are alike because "/home" is "/data". */
static void
alias_set(struct alias *a, const char *used)
{
	cleanup_free char *text = NULL;
	cleanup_free char *real = NULL;
	size_t used_len, real_len;

	if (!used || *used != '/')
		return;
	text = fs_normalise(used);
	real = realpath(text, NULL);
	if (!real || !strcmp(text, real))
		return;
	used_len = strlen(text);
	real_len = strlen(real);
	for (;;) {
		size_t u = parent_len(text, used_len);
		size_t r = parent_len(real, real_len);

		if (!u || !r || used_len - u != real_len - r ||
		    strncmp(text + u, real + r, used_len - u) != 0)
			break;
		used_len = u;
		real_len = r;
	}
	a->used = mem_ndup(text, used_len);
	a->real = mem_ndup(real, real_len);
}

void
spellings_init(struct spellings *s)
{
	cleanup_free char *cwd = fs_cwd();
	cleanup_free char *pwd = NULL;
	const char *text = getenv("PWD");

	*s = (struct spellings){.dirs = MAP_INIT};
	pwd = text && *text == '/' ? realpath(text, NULL) : NULL;
	if (pwd && !strcmp(pwd, cwd))
		alias_set(&s->alias[0], text);
	alias_set(&s->alias[1], getenv("HOME"));
}

/* Without symbolic links; each directory is asked for once. */
static const char *
resolve_dir(struct spellings *s, const char *dir)
{
	void **real = map_at(&s->dirs, dir);

	if (!*real)
		*real = fs_resolve(dir);
	return *real;
}

static void
add(struct spellings *s, const char *path)
{
	if (!strv_has(&s->found, path))
		strv_add(&s->found, path);
}

static void
add_aliases(struct spellings *s, const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(s->alias); i++) {
		const struct alias *a = &s->alias[i];
		size_t len = a->real ? strlen(a->real) : 0;
		cleanup_free char *used = NULL;

		if (!len || strncmp(path, a->real, len) != 0 ||
		    (path[len] && path[len] != '/'))
			continue;
		used = mem_printf("%s%s", a->used, path + len);
		add(s, used);
	}
}

void
spellings_of(struct spellings *s, const char *path)
{
	cleanup_free char *dir = fs_dirname(path);
	cleanup_free char *name = fs_basename(path);
	cleanup_free char *target = NULL;
	cleanup_free char *joined = NULL;
	struct stat st;

	strv_free(&s->found);
	add(s, path);
	if (!strcmp(path, "/"))
		return;
	joined = fs_join(resolve_dir(s, dir), name);
	add(s, joined);
	/* The last component can be a symbolic link itself. */
	if (!lstat(joined, &st) && S_ISLNK(st.st_mode))
		target = realpath(joined, NULL);
	if (target)
		add(s, target);
	for (size_t i = 0, n = s->found.n; i < n; i++)
		add_aliases(s, s->found.v[i]);
}

void
spellings_free(struct spellings *s)
{
	for (size_t i = 0; i < ARRAY_LEN(s->alias); i++) {
		free(s->alias[i].real);
		free(s->alias[i].used);
	}
	strv_free(&s->found);
	map_free(&s->dirs, free);
}
