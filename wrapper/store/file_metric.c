/* SPDX-License-Identifier: MIT */
/* file_metric.c - metric files of the local store: lines that are appended */
#include "store/file_metric.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/tree.h"
#include "model/run.h"
#include "store/tracking.h"

/* The points of one key: a part of the sorted array. */
struct part {
	const struct metric **v;
	size_t n;
};

static int
compare_value(double a, double b)
{
	if (isnan(a) || isnan(b))
		return !!isnan(a) - !!isnan(b);
	return (a > b) - (a < b);
}

static int
compare_point(const struct metric *a, const struct metric *b)
{
	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->timestamp != b->timestamp)
		return a->timestamp < b->timestamp ? -1 : 1;
	return compare_value(a->value, b->value);
}

/* qsort(3) and bsearch(3): both point to pointers. */
static int
compare(const void *a, const void *b)
{
	const struct metric *const *x = a;
	const struct metric *const *y = b;
	int order = strcmp((*x)->key, (*y)->key);

	return order ? order : compare_point(*x, *y);
}

/* In the order in which the caller gave them: they lie in one array. */
static int
compare_place(const void *a, const void *b)
{
	const struct metric *const *x = a;
	const struct metric *const *y = b;

	return (*x > *y) - (*x < *y);
}

/* The shortest text that reads back as the same number. */
static void
add_value(struct buf *to, double value)
{
	char text[40];

	if (isnan(value)) {
		buf_adds(to, "nan"); /* never "-nan" */
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (compare_value(strtod(text, NULL), value) == 0)
			break;
	}
	buf_adds(to, text);
	if (isfinite(value) && !strpbrk(text, ".e"))
		buf_adds(to, ".0");
}

/* "TIMESTAMP VALUE STEP", of other writers too; false: not such a line. */
static bool
parse_line(char *line, struct metric *ret)
{
	char *end;

	ret->timestamp = strtoll(line, &end, 10);
	if (end == line || *end != ' ')
		return false;
	line = end + 1;
	ret->value = strtod(line, &end);
	if (end == line || *end != ' ')
		return false;
	line = end + 1;
	ret->step = strtoll(line, &end, 10);
	return end != line && (*end == '\n' || *end == ' ' || !*end);
}

/*
 * Marks those of 'part' that the file has already.  *torn: its last line was
 * cut short, so ours must not go on with it.
 */
static int
mark_known(int fd, const struct part *part, bool *known, bool *torn,
           struct err *err)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	FILE *file = copy < 0 ? NULL : fdopen(copy, "r");
	struct metric m = {.key = part->v[0]->key};
	const struct metric *key = &m;
	char line[512];
	bool failed;

	if (!file) {
		err_sys(err, "read");
		if (copy >= 0)
			close(copy);
		return -1;
	}
	rewind(file);
	while (fgets(line, sizeof(line), file)) {
		const struct metric **at = NULL;

		*torn = !strchr(line, '\n');
		if (parse_line(line, &m))
			at = bsearch(&key, part->v, part->n, sizeof(*part->v),
			             compare);
		if (at)
			known[at - part->v] = true;
	}
	failed = ferror(file);
	fclose(file);
	return failed ? err_set(err, ERR_SYS, "read failed") : 0;
}

/* One write(2) of whole lines; what a full disk cut short is taken back. */
static int
append(int fd, const struct buf *lines, off_t size, struct err *err)
{
	ssize_t n = write(fd, lines->s, lines->len);
	int saved = n < 0 ? errno : ENOSPC;

	if (n == (ssize_t)lines->len)
		return 0;
	if (n > 0 && ftruncate(fd, size))
		return err_sys(err, "truncate");
	errno = saved;
	return err_sys(err, "write");
}

/* The lines of those that are not known, each point once. */
static void
add_lines(const struct part *part, const bool *known, struct buf *to)
{
	cleanup_free const struct metric **fresh =
	    mem_alloc(part->n * sizeof(*fresh));
	size_t n = 0;

	for (size_t i = 0; i < part->n; i++)
		if (!known[i] &&
		    (!i || compare_point(part->v[i], part->v[i - 1]) != 0))
			fresh[n++] = part->v[i];
	qsort(fresh, n, sizeof(*fresh), compare_place);
	for (size_t i = 0; i < n; i++) {
		buf_addf(to, "%lld ", (long long)fresh[i]->timestamp);
		add_value(to, fresh[i]->value);
		buf_addf(to, " %lld\n", (long long)fresh[i]->step);
	}
}

