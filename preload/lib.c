/* SPDX-License-Identifier: MIT */
/* lib.c - what a process knows: its two variables and the mapped image */
#include "lib.h"

#include <errno.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "env.h"
#include "kmlflow/env.h"
#include "program.h"
#include "real.h"
#include "str.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

struct lib lib;

/* View and what follows it share one mapping; only the rest is wiped. */
struct local {
	union {
		struct view view;
		char page[65536]; /* as large as pages get */
	} kept;
	struct proc proc;
};

static uint32_t
make_var(char *to, const char *name, const char *value, size_t len)
{
	size_t n = str_len(name);
	char *p;

	if (n + 1 + len >= VAR_SIZE)
		return 0;
	p = str_put(to, name, n);
	*p++ = '=';
	p = str_put(p, value, len);
	*p = '\0';
	return (uint32_t)(p - to);
}

void
lib_start(void)
{
	const char *self;
	size_t self_len;
	struct env_vars vars;

	real();
	if (__atomic_load_n(&lib.started, __ATOMIC_ACQUIRE))
		return;
	env_find(environ, &vars);
	lib.off = !vars.image || vars.capture_off || getauxval(AT_SECURE);
	if (!lib.off) {
		self = real_self;
		self_len = str_len(self);
		if (vars.preload)
			env_own_entry(vars.preload, &self, &self_len);
		lib.preload_len =
		    make_var(lib.preload_var, "LD_PRELOAD", self, self_len);
		lib.image_len = make_var(lib.image_var, KMLFLOW_ENV_IMAGE,
		                         vars.image, str_len(vars.image));
		lib.off = !self_len || !lib.preload_len || !lib.image_len;
	}
	__atomic_store_n(&lib.started, true, __ATOMIC_RELEASE);
}

static __attribute__((constructor)) void
constructor(void)
{
	lib_start();
	if (!lib.off)
		program_arrived();
}

static int
hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	                              : -1;
}

/* "ID:PATH"; the path, or NULL. */
static const char *
parse_image(const char *value, uint8_t id[16])
{
	for (int i = 0; i < KMLFLOW_ID_HEX; i += 2) {
		int high = hex(value[i]);
		int low = high < 0 ? -1 : hex(value[i + 1]);

		if (low < 0)
			return NULL;
		id[i / 2] = (uint8_t)(high << 4 | low);
	}
	value += KMLFLOW_ID_HEX;
	return value[0] == ':' && value[1] == '/' ? value + 1 : NULL;
}

static void
fill_view(struct view *v, unsigned char *image, struct proc *proc)
{
	struct kmlflow_image *h = (void *)image;

	v->header = h;
	v->names = (const void *)(image + h->names);
	v->nodes = (const void *)(image + h->nodes);
	v->dirty = image + h->dirty;
	v->arena = image + h->arena;
	v->keep = h->keep ? (const char *)image + h->keep : NULL;
	v->slots = h->slots;
	v->step = h->step;
	v->names_mask = h->names_mask;
	v->nodes_mask = h->nodes_mask;
	v->n_rules = h->n_rules;
	v->keep_len = h->keep_len;
	v->flags = h->flags;
	v->proc = proc;
	v->prefix = (const char *)image + h->prefix;
	v->prefix_len = h->prefix_len;
	match_prefix(v);
}

/*
 * Maps the image; NULL, or its start.  '*len' is how much of it there is, all
 * unless 'little' and the program has to manage with its address space.
 */
static unsigned char *
map_file(const char *path, bool little, uint64_t *len)
{
	struct {
		uint64_t now;
		uint64_t most;
	} space = {.now = 0};
	long fd =
	    sys(SYS_openat, (long)AT_FDCWD, path, (long)O_RDWR | O_CLOEXEC, 0L);
	long end = fd < 0 ? -1 : sys(SYS_lseek, fd, 0L, (long)SEEK_END);
	long p = -1;

	if (end >= (long)sizeof(struct kmlflow_front)) {
		*len = (uint64_t)end;
		if (little &&
		    (sys(SYS_prlimit64, 0L, (long)RLIMIT_AS, 0L, &space) ||
		     space.now != UINT64_MAX))
			*len = sizeof(struct kmlflow_front);
		p = sys(CALL_MMAP, 0L, (long)*len,
		        (long)(PROT_READ | PROT_WRITE), (long)MAP_SHARED, fd,
		        0L);
	}
	if (fd >= 0)
		sys(SYS_close, fd);
	return p < 0 && p > -4096 ? NULL : (unsigned char *)p;
}

