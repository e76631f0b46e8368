/* SPDX-License-Identifier: MIT */
/* capture_announce.c - tells the image that CMD is about to be started */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "kmlflow/hash.h"
#include "kmlflow/image.h"
#include "stage/capture.h"
#include "stage/program.h"

enum { TEXT = offsetof(struct kmlflow_record, text) };

/* The image is new: the first place that a key may have is free. */
static int
count_launch(int fd, const char *name, struct err *err)
{
	uint64_t key = kmlflow_program_key(name, strlen(name));
	struct kmlflow_program p = {.key = key, .launches = 1};
	off_t at =
	    offsetof(struct kmlflow_front, programs) +
	    (off_t)(kmlflow_program_place(key, 0, KMLFLOW_PROGRAMS_NEAR) *
	            sizeof(p));

	if (pwrite(fd, &p, sizeof(p), at) != sizeof(p))
		return err_sys(err, "write the image");
	return 0;
}

/* In the first slots, before anybody else has some. */
static int
write_record(int fd, const char *path, bool off, struct err *err)
{
	size_t len = strlen(path);
	uint64_t n = (TEXT + len + 2 + KMLFLOW_SLOT - 1) / KMLFLOW_SLOT;
	cleanup_free char *text = mem_alloc(n * KMLFLOW_SLOT);
	struct kmlflow_record *r = (void *)text;
	struct kmlflow_image h;

	if (n > KMLFLOW_RECORD_SLOTS)
		return 0; /* execve(2) will not take it either */
	if (pread(fd, &h, sizeof(h), 0) != sizeof(h))
		return err_sys(err, "read the image");
	r->mark = KMLFLOW_MARK(0);
	r->slots = (uint16_t)n;
	r->kind = off ? EVENT_LAUNCH_OFF : EVENT_LAUNCH;
	r->rule = KMLFLOW_NO_RULE;
	r->len = (uint16_t)len;
	memcpy(text + TEXT, path, len + 1);
	if (pwrite(fd, text, n * KMLFLOW_SLOT, (off_t)h.arena) !=
	        (ssize_t)(n * KMLFLOW_SLOT) ||
	    pwrite(fd, &n, sizeof(n), offsetof(struct kmlflow_image, tail)) !=
	        sizeof(n))
		return err_sys(err, "write the image");
	return 0;
}

int
capture_announce(const char *value, const char *cmd, bool off, struct err *err)
{
	const char *path = strchr(value, ':') + 1;
	cleanup_free char *found = program_find(cmd);
	cleanup_free char *name = fs_basename(cmd);
	cleanup_fd int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "open '%s'", path);
	if (write_record(fd, found ? found : cmd, off, err))
		return -1;
	return count_launch(fd, name, err);
}
