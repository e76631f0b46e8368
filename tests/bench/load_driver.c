/* SPDX-License-Identifier: MIT */
/* load_driver.c - how long a project's configuration takes to be read */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "model/settings.h"

/* Of this process, so that others on the machine do not count. */
static long long
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int
load(const struct settings_request *request, long long *ns, size_t *declared)
{
	struct settings s = {.warnings = STRV_INIT};
	struct err err = ERR_INIT;
	long long start = cpu_ns();

	if (settings_load(request, &s, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		return -1;
	}
	*ns = cpu_ns() - start;
	*declared = s.declared.n;
	settings_free(&s);
	return 0;
}

/* ENV [ROUNDS]: "DECLARED NS", of processor time, for the project in the
 * working directory. */
int
main(int argc, char **argv)
{
	char cwd[4096];
	struct settings_request request = {.env = argc > 1 ? argv[1] : NULL};
	int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1;

	if (!getcwd(cwd, sizeof(cwd)))
		return 1;
	request.cwd = cwd;
	for (int i = 0; i < rounds; i++) {
		long long ns;
		size_t declared;

		if (load(&request, &ns, &declared))
			return 1;
		printf("%zu %lld\n", declared, ns);
	}
	return 0;
}
