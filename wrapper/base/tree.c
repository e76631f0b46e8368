/* SPDX-License-Identifier: MIT */
/* tree.c - all files below a directory */
#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/strv.h"

enum { DEPTH_MAX = 100 };

struct walk {
	tree_fn *fn;
	void *arg;
	size_t skip; /* bytes of a path that are the root's */
	struct err *err;
};

static int
list(const char *path, struct strv *names, struct err *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int failed = 0;

	if (!dir)
		return errno == ENOENT
		           ? 0
		           : err_sys(err, "read directory '%s'", path);
	while (errno = 0, (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			strv_add(names, entry->d_name);
	if (errno)
		failed = err_sys(err, "read directory '%s'", path);
	closedir(dir);
	strv_sort(names);
	return failed;
}

static int
walk(const struct walk *w, const char *path, int depth)
{
	cleanup_strv struct strv names = STRV_INIT;

	if (list(path, &names, w->err))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		cleanup_free char *below = fs_join(path, names.v[i]);
		struct stat st;
		int got = 0;

		if (lstat(below, &st))
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			got = walk(w, below, depth + 1);
		else if (S_ISREG(st.st_mode))
			got = w->fn(w->arg, below, below + w->skip, &st);
		if (got)
			return got;
	}
	return 0;
}

int
tree_files(const char *root, tree_fn *fn, void *arg, struct err *err)
{
	const struct walk w = {
	    .fn = fn,
	    .arg = arg,
	    .skip = strlen(root) + 1,
	    .err = err,
	};

	return walk(&w, root, 0);
}
