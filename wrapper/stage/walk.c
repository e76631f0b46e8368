/* SPDX-License-Identifier: MIT */
/* walk.c - the files that a declared path stands for at this moment */
#include "stage/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "model/declared.h"

/* Deeper trees than this are loops or accidents. */
enum { DEPTH_MAX = 256 };

struct walk {
	const struct declared *rule;
	walk_fn *fn;
	walk_unseen_fn *unseen;
	void *arg;
	struct buf path;
	size_t root_len; /* of the resolved root with its slash */
	size_t depth_max;
	const char *as_declared; /* the root as the rule spells it */
};

/* Length of the leading components that hold no pattern character. */
static size_t
literal_len(const char *pattern)
{
	size_t len = 0;

	for (size_t i = 0; pattern[i] && !strchr("*?[", pattern[i]); i++) {
		if (pattern[i] == '/')
			len = i;
		i += pattern[i] == '\\' && pattern[i + 1];
	}
	return len;
}

char *
walk_glob_root(const char *pattern)
{
	size_t len = literal_len(pattern);
	cleanup_buf struct buf root = BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		i += pattern[i] == '\\' && i + 1 < len;
		buf_addc(&root, pattern[i]);
	}
	return root.len ? buf_detach(&root) : mem_dup("/");
}

/* Whether the rule means this file, whose path below the root is 'rest'. */
static bool
wanted(const struct walk *w, const char *rest)
{
	cleanup_free char *spelled = NULL;

	if (w->rule->kind == DECLARED_FILE)
		return true;
	spelled = fs_join(w->as_declared, rest);
	return declared_match(w->rule, spelled);
}

static void
visit(struct walk *w, const struct stat *st)
{
	const char *rest = w->path.s + w->root_len;

	if (wanted(w, rest))
		w->fn(w->arg, w->path.s, rest, st);
}

static void
tell_unseen(const struct walk *w, const char *path)
{
	if (w->unseen && errno != ENOENT && errno != ENOTDIR)
		w->unseen(w->arg, path, errno);
}

static void walk_dir(struct walk *w, int fd, size_t depth);

/* Below the directory 'name', unless that is deeper than the rule goes. */
static void
descend(struct walk *w, int dirfd, const char *name, size_t depth)
{
	int fd;

	if (depth >= w->depth_max)
		return;
	fd = openat(dirfd, name,
	            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		tell_unseen(w, w->path.s);
		return;
	}
	buf_addc(&w->path, '/');
	walk_dir(w, fd, depth + 1);
}

static void
walk_entry(struct walk *w, int dirfd, const char *name, size_t depth)
{
	size_t len = w->path.len;
	struct stat st;

	buf_adds(&w->path, name);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		tell_unseen(w, w->path.s);
	else if (S_ISDIR(st.st_mode))
		descend(w, dirfd, name, depth);
	else if (!S_ISLNK(st.st_mode))
		visit(w, &st);
	else if (fstatat(dirfd, name, &st, 0))
		tell_unseen(w, w->path.s);
	else if (!S_ISDIR(st.st_mode))
		visit(w, &st);
	buf_cut(&w->path, len);
}

/* Closes 'fd'. */
static void
walk_dir(struct walk *w, int fd, size_t depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		tell_unseen(w, w->path.s);
		close(fd);
		return;
	}
	while (errno = 0, (entry = readdir(dir))) {
		const char *name = entry->d_name;
		/* A pattern may name hidden files: declared_match() knows. */
		bool hidden = *name == '.' && w->rule->kind != DECLARED_GLOB;

		if (!hidden && strcmp(name, ".") && strcmp(name, ".."))
			walk_entry(w, fd, name, depth);
	}
	if (errno)
		tell_unseen(w, w->path.s);
	closedir(dir);
}

static void
walk_tree(struct walk *w, const char *root)
{
	cleanup_free char *resolved = realpath(root, NULL);
	int fd;

	fd = resolved ? open(resolved, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd < 0) {
		tell_unseen(w, root);
		return;
	}
	w->as_declared = root;
	buf_adds(&w->path, resolved);
	if (strcmp(resolved, "/") != 0)
		buf_addc(&w->path, '/');
	w->root_len = w->path.len;
	walk_dir(w, fd, 0);
}

static void
walk_file(struct walk *w)
{
	cleanup_free char *dir = fs_dirname(w->rule->path);
	cleanup_free char *base = fs_basename(w->rule->path);
	cleanup_free char *parent = realpath(dir, NULL);
	cleanup_free char *path = parent ? fs_join(parent, base) : NULL;
	struct stat st;

	if (path && !stat(path, &st))
		w->fn(w->arg, path, NULL, &st);
	else
		tell_unseen(w, w->rule->path);
}

/* Components of the pattern below its root; no limit with "**". */
static size_t
glob_depth(const char *pattern)
{
	size_t n = 0;

	if (strstr(pattern, "**"))
		return DEPTH_MAX;
	for (const char *p = pattern + literal_len(pattern) + 1; *p; p++)
		n += *p == '/';
	return n;
}

void
walk_declared(const struct declared *d, walk_fn *fn, walk_unseen_fn *unseen,
              void *arg)
{
	cleanup_free char *root = NULL;
	struct walk w = {
	    .rule = d,
	    .fn = fn,
	    .unseen = unseen,
	    .arg = arg,
	    .path = BUF_INIT,
	    .depth_max = DEPTH_MAX,
	};

	switch (d->kind) {
	case DECLARED_FILE:
		if (fs_is_dir(d->path))
			walk_tree(&w, d->path);
		else
			walk_file(&w);
		break;
	case DECLARED_VERSIONED:
		w.depth_max = 1;
		walk_tree(&w, d->path);
		break;
	case DECLARED_DIR:
	case DECLARED_VERSIONED_DIR:
		walk_tree(&w, d->path);
		break;
	case DECLARED_GLOB:
		root = walk_glob_root(d->path);
		w.depth_max = glob_depth(d->path);
		walk_tree(&w, root);
		break;
	}
	buf_free(&w.path);
}
