/* SPDX-License-Identifier: MIT */
/* replay.c - a main() that runs a fuzz target over files and directories */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "fuzz.h"

static int
replay_file(const char *path)
{
	cleanup_buf struct buf data = BUF_INIT;
	struct err err = ERR_INIT;

	if (fs_read(path, 1 << 24, &data, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	LLVMFuzzerTestOneInput((const uint8_t *)data.s, data.len);
	return 0;
}

static int
replay_dir(const char *path, int *count)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int failed = 0;

	if (!dir) {
		perror(path);
		return 1;
	}
	while ((entry = readdir(dir))) {
		cleanup_free char *file =
		    mem_printf("%s/%s", path, entry->d_name);

		if (*entry->d_name == '.')
			continue;
		failed |= replay_file(file);
		++*count;
	}
	closedir(dir);
	return failed;
}

int
main(int argc, char **argv)
{
	int failed = 0;
	int count = 0;

	for (int i = 1; i < argc; i++)
		failed |= fs_is_dir(argv[i]) ? replay_dir(argv[i], &count)
		                             : replay_file(argv[i]);
	if (argc > 1 && !count && fs_is_dir(argv[1])) {
		fprintf(stderr, "%s: no seeds in %s\n", argv[0], argv[1]);
		return 1;
	}
	return failed;
}
