/* SPDX-License-Identifier: MIT */
/* factory_driver.c - which dataset of a catalog a file is, for factories.py */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "model/factory.h"
#include "model/settings.h"

static void
tell(const struct declared *d)
{
	printf("%s\t%s\n", d->name, d->artifact_path ? d->artifact_path : "");
}

/* Of the entries that mean this file, as the collecting of files has it. */
static void
look(const struct settings *s, const char *path)
{
	for (size_t i = 0; i < s->declared.n; i++) {
		const struct declared *d = &s->declared.v[i];
		struct declared one;
		char *relative;

		if (!declared_match(d, path))
			continue;
		if (!d->factory) {
			tell(d);
			continue;
		}
		if (factory_resolve(d, path, &one, &relative))
			continue;
		tell(&one);
		declared_clear(&one);
		free(relative);
	}
}

/* Lines on stdin: "DIRECTORY PATH"; answers end in an empty line. */
int
main(void)
{
	cleanup_buf struct buf in = BUF_INIT;
	struct err err = ERR_INIT;

	if (fs_read_fd(0, 1 << 28, &in, &err))
		return 1;
	for (char *line = in.s, *next; *line; line = next) {
		char *path = strchr(line, ' ');
		struct settings_request request = {.directory = "."};
		struct settings s;

		next = strchr(line, '\n') + 1;
		next[-1] = '\0';
		*path++ = '\0';
		request.cwd = line;
		if (settings_load(&request, &s, &err)) {
			printf("!%s\n\n", err.msg);
			continue;
		}
		look(&s, path);
		putchar('\n');
		settings_free(&s);
	}
	return 0;
}
