/* SPDX-License-Identifier: MIT */
/* file_unfit.c - what cannot become an artifact */
#include "stage/file_unfit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
file_unfit(const char *path, const struct stat *st)
{
	if (S_ISFIFO(st->st_mode))
		return "a FIFO, not a file";
	if (S_ISSOCK(st->st_mode))
		return "a socket, not a file";
	if (!S_ISREG(st->st_mode))
		return "a device, not a file";
	if (access(path, R_OK))
		return errno == EACCES ? "no permission to read it"
		                       : "cannot be read";
	return NULL;
}
