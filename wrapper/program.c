/* SPDX-License-Identifier: MIT */
/* program.c - looks for CMD before anything is begun for it */
#include "program.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { FOUND = 0, NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

static int
check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return NOT_FOUND;
	if (S_ISDIR(st.st_mode) || access(path, X_OK))
		return NOT_EXECUTABLE;
	return FOUND;
}

int
program_check(const char *name)
{
	const char *path = getenv("PATH");
	int ret = NOT_FOUND;

	if (!*name)
		return NOT_FOUND;
	if (strchr(name, '/'))
		return check_file(name);
	if (!path)
		path = "/bin:/usr/bin";
	for (;;) {
		size_t len = strcspn(path, ":");
		cleanup_free char *dir = mem_ndup(path, len);
		cleanup_free char *file =
		    mem_printf("%s/%s", len ? dir : ".", name);
		int here = check_file(file);

		if (here == FOUND)
			return FOUND;
		if (here == NOT_EXECUTABLE)
			ret = NOT_EXECUTABLE;
		if (!path[len])
			return ret;
		path += len + 1;
	}
}
