/* SPDX-License-Identifier: MIT */
/* declare.c - from paths and patterns as people write them to declared ones */
#include "model/declare.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/keys.h"
#include "model/value.h"

int
artifact_path_clean(const char *path, char **ret)
{
	cleanup_free char *rooted = NULL;
	cleanup_free char *clean = NULL;

	if (*path == '/')
		return -1;
	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");

		if (n == 2 && !strncmp(p, "..", 2))
			return -1;
		p += n;
		p += *p == '/';
	}
	rooted = mem_printf("/%s", path);
	clean = fs_normalise(rooted);
	*ret = clean[1] ? mem_dup(clean + 1) : NULL;
	return 0;
}

int
destination_read(const struct value *dict, const char *what,
                 struct destination *ret, struct err *err)
{
	const char *artifact_path, *run_id;
	cleanup_free char *clean = NULL;

	if (keys_text(dict, "artifact_path", what, &artifact_path, err) ||
	    keys_text(dict, "run_id", what, &run_id, err))
		return -1;
	if (artifact_path && artifact_path_clean(artifact_path, &clean)) {
		const struct value *v = value_get(dict, "artifact_path");

		return err_at(err, v->file, v->line, v->column,
		              "%s: 'artifact_path' is '%.80s'; it must be "
		              "relative and without '..'",
		              what, artifact_path);
	}
	if (artifact_path)
		ret->artifact_path = artifact_path;
	if (run_id)
		ret->run_id = run_id;
	return 0;
}

static bool
is_pattern(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

/* 'dir' with what a pattern would take for more than a letter escaped. */
static void
add_literal(struct buf *to, const char *dir)
{
	for (; *dir; dir++) {
		if (strchr("*?[\\", *dir))
			buf_addc(to, '\\');
		buf_addc(to, *dir);
	}
}

static char *
absolute_pattern(const char *pattern, const char *base)
{
	cleanup_buf struct buf whole = BUF_INIT;
	size_t len = strlen(pattern);

	if (*pattern != '/') {
		add_literal(&whole, base);
		buf_addc(&whole, '/');
	}
	buf_adds(&whole, pattern);
	if (len && pattern[len - 1] == '/')
		buf_adds(&whole, "**");
	return fs_normalise(whole.s);
}

int
declare_path(const char *pattern, const char *base,
             const struct destination *dest, struct declared_list *to,
             struct declared **ret)
{
	cleanup_free char *joined = fs_join(base, pattern);
	cleanup_free char *clean = NULL;
	size_t len = strlen(pattern);
	struct declared *d;

	if (!len || (dest->artifact_path &&
	             artifact_path_clean(dest->artifact_path, &clean)))
		return -1;
	d = declared_add(to);
	if (is_pattern(pattern)) {
		d->kind = DECLARED_GLOB;
		d->path = absolute_pattern(pattern, base);
	} else {
		d->kind =
		    pattern[len - 1] == '/' ? DECLARED_DIR : DECLARED_FILE;
		d->path = fs_normalise(joined);
	}
	d->artifact_path = mem_steal(&clean);
	d->run_id = mem_dup(dest->run_id);
	d->name = mem_dup(pattern);
	*ret = d;
	return 0;
}

/* Splits at the last "=" without a backslash; "\=" becomes "=". */
static char *
split(const char *text, char **glob)
{
	const char *at = NULL;
	cleanup_buf struct buf left = BUF_INIT;

	for (const char *p = text; *p; p++)
		if (*p == '=' && (p == text || p[-1] != '\\'))
			at = p;
	for (const char *p = text; *p && p != at; p++)
		if (*p != '\\' || p[1] != '=')
			buf_addc(&left, *p);
	*glob = buf_detach(&left);
	return at ? mem_dup(at + 1) : NULL;
}

int
declare_flag(const char *text, const char *base, struct declared_list *to,
             struct err *err)
{
	cleanup_free char *glob = NULL;
	cleanup_free char *dest_path = split(text, &glob);
	struct destination dest = {.artifact_path = dest_path};
	struct declared *d;

	if (!*glob)
		return err_set(err, ERR_USAGE,
		               "-a '%s': a path or pattern is missing", text);
	if (declare_path(glob, base, &dest, to, &d))
		return err_set(err, ERR_USAGE,
		               "-a '%s': what follows '=' must be relative and "
		               "without '..'",
		               text);
	mem_replace(&d->name, mem_dup(text));
	return 0;
}

void
declare_exclude(const char *pattern, const char *base, struct declared_list *to)
{
	cleanup_free char *whole = NULL;

	if (!strchr(pattern, '/')) {
		declared_exclude(to, pattern);
		return;
	}
	whole = absolute_pattern(pattern, base);
	declared_exclude(to, whole);
}
