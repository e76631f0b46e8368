/* SPDX-License-Identifier: MIT */
/* origin.c - which process of which machine began a run */
#include "stage/origin.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "kmlflow/hash.h"
#include "stage/process.h"

/* The words of a tag. */
enum { PID, START, BOOT, NAMESPACE, MACHINE, WORDS };

/* The id itself is not for others to see: machine-id(5). */
static void
add_machine(struct buf *to)
{
	cleanup_buf struct buf id = BUF_INIT;
	struct err ignored = ERR_INIT;

	if (fs_read("/etc/machine-id", 64, &id, &ignored) || !id.len)
		buf_addc(to, '-');
	else
		buf_addf(to, "%016" PRIx64,
		         kmlflow_hash(KMLFLOW_SEED_ROOT, id.s, id.len));
}

void
origin_tell(struct buf *to)
{
	struct stat st = {.st_ino = 0};

	process_identify(getpid(), to);
	if (stat("/proc/self/ns/pid", &st))
		st.st_ino = 0;
	buf_addf(to, " %llu ", (unsigned long long)st.st_ino);
	add_machine(to);
}

static void
split(const char *tag, struct strv *to)
{
	while (*tag) {
		size_t len = strcspn(tag, " ");

		strv_take(to, mem_ndup(tag, len));
		tag += len;
		tag += *tag == ' ';
	}
}

/* Both tags as words; false: 'tag' is not one. */
static bool
read_both(const char *tag, struct strv *then, struct strv *now)
{
	cleanup_buf struct buf ours = BUF_INIT;

	origin_tell(&ours);
	split(tag, then);
	split(ours.s, now);
	return then->n == WORDS && now->n == WORDS;
}

enum origin_state
origin_state(const char *tag)
{
	cleanup_strv struct strv then = STRV_INIT;
	cleanup_strv struct strv now = STRV_INIT;
	cleanup_free char *process = NULL;

	if (!read_both(tag, &then, &now) ||
	    strcmp(then.v[MACHINE], now.v[MACHINE]) != 0)
		return ORIGIN_UNKNOWN;
	if (strcmp(then.v[BOOT], now.v[BOOT]) != 0)
		return ORIGIN_GONE;
	if (strcmp(then.v[NAMESPACE], now.v[NAMESPACE]) != 0)
		return ORIGIN_UNKNOWN;
	process =
	    mem_printf("%s %s %s", then.v[PID], then.v[START], then.v[BOOT]);
	return process_alive(process) ? ORIGIN_ALIVE : ORIGIN_GONE;
}

/* "btime SECONDS" of proc(5); 0 where it cannot be told. */
static int64_t
boot_time_ms(void)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	const char *at;

	if (fs_read("/proc/stat", 16 << 20, &text, &ignored))
		return 0;
	at = strstr(text.s, "\nbtime ");
	return at ? strtoll(at + strlen("\nbtime "), NULL, 10) * 1000 : 0;
}

int64_t
origin_end_ms(const char *tag)
{
	cleanup_strv struct strv then = STRV_INIT;
	cleanup_strv struct strv now = STRV_INIT;
	int64_t boot = boot_time_ms();

	if (boot && read_both(tag, &then, &now) &&
	    !strcmp(then.v[MACHINE], now.v[MACHINE]) &&
	    strcmp(then.v[BOOT], now.v[BOOT]) != 0)
		return boot;
	return clock_now_ms();
}
