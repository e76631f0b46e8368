/* SPDX-License-Identifier: MIT */
/* body.c - sending files that change while they are sent */
#include "store/body.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"

enum { SHRINKS_MAX = 3, UNSIZED_MAX = 64 << 20 };

/* "/proc/…" and the like: the size is known when all is read. */
static int
read_unsized(int fd, struct buf *all, struct err *err)
{
	char chunk[16384];
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), (off_t)all->len))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read");
		if (all->len > UNSIZED_MAX)
			return err_set(err, ERR_FORMAT,
			               "a file without a size that does not "
			               "end");
		buf_add(all, chunk, (size_t)n);
	}
	return 0;
}

static int
send_unsized(int fd, body_sender *send, void *ctx, struct err *err)
{
	cleanup_buf struct buf all = BUF_INIT;
	struct body b = {.fd = -1};
	bool shrank = false;

	if (read_unsized(fd, &all, err))
		return -1;
	b.data = all.s;
	b.size = (off_t)all.len;
	return send(ctx, &b, &shrank, err);
}

int
body_send(int fd, off_t size, body_sender *send, void *ctx, struct err *err)
{
	struct body b = {.fd = fd, .size = size};

	if (!size)
		return send_unsized(fd, send, ctx, err);
	for (int i = 0;; i++) {
		bool shrank = false;
		struct stat st;

		if (!send(ctx, &b, &shrank, err))
			return 0;
		if (fstat(fd, &st))
			return err_sys(err, "fstat");
		if ((st.st_size >= b.size && !shrank) || i == SHRINKS_MAX)
			return -1;
		b.size = st.st_size;
		if (!b.size)
			b.data = "";
	}
}