static bool
has_id(const struct kmlflow_image *h, const uint8_t *id)
{
	for (int i = 0; i < 16; i++)
		if (h->id[i] != id[i])
			return false;
	return h->magic == KMLFLOW_MAGIC && h->version == KMLFLOW_VERSION_IMAGE;
}

/* Whether 'count' things of 'size' bytes lie within the file. */
static bool
fits(const struct kmlflow_image *h, uint64_t at, uint64_t count, uint64_t size)
{
	return at <= h->size && count <= (h->size - at) / size;
}

static bool
image_fits(const struct kmlflow_image *h, uint64_t size)
{
	return h->size == size &&
	       fits(h, h->names, (uint64_t)h->names_mask + 1, 4) &&
	       fits(h, h->nodes, (uint64_t)h->nodes_mask + 1,
	            sizeof(struct kmlflow_node)) &&
	       fits(h, h->dirty, h->n_rules, 1) &&
	       fits(h, h->keep, (uint64_t)h->keep_len + 1, 1) &&
	       fits(h, h->prefix, (uint64_t)h->prefix_len + 1, 1) &&
	       fits(h, h->arena, h->slots, KMLFLOW_SLOT);
}

struct kmlflow_front *
lib_front(void)
{
	struct kmlflow_front *front =
	    __atomic_load_n(&lib.front, __ATOMIC_ACQUIRE);
	struct kmlflow_front *expected = NULL;
	uint64_t len = 0;
	uint8_t id[16];
	const char *path;

	lib_start();
	if (front || lib.off)
		return front;
	path = parse_image(lib.image_var + sizeof(KMLFLOW_ENV_IMAGE), id);
	front = path ? (void *)map_file(path, true, &len) : NULL;
	if (!front)
		return NULL;
	if (!has_id(&front->image, id) ||
	    !__atomic_compare_exchange_n(&lib.front, &expected, front, false,
	                                 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		/* Another thread was quicker, if anything. */
		sys(SYS_munmap, front, (long)len);
		return expected;
	}
	lib.front_len = len;
	return front;
}

static struct local *
map_local(void)
{
	struct local *local;
	long p =
	    sys(CALL_MMAP, 0L, (long)sizeof(struct local),
	        (long)(PROT_READ | PROT_WRITE),
	        (long)(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE), -1L, 0L);

	if (p < 0 && p > -4096)
		return NULL;
	local = (struct local *)p;
	sys(SYS_madvise, &local->proc, (long)sizeof(local->proc),
	    (long)MADV_WIPEONFORK);
	return local;
}

/* All of the image, where no more than its front is mapped yet. */
static unsigned char *
map_rest(const uint8_t *id, uint64_t *size)
{
	const char *path =
	    lib.image_var + sizeof(KMLFLOW_ENV_IMAGE) + KMLFLOW_ID_HEX + 1;
	unsigned char *image = map_file(path, false, size);

	if (image && has_id((const void *)image, id))
		return image;
	if (image)
		sys(SYS_munmap, image, (long)*size);
	return NULL;
}

struct view *
lib_map(void)
{
	struct view *expected = NULL;
	struct kmlflow_front *front = lib_front();
	unsigned char *image = (void *)front;
	struct local *local = NULL;
	uint64_t size = lib.front_len;

	if (image && size < front->image.size)
		image = map_rest(front->image.id, &size);
	if (image && image_fits((const void *)image, size))
		local = map_local();
	if (!local) {
		if (image && image != (void *)front)
			sys(SYS_munmap, image, (long)size);
		lib.unmapped = true;
		return NULL;
	}
	fill_view(&local->kept.view, image, &local->proc);
	if (!__atomic_compare_exchange_n(&lib.view, &expected,
	                                 &local->kept.view, false,
	                                 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		/* Another thread was quicker. */
		if (image != (void *)front)
			sys(SYS_munmap, image, (long)size);
		sys(SYS_munmap, local, (long)sizeof(*local));
		return expected;
	}
	__atomic_fetch_add(&local->kept.view.header->processes, 1,
	                   __ATOMIC_RELAXED);
	return &local->kept.view;
}
