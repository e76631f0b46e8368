/* SPDX-License-Identifier: MIT */
/* capture_joining.c - one more program in an image that is in use */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "kmlflow/hash.h"
#include "kmlflow/image.h"
#include "stage/capture.h"

/* As the library does it; NULL: all places that the key may have are taken. */
static struct kmlflow_program *
search(struct kmlflow_program *table, uint32_t n, uint64_t key)
{
	for (uint32_t i = 0; i < KMLFLOW_PROGRAM_TRIES; i++) {
		struct kmlflow_program *p =
		    &table[kmlflow_program_place(key, i, n)];
		uint64_t found = 0;

		if (__atomic_compare_exchange_n(&p->key, &found, key, false,
		                                __ATOMIC_RELAXED,
		                                __ATOMIC_RELAXED) ||
		    found == key)
			return p;
	}
	return NULL;
}

static void
count_launch(struct kmlflow_front *f, const char *cmd)
{
	cleanup_free char *name = fs_basename(cmd);
	uint64_t key = kmlflow_program_key(name, strlen(name));
	struct kmlflow_program *p =
	    search(f->programs, KMLFLOW_PROGRAMS_NEAR, key);

	if (!p)
		p = search(f->programs + KMLFLOW_PROGRAMS_NEAR,
		           KMLFLOW_PROGRAMS - KMLFLOW_PROGRAMS_NEAR, key);
	if (p)
		__atomic_fetch_add(&p->launches, 1, __ATOMIC_RELAXED);
	else
		__atomic_fetch_add(&f->image.crowded, 1, __ATOMIC_RELAXED);
}

int
capture_announce_joining(const char *value, const char *cmd, struct err *err)
{
	const char *path = strchr(value, ':') + 1;
	cleanup_fd int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct kmlflow_front *f;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return err_sys(err, "open '%s'", path);
	if (st.st_size < (off_t)sizeof(*f))
		return err_set(err, ERR_FORMAT, "'%s': not an image", path);
	f = mmap(NULL, sizeof(*f), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (f == MAP_FAILED)
		return err_sys(err, "map '%s'", path);
	count_launch(f, cmd);
	munmap(f, sizeof(*f));
	return 0;
}
