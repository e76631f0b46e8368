/* SPDX-License-Identifier: MIT */
/* survivors.c - descendants that outlive CMD */
#include "stage/survivors.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

struct survivors
survivors_count(pid_t but)
{
	struct survivors ret = {.all = 0};
	cleanup_buf struct buf list = BUF_INIT;
	struct err err = ERR_INIT;
	pid_t session = getsid(0);

	/* Only of the main thread, but there is no other while CMD runs. */
	if (fs_read("/proc/thread-self/children", 1 << 20, &list, &err))
		return ret;
	for (char *p = list.s; *p;) {
		char *end;
		pid_t pid = (pid_t)strtol(p, &end, 10);

		if (end == p)
			break;
		p = end;
		while (*p == ' ')
			p++;
		if (pid == but)
			continue;
		ret.all++;
		if (getsid(pid) == session)
			ret.same_session++;
	}
	return ret;
}
