/* SPDX-License-Identifier: MIT */
/* spool_list.c - the spools of a place, by their age */
#include "stage/spool_list.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/strv.h"

enum { ID_LEN = 32 };

/* A spool and when it was made, which is when its lock was. */
struct aged {
	char *dir;
	struct timespec made;
};

static int
compare_age(const void *a, const void *b)
{
	const struct aged *x = a;
	const struct aged *y = b;

	if (x->made.tv_sec != y->made.tv_sec)
		return x->made.tv_sec < y->made.tv_sec ? -1 : 1;
	if (x->made.tv_nsec != y->made.tv_nsec)
		return x->made.tv_nsec < y->made.tv_nsec ? -1 : 1;
	return strcmp(x->dir, y->dir);
}

static struct aged
look_at(const char *place, const char *name)
{
	struct aged ret = {.dir = fs_join(place, name)};
	cleanup_free char *lock = fs_join(ret.dir, "lock");
	struct stat st;

	if (!lstat(lock, &st))
		ret.made = st.st_mtim;
	return ret;
}

void
spool_list(const char *place, struct strv *to)
{
	DIR *dir = opendir(place);
	cleanup_free struct aged *found = NULL;
	struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir))) {
		if (strspn(entry->d_name, "0123456789abcdef") != ID_LEN ||
		    entry->d_name[ID_LEN])
			continue;
		found = mem_grow(found, n + 1, sizeof(*found));
		found[n++] = look_at(place, entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (n)
		qsort(found, n, sizeof(*found), compare_age);
	for (size_t i = 0; i < n; i++)
		strv_take(to, found[i].dir);
}
