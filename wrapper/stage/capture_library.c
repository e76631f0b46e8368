/* SPDX-License-Identifier: MIT */
/* capture_library.c - where the library is, and the variables that load it */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "kmlflow/image.h"
#include "stage/capture.h"

#ifndef KMLFLOW_LIBDIR
#define KMLFLOW_LIBDIR "/usr/local/lib"
#endif

/*
 * The link's name matters, and that it is one: AddressSanitizer's runtime lets
 * a library come first that is called "libasan.so" in some way, but where it
 * is linked into the program, no mapped file may be called so.
 */
#define LINK_DIR "libasan.so.dir"
#define LIBRARY_NAME "kmlflow.so"
#define LIBRARY "kmlflow/" LINK_DIR "/" LIBRARY_NAME

/* 'path' as one entry of a directory that is resolved; NULL if absent. */
static char *
existing(const char *path)
{
	cleanup_free char *dir = fs_dirname(path);
	cleanup_free char *name = fs_basename(path);
	cleanup_free char *real = realpath(dir, NULL);
	cleanup_free char *joined = real ? fs_join(real, name) : NULL;

	return joined && !access(joined, R_OK) ? mem_steal(&joined) : NULL;
}

/* What our own loader puts for $LIB; NULL: not known. */
static int
visit(struct dl_phdr_info *info, size_t size, void *ret)
{
	static const char *const known[] = {"/lib/x86_64-linux-gnu", "/lib64",
	                                    "/lib"};
	const char *name = info->dlpi_name;
	const char *end = name ? strstr(name, "/libc.so.6") : NULL;

	(void)size;
	for (size_t i = 0; end && i < ARRAY_LEN(known); i++) {
		size_t len = strlen(known[i]);

		if ((size_t)(end - name) >= len &&
		    !strncmp(end - len, known[i], len)) {
			*(const char **)ret = known[i];
			return 1;
		}
	}
	return 0;
}

/*
 * The name that stands for the library 'path' and for the one beside it that
 * 32-bit programs can load, see scripts/link-preload; or 'path' itself.
 */
static char *
of_every_kind(const char *path)
{
	cleanup_free char *dir = fs_dirname(path);
	cleanup_free char *both = mem_printf("%s/$LIB/" LIBRARY_NAME, dir);
	cleanup_free char *ours = NULL;
	const char *kind = NULL;
	struct stat a;
	struct stat b;

	dl_iterate_phdr(visit, &kind);
	ours = mem_printf("%s%s/" LIBRARY_NAME, dir, kind ? kind : "");
	return kind && !access(both, R_OK) && !stat(path, &a) &&
	               !stat(ours, &b) && a.st_ino == b.st_ino &&
	               a.st_dev == b.st_dev
	           ? mem_steal(&both)
	           : mem_dup(path);
}

static char *
find(void)
{
	cleanup_free char *exe = realpath("/proc/self/exe", NULL);
	cleanup_free char *bin = exe ? fs_dirname(exe) : NULL;
	const char *near[] = {"lib", "lib64"};

	for (size_t i = 0; bin && i < ARRAY_LEN(near); i++) {
		cleanup_free char *path =
		    mem_printf("%s/../%s/" LIBRARY, bin, near[i]);
		char *found = existing(path);

		if (found)
			return found;
	}
	return existing(KMLFLOW_LIBDIR "/" LIBRARY);
}

/* A directory of ours alone, made if it is missing. */
static int
own_dir(const char *path, struct err *err)
{
	struct stat st;

	if (mkdir(path, 0700) && errno != EEXIST)
		return err_sys(err, "create directory '%s'", path);
	if (lstat(path, &st))
		return err_sys(err, "stat '%s'", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 022)
		return err_set(err, ERR_SYS, "'%s' belongs to somebody else",
		               path);
	return 0;
}

/* A link to 'library' below 'base' that has no space and no colon. */
static char *
link_below(const char *base, const char *library, struct err *err)
{
	cleanup_free char *own =
	    mem_printf("%s/kmlflow-%lu", base, (unsigned long)geteuid());
	cleanup_free char *dir = mem_printf("%s/" LINK_DIR, own);
	cleanup_free char *path = mem_printf("%s/" LIBRARY_NAME, dir);
	cleanup_free char *temp = mem_printf("%s.%ld", path, (long)getpid());

	if (own_dir(own, err) || own_dir(dir, err))
		return NULL;
	unlink(temp);
	if (symlink(library, temp) || rename(temp, path)) {
		err_sys(err, "link '%s'", path);
		return NULL;
	}
	return mem_steal(&path);
}

static bool
is_clean(const char *path)
{
	return !strpbrk(path, " :");
}

char *
capture_find_library(struct err *err)
{
	const char *bases[] = {getenv("XDG_RUNTIME_DIR"), "/dev/shm", "/tmp"};
	const char *given = getenv("KMLFLOW_PRELOAD");
	bool own = !given || !*given;
	cleanup_free char *path = own ? find() : existing(given);

	if (!path) {
		err_set(err, ERR_NOTFOUND,
		        "the library " LIBRARY " is not beside the program "
		        "nor in " KMLFLOW_LIBDIR "; set KMLFLOW_PRELOAD");
		return NULL;
	}
	if (is_clean(path))
		return own ? of_every_kind(path) : mem_steal(&path);
	for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
		char *link;

		if (!bases[i] || *bases[i] != '/' || !is_clean(bases[i]))
			continue;
		link = link_below(bases[i], path, err);
		if (link)
			return link;
	}
	err_wrap(err, "'%s' has a space or a colon", path);
	return NULL;
}
