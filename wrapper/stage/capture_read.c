/* SPDX-License-Identifier: MIT */
/* capture_read.c - reads what the library has recorded */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "kmlflow/hash.h"
#include "kmlflow/image.h"
#include "stage/capture.h"

/*
 * Nothing is mapped: surviving processes may still write, and a file that was
 * cut short must not raise SIGBUS here.  What is read is the wrapper's own.
 */
struct capture {
	struct kmlflow_image header;
	struct kmlflow_program *programs;
	unsigned char *dirty;
	unsigned char *arena;
	uint64_t n_slots; /* that were read */
	uint64_t next;
	uint64_t skipped; /* runs of slots that hold no record */
	char *path;
	char *path2;
};

/* Up to 'len' bytes; *got tells how many the file had. */
static int
read_at(int fd, uint64_t at, void *to, size_t len, size_t *got, struct err *err)
{
	char *p = to;

	*got = 0;
	while (*got < len) {
		ssize_t n = pread(fd, p + *got, len - *got, (off_t)(at + *got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read");
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return 0;
}

/* Whether 'count' things of 'size' bytes at 'at' lie within the file. */
static bool
fits(uint64_t file, uint64_t at, uint64_t count, uint64_t size)
{
	return at <= file && count <= (file - at) / size;
}

static int
check_header(const struct kmlflow_image *h, size_t got, uint64_t file,
             struct err *err)
{
	if (got < sizeof(*h) || h->magic != KMLFLOW_MAGIC)
		return err_set(err, ERR_FORMAT, "not a capture image");
	if (h->version != KMLFLOW_VERSION_IMAGE)
		return err_set(err, ERR_FORMAT, "image of another version");
	if (!fits(file, h->dirty, h->n_rules, 1) || h->arena > file ||
	    h->arena < sizeof(struct kmlflow_front))
		return err_set(err, ERR_FORMAT, "damaged image");
	return 0;
}

static int
load(int fd, struct capture *c, struct err *err)
{
	struct kmlflow_image *h = &c->header;
	struct stat st;
	uint64_t file;
	size_t got = 0;

	if (fstat(fd, &st))
		return err_sys(err, "stat");
	file = (uint64_t)st.st_size;
	if (read_at(fd, 0, h, sizeof(*h), &got, err) ||
	    check_header(h, got, file, err))
		return -1;
	c->programs = mem_alloc(KMLFLOW_PROGRAMS * sizeof(*c->programs));
	if (read_at(fd, offsetof(struct kmlflow_front, programs), c->programs,
	            KMLFLOW_PROGRAMS * sizeof(*c->programs), &got, err))
		return -1;
	c->dirty = mem_alloc((size_t)h->n_rules + 1);
	if (read_at(fd, h->dirty, c->dirty, h->n_rules, &got, err))
		return -1;
	c->n_slots = h->tail < h->allocated ? h->tail : h->allocated;
	if (c->n_slots > (file - h->arena) / KMLFLOW_SLOT)
		c->n_slots = (file - h->arena) / KMLFLOW_SLOT;
	c->arena = mem_alloc(c->n_slots * KMLFLOW_SLOT + 1);
	if (read_at(fd, h->arena, c->arena, c->n_slots * KMLFLOW_SLOT, &got,
	            err))
		return -1;
	c->n_slots = got / KMLFLOW_SLOT;
	return 0;
}

int
capture_open(const char *path, struct capture **ret, struct err *err)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct capture *c;

	if (fd < 0)
		return err_sys(err, "open '%s'", path);
	c = mem_alloc(sizeof(*c));
	if (load(fd, c, err)) {
		capture_close(c);
		return err_wrap(err, "'%s'", path);
	}
	*ret = c;
	return 0;
}

void
capture_close(struct capture *c)
{
	if (!c)
		return;
	free(c->programs);
	free(c->dirty);
	free(c->arena);
	free(c->path);
	free(c->path2);
	free(c);
}

/* A record at slot 'at' that keeps all rules of image.h, or NULL. */
static const struct kmlflow_record *
record_at(const struct capture *c, uint64_t at)
{
	const unsigned char *start = c->arena + at * KMLFLOW_SLOT;
	const struct kmlflow_record *r = (const void *)start;
	const char *text =
	    (const char *)start + offsetof(struct kmlflow_record, text);
	size_t room = (size_t)r->slots * KMLFLOW_SLOT -
	              offsetof(struct kmlflow_record, text);

	if (__atomic_load_n(&r->mark, __ATOMIC_ACQUIRE) != KMLFLOW_MARK(at))
		return NULL;
	if (!r->slots || r->slots > c->n_slots - at || !r->len ||
	    (size_t)r->len + r->len2 + 2 > room)
		return NULL;
	if (r->kind < EVENT_WRITE || r->kind > EVENT_LAUNCH_OFF)
		return NULL;
	if (strnlen(text, r->len + 1) != r->len ||
	    (r->len2 && strnlen(text + r->len + 1, r->len2 + 1) != r->len2))
		return NULL;
	return r;
}

/*
 * A ".." takes effect on the file system, where a symbolic link may come
 * before it; only where that says nothing, on the text.
 */
static char *
clean_path(const char *path)
{
	cleanup_free char *dir = NULL;
	cleanup_free char *name = NULL;
	cleanup_free char *real = NULL;
	cleanup_free char *joined = NULL;

	if (*path != '/')
		return mem_dup(path);
	if (strstr(path, "/../")) {
		dir = fs_dirname(path);
		name = fs_basename(path);
		real = realpath(dir, NULL);
	}
	if (!real)
		return fs_normalise(path);
	joined = fs_join(real, name);
	return fs_normalise(joined);
}

int
capture_next(struct capture *c, struct event *ret)
{
	const struct kmlflow_record *r = NULL;
	bool hole = false;
	const char *text;
	uint64_t at;

	while (c->next < c->n_slots && !(r = record_at(c, c->next))) {
		hole = true;
		c->next++;
	}
	c->skipped += hole;
	if (!r)
		return 0;
	at = c->next;
	c->next += r->slots;
	text = (const char *)r + offsetof(struct kmlflow_record, text);
	mem_replace(&c->path, clean_path(text));
	mem_replace(&c->path2, r->len2 ? clean_path(text + r->len + 1) : NULL);
	*ret = (struct event){
	    .kind = (enum event_kind)r->kind,
	    .seq = at,
	    .pid = r->pid,
	    .rule = r->rule < c->header.n_rules ? (int)r->rule : -1,
	    .cwd_unknown = r->flags & (KMLFLOW_LOST | KMLFLOW_LOST2),
	    .path = c->path,
	    .path2 = c->path2,
	};
	return 1;
}

void
capture_get_health(const struct capture *c, struct capture_health *ret)
{
	const struct kmlflow_image *h = &c->header;

	ret->dropped = h->dropped + c->skipped;
	ret->overflow = h->dropped || h->tail > c->n_slots;
	ret->processes = h->processes;
	ret->crowded = h->crowded;
	ret->missing = 0;
	ret->surplus = 0;
	for (size_t i = 0; i < KMLFLOW_PROGRAMS; i++) {
		const struct kmlflow_program *p = &c->programs[i];

		if (p->arrivals > p->launches)
			ret->surplus += p->arrivals - p->launches;
		else
			ret->missing += p->launches - p->arrivals;
	}
}

void
capture_get_program(const struct capture *c, const char *name,
                    struct capture_program *ret)
{
	uint64_t key = kmlflow_program_key(name, strlen(name));

	*ret = (struct capture_program){.launches = 0};
	for (size_t i = 0; i < KMLFLOW_PROGRAMS; i++) {
		const struct kmlflow_program *p = &c->programs[i];

		/* Two can have found no room in the near part at once. */
		if (p->key != key)
			continue;
		ret->launches += p->launches;
		ret->arrivals += p->arrivals;
	}
}

bool
capture_is_dirty(const struct capture *c, size_t index)
{
	return index < c->header.n_rules && c->dirty[index];
}
