/* SPDX-License-Identifier: MIT */
/* places.c - where else this user has spools */
#include "stage/places.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/strv.h"
#include "kmlflow/hash.h"
#include "stage/spool_list.h"

/* NULL: it is not chosen by the user. */
static const char *
state_home(void)
{
	const char *state = getenv("XDG_STATE_HOME");

	return state && *state == '/' ? state : NULL;
}

/* The directory of links; NULL: there is no home. */
static char *
links_dir(void)
{
	const char *state = state_home();
	const char *home = getenv("HOME");

	if (state)
		return fs_join(state, "kmlflow/places");
	return home && *home == '/'
	           ? fs_join(home, ".local/state/kmlflow/places")
	           : NULL;
}

/*
 * Shared by those who note, alone for one who forgets: what is noted after a
 * spool has been made is not forgotten because it was not there before.
 */
static int
lock_links(const char *dir, int how)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, how) && errno == EWOULDBLOCK)
		fd_close_ptr(&fd);
	return fd;
}

static char *
link_of(const char *dir, const char *place)
{
	return mem_printf("%s/%016" PRIx64, dir,
	                  kmlflow_hash(KMLFLOW_SEED_NAME, place,
	                               strlen(place)));
}

void
places_note(const char *place)
{
	cleanup_free char *dir = links_dir();
	cleanup_free char *link = dir ? link_of(dir, place) : NULL;

	/* Somebody else may be removing a directory that has become empty. */
	for (int i = 0; dir && i < 3; i++) {
		struct err ignored = ERR_INIT;
		cleanup_fd int lock = lock_links(dir, LOCK_SH);

		if (lock < 0 && !fs_mkdirs(dir, 0700, &ignored))
			lock = lock_links(dir, LOCK_SH);
		if (lock < 0 || !symlink(place, link) || errno != ENOENT)
			return; /* a read-only home has no note */
	}
}

static bool
has_spools(const char *place)
{
	cleanup_strv struct strv spools = STRV_INIT;

	spool_list(place, &spools);
	return spools.n > 0;
}

/* A home that had nothing of ours has nothing of ours again. */
static void
remove_empty(char **dir)
{
	/* kmlflow/places, and what we may have made above: .local/state */
	int levels = state_home() ? 2 : 4;

	while (levels-- && !rmdir(*dir))
		mem_replace(dir, fs_dirname(*dir));
}

void
places_forget(const char *place)
{
	cleanup_free char *dir = links_dir();
	cleanup_free char *link = dir ? link_of(dir, place) : NULL;
	cleanup_fd int lock = dir ? lock_links(dir, LOCK_EX | LOCK_NB) : -1;

	if (lock >= 0 && !has_spools(place) && !unlink(link))
		remove_empty(&dir);
}

static void
read_link(const char *dir, const char *name, bool may_forget, struct strv *to)
{
	cleanup_free char *link = fs_join(dir, name);
	char place[PATH_MAX];
	ssize_t n = readlink(link, place, sizeof(place) - 1);

	if (n <= 0)
		return;
	place[n] = '\0';
	if (has_spools(place)) {
		if (!strv_has(to, place))
			strv_add(to, place);
	} else if (may_forget && unlink(link)) {
		return; /* another time, then */
	}
}

void
places_known(struct strv *to)
{
	cleanup_free char *path = links_dir();
	cleanup_fd int lock = path ? lock_links(path, LOCK_EX | LOCK_NB) : -1;
	DIR *dir = path ? opendir(path) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			read_link(path, entry->d_name, lock >= 0, to);
	if (dir)
		closedir(dir);
}
