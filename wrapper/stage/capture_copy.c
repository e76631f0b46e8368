/* SPDX-License-Identifier: MIT */
/* capture_copy.c - an image brought to where another machine reads it */
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "kmlflow/image.h"
#include "stage/capture.h"
#include "store/copy_range.h"

int
capture_copy(const char *from, const char *to, struct err *err)
{
	cleanup_fd int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	cleanup_fd int out =
	    in < 0 ? -1
		   : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct kmlflow_image h;
	struct copier copier = {.data = NULL};
	uint64_t slots;
	int failed;

	if (in < 0 || out < 0)
		return err_sys(err, "open '%s'", in < 0 ? from : to);
	if (pread(in, &h, sizeof(h), 0) != (ssize_t)sizeof(h) ||
	    h.magic != KMLFLOW_MAGIC)
		return err_set(err, ERR_FORMAT, "'%s': not an image", from);
	/* More than the file has is no harm: the copy ends with it. */
	slots = h.tail < h.allocated ? h.tail : h.allocated;
	if (slots > h.slots)
		slots = h.slots;
	failed = copier_run(&copier, in, out,
	                    (off_t)(h.arena + slots * KMLFLOW_SLOT), err);
	copier_free(&copier);
	return failed;
}
