/* SPDX-License-Identifier: MIT */
/* oom.c - how often the out-of-memory killer has struck where we are */
#include "stage/oom.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

#define MOUNT "/sys/fs/cgroup"

enum { TEXT_MAX = 1 << 16 };

/* Whether "memory" is one of the comma-separated words up to the colon. */
static bool
has_memory(const char *controllers)
{
	size_t all = strcspn(controllers, ":\n");

	for (size_t at = 0; at < all;) {
		size_t len = strcspn(controllers + at, ",:\n");

		if (len == strlen("memory") &&
		    !strncmp(controllers + at, "memory", len))
			return true;
		at += len + 1;
	}
	return false;
}

/* Lines are "NUMBER:CONTROLLERS:PATH"; version 2 has no controllers. */
char *
oom_counter_path(const char *cgroups)
{
	char *ret = NULL;

	for (const char *line = cgroups; *line;) {
		size_t len = strcspn(line, "\n");
		const char *controllers = strchr(line, ':');
		const char *path =
		    controllers ? strchr(controllers + 1, ':') : NULL;
		int n = path ? (int)(line + len - path - 1) : -1;

		if (n > 0 && has_memory(controllers + 1)) {
			mem_replace(&ret,
			            mem_printf(MOUNT
			                       "/memory%.*s/memory.oom_control",
			                       n, path + 1));
			return ret;
		}
		if (n > 0 && path == controllers + 1)
			mem_replace(&ret, mem_printf(MOUNT "%.*s/memory.events",
			                             n, path + 1));
		line += len + (line[len] == '\n');
	}
	return ret;
}

int64_t
oom_counter_read(const char *text)
{
	const char *at = strstr(text, "oom_kill ");

	return at && (at == text || at[-1] == '\n')
	           ? strtoll(at + strlen("oom_kill "), NULL, 10)
	           : -1;
}

int64_t
oom_kills(void)
{
	cleanup_buf struct buf cgroups = BUF_INIT;
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_free char *path = NULL;
	struct err ignored = ERR_INIT;

	if (fs_read("/proc/self/cgroup", TEXT_MAX, &cgroups, &ignored))
		return -1;
	path = oom_counter_path(cgroups.s);
	if (!path || fs_read(path, TEXT_MAX, &text, &ignored))
		return -1;
	return oom_counter_read(text.s);
}
