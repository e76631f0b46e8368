/* SPDX-License-Identifier: MIT */
/* program.c - why the interposed library does not get into a program */
#include "stage/program.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

enum {
	HEAD = 4096,     /* bytes of a file that are looked at */
	SEGMENTS = 256,  /* more than any linker makes */
	SCRIPT_DEPTH = 5 /* as the kernel has it */
};

struct head {
	char bytes[HEAD];
	size_t len;
	struct stat st;
};

static char *
absolute(const char *path)
{
	cleanup_free char *cwd = *path == '/' ? NULL : fs_cwd();
	cleanup_free char *joined = cwd ? fs_join(cwd, path) : mem_dup(path);

	return *joined == '/' ? fs_normalise(joined) : NULL;
}

char *
program_find(const char *name)
{
	const char *dirs = getenv("PATH");
	struct stat st;

	if (strchr(name, '/'))
		return absolute(name);
	for (const char *dir = dirs ? dirs : "/bin:/usr/bin"; dir;) {
		size_t len = strcspn(dir, ":");
		cleanup_free char *where = mem_ndup(dir, len);
		cleanup_free char *path = fs_join(len ? where : ".", name);

		if (!access(path, X_OK) && !stat(path, &st) &&
		    S_ISREG(st.st_mode))
			return absolute(path);
		dir = dir[len] ? dir + len + 1 : NULL;
	}
	return NULL;
}

/* False: no such file.  What cannot be read has no bytes. */
static bool
look(const char *path, struct head *ret)
{
	cleanup_fd int fd = -1;
	ssize_t n;

	ret->len = 0;
	if (stat(path, &ret->st) || !S_ISREG(ret->st.st_mode))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	n = fd < 0 ? -1 : pread(fd, ret->bytes, sizeof(ret->bytes), 0);
	ret->len = n < 0 ? 0 : (size_t)n;
	return true;
}

static bool
is_elf(const struct head *h)
{
	return h->len >= sizeof(ElfW(Ehdr)) &&
	       !memcmp(h->bytes, ELFMAG, SELFMAG);
}

/* Of our own machine, as far as the first bytes tell. */
static bool
is_native(const struct head *h)
{
	static struct head own;
	ElfW(Ehdr) a;
	ElfW(Ehdr) b;

	if (!own.len && (!look("/proc/self/exe", &own) || !is_elf(&own)))
		return true;
	memcpy(&a, h->bytes, sizeof(a));
	memcpy(&b, own.bytes, sizeof(b));
	return a.e_ident[EI_CLASS] == b.e_ident[EI_CLASS] &&
	       a.e_ident[EI_DATA] == b.e_ident[EI_DATA] &&
	       a.e_machine == b.e_machine;
}

/* "" where it names none; NULL where that cannot be told; owned. */
static char *
interpreter_of(const struct head *h)
{
	ElfW(Ehdr) e;
	ElfW(Phdr) p;

	memcpy(&e, h->bytes, sizeof(e));
	if (e.e_phentsize != sizeof(p) || e.e_phnum > SEGMENTS)
		return NULL;
	for (size_t i = 0; i < e.e_phnum; i++) {
		size_t at = e.e_phoff + i * sizeof(p);

		if (at < e.e_phoff || at > h->len || h->len - at < sizeof(p))
			return NULL;
		memcpy(&p, h->bytes + at, sizeof(p));
		if (p.p_type != PT_INTERP)
			continue;
		if (p.p_offset > h->len || h->len - p.p_offset < p.p_filesz)
			return NULL;
		return mem_ndup(h->bytes + p.p_offset,
		                strnlen(h->bytes + p.p_offset, p.p_filesz));
	}
	return mem_dup("");
}

/* "ld-linux-x86-64.so.2", "ld.so" and the like, called as a program. */
static bool
is_loader(const char *path)
{
	cleanup_free char *name = fs_basename(path);

	return !strncmp(name, "ld", 2) && strstr(name, ".so");
}

static const char *
elf_obstacle(const struct head *h, const char *path)
{
	cleanup_free char *interpreter = NULL;

	if (!is_native(h))
		return "program of another architecture";
	interpreter = interpreter_of(h);
	if (!interpreter)
		return NULL;
	if (!*interpreter)
		return is_loader(path) ? NULL : "static program";
	return strstr(interpreter, "/ld-musl-") ? "program of musl" : NULL;
}

static const char *
privilege(const char *path, const struct stat *st)
{
	if (st->st_mode & S_ISUID && st->st_uid != getuid())
		return "setuid program";
	if (st->st_mode & S_ISGID && st->st_mode & S_IXGRP &&
	    st->st_gid != getgid())
		return "setgid program";
	if (getxattr(path, "security.capability", NULL, 0) > 0)
		return "program with capabilities";
	return NULL;
}

/* What "#!" names; owned. */
static char *
script_interpreter(const struct head *h)
{
	const char *at = h->bytes + 2;
	size_t left = h->len - 2;
	size_t n = 0;

	while (left && (*at == ' ' || *at == '\t')) {
		at++;
		left--;
	}
	while (n < left && at[n] && !strchr(" \t\n\r", at[n]))
		n++;
	return mem_ndup(at, n);
}

static bool
is_script(const struct head *h)
{
	return h->len > 2 && !memcmp(h->bytes, "#!", 2);
}

char *
program_obstacle(const char *path)
{
	cleanup_free char *at = mem_dup(path);
	cleanup_free struct head *h = mem_alloc(sizeof(*h));
	const char *words = NULL;
	bool script = false;

	for (int i = 0; i < SCRIPT_DEPTH && look(at, h); i++) {
		if (!is_script(h)) {
			words = privilege(at, &h->st);
			if (!words && is_elf(h))
				words = elf_obstacle(h, at);
			break;
		}
		script = true;
		mem_replace(&at, script_interpreter(h));
	}
	if (!words)
		return NULL;
	return script ? mem_printf("%s %s for", words, at) : mem_dup(words);
}

bool
program_is_proxy(const char *path)
{
	cleanup_free struct head *h = mem_alloc(sizeof(*h));

	if (!look(path, h))
		return false;
	return is_elf(h) ? is_loader(path) : !is_script(h);
}
