/* SPDX-License-Identifier: MIT */
/* real.c - finds the functions that stand behind ours */
#include "real.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdint.h>

/*
 * dlsym(RTLD_NEXT) can allocate, has a symbol version that older systems
 * lack, and takes a lock that a forked child can find held.  So the tables of
 * the objects that come after us are searched here, all names in one go.
 */

enum { N_HOOKS = sizeof(struct real) / sizeof(void *) };

union real_table real_table;
bool real_bound;
const char *real_self = "";

static const char hook_names[] =
#define HOOK(type, name, args, missing) #name "\0"
#include "hooks.def"
#undef HOOK
    ;

static long
missing_fail(void)
{
	errno = ENOSYS;
	return -1;
}

static void *
missing_null(void)
{
	errno = ENOSYS;
	return NULL;
}

static int
missing_code(void)
{
	return ENOSYS;
}

/* The symbols of one loaded object. */
struct object {
	const ElfW(Sym) * symbols;
	const char *strings;
	const ElfW(Half) * versions; /* NULL: none */
	const uint32_t *gnu;         /* NULL: no such table */
	const uint32_t *sysv;        /* NULL: no such table */
	ElfW(Addr) base;
};

static bool
same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* Whether symbol 'i' is a function 'name' in its default version. */
static bool
is_function(const struct object *o, uint32_t i, const char *name)
{
	const ElfW(Sym) *s = &o->symbols[i];

	/* Binding and type have the same place in both ELF classes. */
	return s->st_shndx != SHN_UNDEF && s->st_value &&
	       ELF64_ST_TYPE(s->st_info) == STT_FUNC &&
	       ELF64_ST_BIND(s->st_info) != STB_LOCAL &&
	       !(o->versions && o->versions[i] & 0x8000) &&
	       same(o->strings + s->st_name, name);
}

static const ElfW(Sym) * lookup_gnu(const struct object *o, const char *name)
{
	enum { BITS = sizeof(ElfW(Addr)) * 8 };
	uint32_t n_buckets = o->gnu[0];
	uint32_t first = o->gnu[1];
	uint32_t n_bloom = o->gnu[2];
	const ElfW(Addr) *bloom = (const void *)(o->gnu + 4);
	const uint32_t *buckets = (const void *)(bloom + n_bloom);
	const uint32_t *chain = buckets + n_buckets;
	ElfW(Addr) word;
	uint32_t h = 5381;
	uint32_t i;

	for (const char *p = name; *p; p++)
		h = h * 33 + (unsigned char)*p;
	word = bloom[h / BITS & (n_bloom - 1)];
	if (!(word >> h % BITS & word >> (h >> o->gnu[3]) % BITS & 1))
		return NULL;
	i = buckets[h % n_buckets];
	for (; i >= first; i++) {
		uint32_t got = chain[i - first];

		if ((got | 1) == (h | 1) && is_function(o, i, name))
			return &o->symbols[i];
		if (got & 1)
			break;
	}
	return NULL;
}

static void *
lookup(const struct object *o, const char *name)
{
	const ElfW(Sym) *s = NULL;

	if (o->gnu)
		s = lookup_gnu(o, name);
	else if (o->sysv)
		for (uint32_t i = 1; !s && i < o->sysv[1]; i++)
			s = is_function(o, i, name) ? &o->symbols[i] : NULL;
	return s ? (void *)(o->base + s->st_value) : NULL;
}

/* Some loaders leave these addresses as they are in the file. */
static const void *
at(const struct object *o, ElfW(Addr) address)
{
	return (const void *)(address < o->base ? o->base + address : address);
}

static void
object_init(struct object *o, const ElfW(Dyn) * dynamic, ElfW(Addr) base)
{
	*o = (struct object){.base = base};
	for (const ElfW(Dyn) *d = dynamic; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_SYMTAB)
			o->symbols = at(o, d->d_un.d_ptr);
		else if (d->d_tag == DT_STRTAB)
			o->strings = at(o, d->d_un.d_ptr);
		else if (d->d_tag == DT_VERSYM)
			o->versions = at(o, d->d_un.d_ptr);
		else if (d->d_tag == DT_GNU_HASH)
			o->gnu = at(o, d->d_un.d_ptr);
		else if (d->d_tag == DT_HASH)
			o->sysv = at(o, d->d_un.d_ptr);
	}
}

/* Whether nothing is left to look for. */
static bool
search_object(const struct object *o)
{
	void **slot = real_table.slot;
	const char *name = hook_names;
	bool all = true;

	for (int i = 0; i < N_HOOKS; i++) {
		if (!slot[i])
			slot[i] = lookup(o, name);
		all = all && slot[i];
		while (*name++)
			;
	}
	return all;
}

/* Ours; some systems' headers do not declare it. */
extern const ElfW(Dyn) own_dynamic[] __asm__("_DYNAMIC")
    __attribute__((visibility("hidden")));

/* For each loaded object, in the order in which symbols are looked up. */
static int
visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	bool *behind_us = arg;
	const ElfW(Dyn) *dynamic = NULL;
	struct object o;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			dynamic = (const void *)(info->dlpi_addr +
			                         info->dlpi_phdr[i].p_vaddr);
	if (dynamic == own_dynamic) {
		*behind_us = true;
		if (info->dlpi_name)
			real_self = info->dlpi_name;
		return 0;
	}
	if (!*behind_us || !dynamic)
		return 0;
	object_init(&o, dynamic, info->dlpi_addr);
	if (!o.symbols || !o.strings)
		return 0;
	return search_object(&o);
}

/* An older libc lacks the newest functions. */
static void
fill_missing(void)
{
	enum kind { fail, null, code };
	static const unsigned char kinds[N_HOOKS] = {
#define HOOK(type, name, args, missing) missing,
#include "hooks.def"
#undef HOOK
	};
	uintptr_t stub;

	for (int i = 0; i < N_HOOKS; i++) {
		if (real_table.slot[i])
			continue;
		stub = kinds[i] == fail   ? (uintptr_t)missing_fail
		       : kinds[i] == null ? (uintptr_t)missing_null
		                          : (uintptr_t)missing_code;
		real_table.slot[i] = (void *)stub;
	}
}

void
real_bind(void)
{
	bool behind_us = false;

	dl_iterate_phdr(visit, &behind_us);
	fill_missing();
	__atomic_store_n(&real_bound, true, __ATOMIC_RELEASE);
}

static bool sealed;

void
real_seal(void)
{
	__atomic_store_n(&sealed, true, __ATOMIC_RELAXED);
}

long
sys(long number, ...)
{
	int saved = errno;
	long a[6];
	long ret;
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (__atomic_load_n(&sealed, __ATOMIC_RELAXED))
		return -ENOSYS;
	ret = real_table.fn.syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (ret == -1)
		ret = -errno;
	errno = saved;
	return ret;
}
