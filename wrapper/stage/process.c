/* SPDX-License-Identifier: MIT */
/* process.c - tells one process from another that has its number */
#include "stage/process.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

/*
 * Field 22 of /proc/PID/stat (proc(5)), 0 where it cannot be read.  A zombie
 * that nobody reaps has ended: *ended (may be NULL) tells.
 */
static unsigned long long
start_ticks(pid_t pid, bool *ended)
{
	cleanup_free char *path = mem_printf("/proc/%d/stat", (int)pid);
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	const char *p;

	if (fs_read(path, 4096, &text, &err))
		return 0;
	/* The name in field 2 may hold spaces and parentheses. */
	p = strrchr(text.s, ')');
	if (ended)
		*ended = !p || p[1] != ' ' || strchr("ZX", p[2]);
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p, NULL, 10) : 0;
}

void
process_boot(struct buf *to)
{
	struct err err = ERR_INIT;
	size_t at = to->len;

	if (fs_read("/proc/sys/kernel/random/boot_id", 64, to, &err))
		buf_adds(to, "unknown\n");
	buf_cut(to, at + strcspn(to->s + at, "\n"));
}

void
process_identify(pid_t pid, struct buf *to)
{
	cleanup_buf struct buf boot = BUF_INIT;

	process_boot(&boot);
	buf_addf(to, "%d %llu %s", (int)pid, start_ticks(pid, NULL), boot.s);
}

bool
process_alive(const char *identity)
{
	cleanup_buf struct buf now = BUF_INIT;
	bool ended = true;
	char *end;
	long pid = strtol(identity, &end, 10);

	if (end == identity || pid <= 0 || !start_ticks((pid_t)pid, &ended) ||
	    ended)
		return false;
	process_identify((pid_t)pid, &now);
	return !strcmp(now.s, identity);
}
