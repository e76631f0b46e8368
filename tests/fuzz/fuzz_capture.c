/* SPDX-License-Identifier: MIT */
/* fuzz_capture.c - an image that CMD has scribbled over, read to its end */
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "fuzz.h"
#include "kmlflow/image.h"
#include "stage/capture.h"

static void
check(const struct event *e)
{
	if (e->kind < EVENT_WRITE || e->kind > EVENT_LAUNCH_OFF || !*e->path ||
	    (e->path2 && !*e->path2))
		__builtin_trap();
}

static void
read_all(int fd)
{
	cleanup_free char *path = mem_printf("/proc/self/fd/%d", fd);
	struct capture_health health;
	struct err err = ERR_INIT;
	struct capture *c = NULL;
	uint64_t last = 0;
	struct event e;

	if (capture_open(path, &c, &err))
		return;
	while (capture_next(c, &e)) {
		check(&e);
		if (e.seq < last)
			__builtin_trap();
		last = e.seq + 1;
	}
	capture_get_health(c, &health);
	(void)capture_is_dirty(c, 0);
	capture_close(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct kmlflow_image fixed = {
	    .magic = KMLFLOW_MAGIC,
	    .version = KMLFLOW_VERSION_IMAGE,
	};
	const size_t len = offsetof(struct kmlflow_image, n_rules);
	cleanup_fd int fd = memfd_create("image", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	read_all(fd);
	/* Nothing is found behind a wrong number at the start. */
	if (size >= sizeof(fixed) && pwrite(fd, &fixed, len, 0) == (ssize_t)len)
		read_all(fd);
	return 0;
}
