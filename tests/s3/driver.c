/* SPDX-License-Identifier: MIT */
/* driver.c - an artifact store from a command line */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/artifact.h"

static const char usage[] = "usage: s3_driver URI [put|same FILE KEY]…\n"
			    "  KEEP: a directory for artifact_keep()\n";

static int
step(struct artifact *a, char **word, struct err *err)
{
	cleanup_fd int fd = open(word[1], O_RDONLY | O_CLOEXEC);
	struct stat st;
	int got;

	if (fd < 0 || fstat(fd, &st))
		return err_sys(err, "open '%s'", word[1]);
	if (!strcmp(word[0], "put"))
		return artifact_put(a, word[2], fd, st.st_size, err);
	got = artifact_same(a, word[2], fd, st.st_size, err);
	if (got >= 0)
		puts(got ? "same" : "other");
	return got < 0 ? -1 : 0;
}

static int
run(int argc, char **argv, struct err *err)
{
	struct artifact *a;
	int failed = 0;

	if (artifact_open(argv[1], NULL, &a, err))
		return -1;
	if (getenv("KEEP"))
		artifact_keep(a, getenv("KEEP"));
	for (int i = 2; i + 2 < argc && !failed; i += 3)
		failed = step(a, argv + i, err);
	artifact_close(a);
	return failed;
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;

	if (argc < 2 || (argc - 2) % 3) {
		fputs(usage, stderr);
		return 2;
	}
	if (!run(argc, argv, &err))
		return 0;
	fprintf(stderr, "%d: %s\n", (int)err.kind, err.msg);
	return 1;
}
