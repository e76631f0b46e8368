/* SPDX-License-Identifier: MIT */
/* capture_create.c - makes the image that the library maps */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "kmlflow/image.h"
#include "model/declared.h"
#include "stage/capture.h"
#include "stage/capture_rules.h"

enum {
	PAGE = 4096,
	/* Room in the file, of which little is allocated to begin with. */
	ARENA_SLOTS = 16 * 1024 * 1024 / KMLFLOW_SLOT,
	FIRST_SLOTS = 128 * 1024 / KMLFLOW_SLOT,
	STEP_SLOTS = 256 * 1024 / KMLFLOW_SLOT,
	/* Where a file system cannot allocate later, all at once. */
	FIXED_SLOTS = 2 * 1024 * 1024 / KMLFLOW_SLOT,
};

static size_t
round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

static void
layout(struct kmlflow_image *h, const struct rule_tables *t, size_t n_rules,
       const char *keep_dir)
{
	size_t at = sizeof(struct kmlflow_front);

	h->magic = KMLFLOW_MAGIC;
	h->version = KMLFLOW_VERSION_IMAGE;
	h->n_rules = (uint32_t)n_rules;
	h->flags = t->flags;
	h->names = (uint32_t)at;
	h->names_mask = (uint32_t)(t->n_names - 1);
	at = round_up(at + t->n_names * sizeof(*t->names), 8);
	h->nodes = (uint32_t)at;
	h->nodes_mask = (uint32_t)(t->n_nodes - 1);
	at += t->n_nodes * sizeof(*t->nodes);
	h->dirty = (uint32_t)at;
	at += n_rules;
	if (keep_dir) {
		h->keep = (uint32_t)at;
		h->keep_len = (uint32_t)strlen(keep_dir);
		at += h->keep_len + 1;
	}
	h->prefix = (uint32_t)at;
	h->prefix_len = (uint32_t)strlen(t->prefix);
	at += h->prefix_len + 1;
	h->arena = round_up(at, PAGE);
}

/*
 * Sizes the file and takes the first room.  A file system that cannot
 * allocate is written to now, for a hook cannot do that later.
 */
static int
allocate(int fd, struct kmlflow_image *h, struct err *err)
{
	off_t first = (off_t)(h->arena + FIRST_SLOTS * KMLFLOW_SLOT);
	int ret;

	h->slots = ARENA_SLOTS;
	h->step = STEP_SLOTS;
	h->allocated = FIRST_SLOTS;
	h->size = h->arena + h->slots * KMLFLOW_SLOT;
	if (fallocate(fd, 0, 0, first)) {
		if (errno != EOPNOTSUPP)
			return err_sys(err, "allocate");
		h->slots = h->allocated = FIXED_SLOTS;
		h->step = 0;
		h->size = h->arena + h->slots * KMLFLOW_SLOT;
		ret = posix_fallocate(fd, 0, (off_t)h->size);
		if (ret) {
			errno = ret;
			return err_sys(err, "allocate");
		}
	}
	if (ftruncate(fd, (off_t)h->size))
		return err_sys(err, "allocate");
	return 0;
}

static int
fill(int fd, const struct declared_list *list, const char *keep_dir,
     const char *id, struct err *err)
{
	cleanup_rule_tables struct rule_tables t = {.names = NULL};
	struct kmlflow_image h = {.magic = 0};
	cleanup_free char *start = NULL;

	rule_tables_make(list, &t);
	layout(&h, &t, list->n, keep_dir);
	for (size_t i = 0; i < sizeof(h.id); i++) {
		char pair[3] = {id[2 * i], id[2 * i + 1], '\0'};

		h.id[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	if (allocate(fd, &h, err))
		return -1;
	start = mem_alloc(h.arena);
	memcpy(start, &h, sizeof(h));
	memcpy(start + h.names, t.names, t.n_names * sizeof(*t.names));
	memcpy(start + h.nodes, t.nodes, t.n_nodes * sizeof(*t.nodes));
	memcpy(start + h.prefix, t.prefix, h.prefix_len);
	if (keep_dir)
		memcpy(start + h.keep, keep_dir, h.keep_len);
	return fs_write_fd(fd, start, h.arena, err);
}

static int
create_in(const char *dir, const struct declared_list *list,
          const char *keep_dir, char **ret, struct err *err)
{
	cleanup_free char *name = NULL;
	cleanup_fd int fd = -1;
	char id[33];

	clock_uuid_hex(id);
	name = mem_printf("%s/kmlflow-%s", dir, id);
	if (strlen(name) + sizeof(id) > KMLFLOW_VALUE_MAX)
		return err_set(err, ERR_SYS, "'%s': path too long", dir);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	          0600);
	if (fd < 0)
		return err_sys(err, "create '%s'", name);
	if (fill(fd, list, keep_dir, id, err)) {
		unlink(name);
		return err_wrap(err, "'%s'", name);
	}
	*ret = mem_printf("%s:%s", id, name);
	return 0;
}

int
capture_create(const struct declared_list *list, const char *keep_dir,
               const char *fallback_dir, char **ret, struct err *err)
{
	const char *dirs[] = {"/dev/shm", getenv("XDG_RUNTIME_DIR"),
	                      fallback_dir};

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		if (!dirs[i] || *dirs[i] != '/')
			continue;
		if (!create_in(dirs[i], list, keep_dir, ret, err))
			return 0;
	}
	if (err->kind == ERR_NONE)
		return err_set(err, ERR_SYS, "no directory for the image");
	return -1;
}