static int
put_part(int fd, const struct part *part, struct err *err)
{
	cleanup_free bool *known = mem_alloc(part->n);
	cleanup_buf struct buf lines = BUF_INIT;
	bool torn = false;
	struct stat st;

	/* Against another kmlflow on the same run; others do not lock. */
	flock(fd, LOCK_EX);
	if (fstat(fd, &st))
		return err_sys(err, "fstat");
	if (st.st_size && mark_known(fd, part, known, &torn, err))
		return -1;
	if (torn)
		buf_addc(&lines, '\n');
	add_lines(part, known, &lines);
	if (lines.len == torn)
		return 0;
	return append(fd, &lines, st.st_size, err);
}

static int
open_metric(const char *path, struct err *err)
{
	const int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC;
	int fd = open(path, flags, 0666);

	if (fd < 0 && errno == ENOENT) {
		if (fs_mkparents(path, 0777, err))
			return -1;
		fd = open(path, flags, 0666);
	}
	return fd < 0 ? err_sys(err, "open '%s'", path) : fd;
}

static int
put_key(const char *run_dir, const struct part *part, struct err *err)
{
	const char *key = part->v[0]->key;
	cleanup_free char *path = mem_printf("%s/metrics/%s", run_dir, key);
	cleanup_fd int fd = -1;

	if (tracking_check_key(key, err))
		return err_wrap(err, "metric");
	fd = open_metric(path, err);
	if (fd >= 0 && !put_part(fd, part, err))
		return 0;
	if (err->kind == ERR_SYS && (err->sys == ENAMETOOLONG ||
	                             err->sys == EISDIR || err->sys == ENOTDIR))
		err->kind = ERR_FORMAT;
	return err_wrap(err, "metric '%.80s'", key);
}

void
file_put_metrics(const char *run_dir, const struct metrics *all,
                 struct err *first)
{
	cleanup_free const struct metric **sorted = NULL;
	size_t n = all ? all->n : 0;
	size_t next;

	if (!n)
		return;
	sorted = mem_alloc(n * sizeof(*sorted));
	for (size_t i = 0; i < n; i++)
		sorted[i] = &all->v[i];
	qsort(sorted, n, sizeof(*sorted), compare);
	for (size_t i = 0; i < n; i = next) {
		struct part part = {.v = sorted + i};
		struct err e = ERR_INIT;

		for (next = i + 1; next < n; next++)
			if (strcmp(sorted[next]->key, sorted[i]->key) != 0)
				break;
		part.n = next - i;
		if (put_key(run_dir, &part, &e) && first->kind == ERR_NONE)
			*first = e;
	}
}

static int
last_step(const char *path, int64_t *step, struct err *err)
{
	FILE *file = fopen(path, "re");
	struct metric m;
	char line[512];
	bool failed;

	if (!file)
		return errno == ENOENT || errno == ENOTDIR
		           ? 0
		           : err_sys(err, "open '%s'", path);
	while (fgets(line, sizeof(line), file))
		if (parse_line(line, &m) && m.step > *step)
			*step = m.step;
	failed = ferror(file);
	fclose(file);
	return failed ? err_set(err, ERR_SYS, "read '%s' failed", path) : 0;
}

int
file_metric_steps(const char *run_dir, struct metrics *points, struct err *err)
{
	for (size_t i = 0; i < points->n; i++) {
		struct metric *m = &points->v[i];
		cleanup_free char *path =
		    mem_printf("%s/metrics/%s", run_dir, m->key);
		struct err ignored = ERR_INIT;

		if (!tracking_check_key(m->key, &ignored) &&
		    last_step(path, &m->step, err))
			return -1;
	}
	return 0;
}

/* --- reading ------------------------------------------------------------ */

struct reading {
	struct metrics *to;
	struct err *err;
};

static int
read_points(void *arg, const char *path, const char *key, const struct stat *st)
{
	const struct reading *r = arg;
	FILE *file = fopen(path, "re");
	char line[512];

	(void)st;
	if (!file)
		return err_sys(r->err, "open '%s'", path);
	while (fgets(line, sizeof(line), file)) {
		struct metric m;

		/* The end of a line that its writer did not finish. */
		if (strchr(line, '\n') && parse_line(line, &m))
			metrics_add(r->to, key, m.value, m.timestamp, m.step);
	}
	fclose(file);
	return 0;
}

int
file_read_metrics(const char *run_dir, struct metrics *to, struct err *err)
{
	cleanup_free char *root = fs_join(run_dir, "metrics");
	struct reading r = {.to = to, .err = err};

	return tree_files(root, read_points, &r, err);
}
