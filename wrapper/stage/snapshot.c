/* SPDX-License-Identifier: MIT */
/* snapshot.c - what declared files were like before CMD started */
#include "stage/snapshot.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/declared.h"
#include "stage/walk.h"

/* Kernels before 6.13 stamp files by a clock that ticks each 1 to 10 ms. */
#define RACY_NS INT64_C(20000000)

enum { SNAPSHOT_MAX = 1 << 30 };

int64_t
stamp_written(const struct stat *st, int64_t start)
{
	int64_t modified = clock_ms(st->st_mtim);

	return modified < start ? clock_ms(st->st_ctim) : modified;
}

static int64_t
nanoseconds(struct timespec ts)
{
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void
stamp_of(const struct stat *st, struct stamp *ret)
{
	*ret = (struct stamp){
	    .dev = st->st_dev,
	    .ino = st->st_ino,
	    .size = st->st_size,
	    .mtime_ns = nanoseconds(st->st_mtim),
	    .ctime_ns = nanoseconds(st->st_ctim),
	};
}

static void
note(void *arg, const char *path, const char *relative, const struct stat *st)
{
	struct snapshot *s = arg;
	void **at = map_at(&s->files, path);

	(void)relative;
	if (!*at)
		*at = mem_alloc(sizeof(struct stamp));
	stamp_of(st, *at);
}

void
snapshot_take(const struct declared_list *list, struct snapshot *ret)
{
	struct timespec now;

	*ret = (struct snapshot){.files = MAP_INIT};
	clock_gettime(CLOCK_REALTIME, &now);
	ret->time_ns = nanoseconds(now);
	for (size_t i = 0; i < list->n; i++)
		walk_declared(&list->v[i], note, NULL, ret);
}

void
snapshot_free(struct snapshot *s)
{
	map_free(&s->files, free);
}

int
snapshot_save(const struct snapshot *s, const char *path, struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT;

	buf_addf(&out, "%" PRId64 "\n", s->time_ns);
	for (size_t i = 0; i < s->files.n; i++) {
		const struct stamp *t = s->files.v[i].value;

		buf_addf(&out,
		         "%" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64
		         " %" PRId64 " ",
		         t->dev, t->ino, t->size, t->mtime_ns, t->ctime_ns);
		enc_percent(&out, s->files.v[i].key, "/");
		buf_addc(&out, '\n');
	}
	return fs_write_atomic(path, out.s, out.len, 0600, err);
}

static void
load_line(struct snapshot *s, const char *line)
{
	cleanup_buf struct buf path = BUF_INIT;
	struct stamp t;
	int at = 0;
	void **to;

	if (sscanf(line,
	           "%" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNd64 " %" SCNd64
	           " %n",
	           &t.dev, &t.ino, &t.size, &t.mtime_ns, &t.ctime_ns,
	           &at) != 5 ||
	    !at)
		return;
	enc_unpercent(&path, line + at);
	to = map_at(&s->files, path.s);
	if (!*to)
		*to = mem_alloc(sizeof(t));
	memcpy(*to, &t, sizeof(t));
}

int
snapshot_load(const char *path, struct snapshot *ret, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT;
	char *line;
	char *next;

	if (fs_read(path, SNAPSHOT_MAX, &text, err))
		return -1;
	*ret = (struct snapshot){.files = MAP_INIT};
	ret->time_ns = strtoll(text.s, &next, 10);
	if (next == text.s || *next != '\n')
		return err_set(err, ERR_FORMAT, "'%s' is not a snapshot", path);
	for (line = next + 1; (next = strchr(line, '\n')); line = next + 1) {
		*next = '\0';
		load_line(ret, line);
	}
	return 0;
}

enum snapshot_verdict
snapshot_compare(const struct snapshot *s, const char *path,
                 const struct stat *now)
{
	const struct stamp *before = map_get(&s->files, path);
	struct stamp t;

	if (!before)
		return SNAPSHOT_NEW;
	stamp_of(now, &t);
	if (before->dev != t.dev || before->ino != t.ino ||
	    before->size != t.size || before->mtime_ns != t.mtime_ns)
		return SNAPSHOT_CHANGED;
	if (before->ctime_ns != t.ctime_ns)
		return SNAPSHOT_TOUCHED;
	return before->ctime_ns > s->time_ns - RACY_NS ? SNAPSHOT_RACY
	                                               : SNAPSHOT_SAME;
}
