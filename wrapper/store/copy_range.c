/* SPDX-License-Identifier: MIT */
/* copy_range.c - the bytes of one file into another, the cheapest way */
#include "store/copy_range.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

enum {
	DATA = 256 * 1024,
	SMALL = 64 * 1024, /* up to here one read and one write are quickest */
	KERNEL = 64 << 20, /* a slow disk does this in a second */
};

static bool (*stop_wanted)(void);

void
copier_set_stop(bool (*wanted)(void))
{
	stop_wanted = wanted;
}

static bool
is_to_stop(void)
{
	return stop_wanted && stop_wanted();
}

void
copier_free(struct copier *c)
{
	free(c->data);
	c->data = NULL;
}

static char *
data_of(struct copier *c)
{
	if (!c->data)
		c->data = mem_alloc(DATA);
	return c->data;
}

static ssize_t
read_at(int fd, char *to, size_t len, off_t at)
{
	ssize_t n;

	do
		n = pread(fd, to, len, at);
	while (n < 0 && errno == EINTR);
	return n;
}

static int
write_at(int fd, const char *from, size_t len, off_t at, struct err *err)
{
	while (len) {
		ssize_t n = pwrite(fd, from, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "write");
		from += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Within the kernel; how far it got, 'at' if it cannot. */
static off_t
copy_kernel(struct copier *c, int from, int to, off_t at, off_t end)
{
	while (at < end && !c->no_kernel && !is_to_stop()) {
		off_t in = at, out = at;
		size_t want = end - at < KERNEL ? (size_t)(end - at) : KERNEL;
		ssize_t n = copy_file_range(from, &in, to, &out, want, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			c->no_kernel = errno == ENOSYS || errno == EXDEV;
		if (n <= 0)
			break;
		at += n;
	}
	return at;
}

/* The bytes from 'at' to 'end' (-1: the file's end). */
static int
copy_part(struct copier *c, int from, int to, off_t at, off_t end,
          struct err *err)
{
	if (end - at > SMALL)
		at = copy_kernel(c, from, to, at, end);
	while (end < 0 || at < end) {
		size_t want =
		    end < 0 || end - at > DATA ? DATA : (size_t)(end - at);
		ssize_t n = read_at(from, data_of(c), want, at);

		if (n < 0)
			return err_sys(err, "read");
		if (n == 0)
			break;
		if (is_to_stop())
			return err_set(err, ERR_RETRY, "interrupted");
		if (write_at(to, c->data, (size_t)n, at, err))
			return -1;
		at += n;
	}
	return 0;
}

/* Data by data; what lies between stays a hole. */
static int
copy_sparse(struct copier *c, int from, int to, off_t size, struct err *err)
{
	off_t at = 0;

	if (ftruncate(to, size))
		return err_sys(err, "truncate");
	while (at < size) {
		off_t start = lseek(from, at, SEEK_DATA);
		off_t end;

		if (start < 0 && errno == ENXIO)
			return 0; /* a hole up to the end */
		end = start < 0 ? -1 : lseek(from, start, SEEK_HOLE);
		if (end < 0)
			return copy_part(c, from, to, at, size, err);
		if (end > size)
			end = size;
		if (start < end && copy_part(c, from, to, start, end, err))
			return -1;
		at = end;
	}
	return 0;
}

/* Sharing the blocks costs nothing, where the file system can. */
static bool
clone(struct copier *c, int from, int to, off_t size)
{
	struct stat st;

	if (c->no_clone || size <= SMALL)
		return false;
	if (ioctl(to, FICLONE, from)) {
		c->no_clone = errno != ETXTBSY;
		return false;
	}
	/* It grew meanwhile: what is beyond is not ours to store. */
	return !fstat(to, &st) && (st.st_size <= size || !ftruncate(to, size));
}

int
copier_run(struct copier *c, int from, int to, off_t size, struct err *err)
{
	struct stat st;

	if (size == 0)
		return copy_part(c, from, to, 0, -1, err);
	if (clone(c, from, to, size))
		return 0;
	if (size > SMALL && !fstat(from, &st) && st.st_size >= size &&
	    st.st_blocks * 512 < st.st_size)
		return copy_sparse(c, from, to, size, err);
	return copy_part(c, from, to, 0, size, err);
}

int
copier_same(struct copier *c, int a, int b, off_t size, struct err *err)
{
	const size_t half = DATA / 2;
	char *data = data_of(c);

	for (off_t at = 0; at < size;) {
		ssize_t n = read_at(a, data, half, at);
		ssize_t m = n > 0 ? read_at(b, data + half, (size_t)n, at) : n;

		if (n < 0 || m < 0)
			return err_sys(err, "read");
		if (m == 0 || memcmp(data, data + half, (size_t)m) != 0)
			return 0;
		at += m;
	}
	return 1;
}
