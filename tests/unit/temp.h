/* SPDX-License-Identifier: MIT */
/* temp.h - directories and files that a test makes and takes away again */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

/* A new directory, resolved; temp_free() removes it with all in it. */
static inline char *
temp_dir(void)
{
	char name[] = "/tmp/kmlflow-test-XXXXXX";
	char *made = mkdtemp(name);

	assert_non_null(made);
	return realpath(made, NULL);
}

static inline void
temp_free(char **dir)
{
	struct err err = ERR_INIT;

	if (*dir && fs_remove_tree(*dir, &err))
		print_error("%s\n", err.msg);
	free(*dir);
	*dir = NULL;
}

#define cleanup_temp __attribute__((cleanup(temp_free)))

/* Path of 'name' in 'dir', with 'text' as its content; owned. */
static inline char *
temp_file(const char *dir, const char *name, const char *text)
{
	char *path = fs_join(dir, name);
	struct err err = ERR_INIT;
	int fd;

	if (fs_mkparents(path, 0777, &err))
		fail_msg("%s", err.msg);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0 || fs_write_fd(fd, text, strlen(text), &err))
		fail_msg("%s: %s", path, strerror(errno));
	close(fd);
	return path;
}

/* The same where nobody wants the path. */
static inline void
temp_put(const char *dir, const char *name, const char *text)
{
	free(temp_file(dir, name, text));
}

/* Content of a file; owned. */
static inline char *
temp_read(const char *dir, const char *name)
{
	cleanup_free char *path = fs_join(dir, name);
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	if (fs_read(path, 1 << 26, &text, &err))
		fail_msg("%s", err.msg);
	return buf_detach(&text);
}

/* The call must succeed; else the test fails with the message. */
#define assert_ok(call)                                                        \
	do {                                                                   \
		if (call)                                                      \
			fail_msg("%s: %s", #call, err.msg);                    \
	} while (0)
