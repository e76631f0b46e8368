/* SPDX-License-Identifier: MIT */
/* conf_files.c - which files of a conf/ directory belong to which type */
#include "model/conf_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

/* Links may make a directory its own child; nobody nests this deeply. */
enum { MAX_DEPTH = 16, MAX_FILES = 20000 };

struct scan {
	const char *shown;
	struct buf path; /* relative to the start, of what is looked at */
	int depth;
	struct strv *to;
	struct err *err;
};

static int scan_fd(struct scan *s, int fd);

/* In the order of how likely they are; the first three are ours. */
static const char *const extensions[] = {".yml", ".yaml",   ".json",
                                         ".ini", ".pickle", ".properties",
                                         ".xml"};
enum { N_OURS = 3 };

static bool
has_extension(const char *name, size_t known)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < known; i++)
		if (!strcmp(dot, extensions[i]))
			return true;
	return false;
}

bool
conf_files_is_ours(const char *path)
{
	return has_extension(path, N_OURS);
}

static int
refused(struct scan *s)
{
	return err_at(s->err, s->shown, 0, 0,
	              "%s%scannot be read: %s; correct its permissions",
	              s->path.s, s->path.len ? ": " : "", strerror(errno));
}

static int
scan_entry(struct scan *s, int dirfd, const struct dirent *entry)
{
	struct stat st;
	mode_t type = DTTOIF(entry->d_type);

	if (entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK)
		type = fstatat(dirfd, entry->d_name, &st, 0) ? 0 : st.st_mode;
	if (S_ISREG(type) &&
	    has_extension(entry->d_name, ARRAY_LEN(extensions))) {
		if (s->to->n >= MAX_FILES)
			return err_at(s->err, s->shown, 0, 0,
			              "more than %d files", MAX_FILES);
		strv_add(s->to, s->path.s);
	}
	if (!S_ISDIR(type) || s->depth == MAX_DEPTH)
		return 0;
	return scan_fd(s, openat(dirfd, entry->d_name,
	                         O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* Takes over 'fd', which may be -1 with errno set. */
static int
scan_fd(struct scan *s, int fd)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	size_t len = s->path.len;
	struct dirent *entry;
	int ret = 0;

	if (!dir)
		return refused(s);
	s->depth++;
	while (errno = 0, !ret && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		buf_addf(&s->path, "%s%s", len ? "/" : "", entry->d_name);
		ret = scan_entry(s, fd, entry);
		buf_cut(&s->path, len);
	}
	if (!ret && errno)
		ret = refused(s);
	s->depth--;
	closedir(dir);
	return ret;
}

int
conf_files_scan(const char *dir, const char *shown, struct strv *to,
                struct err *err)
{
	struct scan s = {.shown = shown,
	                 .path = BUF_INIT,
	                 .to = to,
	                 .err = err};
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	ret = scan_fd(&s, fd);
	buf_free(&s.path);
	strv_sort(to);
	return ret;
}

bool
conf_files_match(const char *path, const char *type)
{
	const char *base = strrchr(path, '/');
	size_t len = strlen(type);

	/* The one type that is a single file. */
	if (!strcmp(type, "globals"))
		return !strcmp(path, "globals.yml");
	return !strncmp(path, type, len) ||
	       (base && !strncmp(base + 1, type, len));
}

static bool
segment_match(const char *pattern, size_t plen, const char *path, size_t len)
{
	cleanup_free char *p = mem_ndup(pattern, plen);
	cleanup_free char *s = mem_ndup(path, len);

	return !fnmatch(p, s, FNM_PERIOD);
}

bool
conf_files_glob(const char *path, const char *pattern)
{
	size_t plen = strcspn(pattern, "/");
	size_t len = strcspn(path, "/");

	if (plen == 2 && !strncmp(pattern, "**", 2)) {
		if (!pattern[2])
			return true;
		for (;; path += len + 1) {
			if (conf_files_glob(path, pattern + 3))
				return true;
			len = strcspn(path, "/");
			if (!path[len])
				return false;
		}
	}
	if (!segment_match(pattern, plen, path, len))
		return false;
	if (!pattern[plen] || !path[len])
		return !pattern[plen] && !path[len];
	return conf_files_glob(path + len + 1, pattern + plen + 1);
}
