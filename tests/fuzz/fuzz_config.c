/* SPDX-License-Identifier: MIT */
/* fuzz_config.c - any bytes as the files of a project, read as settings */
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "fuzz.h"
#include "model/settings.h"

/* Files follow each other in the input, with this line between them. */
static const char separator[] = "%%\n";

static const char *const files[] = {
    "conf/base/catalog.yml",     "conf/base/parameters.yml",
    "conf/base/mlflow.yml",      "conf/base/kmlflow.yml",
    "conf/local/catalog.yml",    "conf/local/parameters.yml",
    "conf/base/credentials.yml", "pyproject.toml",
};

static const char *
project_dir(void)
{
	static char dir[] = "/dev/shm/kmlflow-fuzz-XXXXXX";
	static bool made;
	struct err err = ERR_INIT;

	if (made)
		return dir;
	if (!mkdtemp(dir))
		abort();
	made = true;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		cleanup_free char *path = mem_printf("%s/%s", dir, files[i]);

		if (fs_mkparents(path, 0700, &err))
			abort();
	}
	return dir;
}

static void
clean_up(void)
{
	struct err err = ERR_INIT;

	fs_remove_tree(project_dir(), &err);
}

/* Too small a write to bother about renaming. */
static void
write_file(const char *dir, const char *name, const char *data, size_t size)
{
	cleanup_free char *path = mem_printf("%s/%s", dir, name);
	FILE *f = fopen(path, "we");

	if (!f)
		abort();
	if (size)
		fwrite(data, 1, size, f);
	fclose(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *dir = project_dir();
	const char *at = (const char *)data;
	const char *end = at + size;
	struct settings_request request = {.cwd = dir, .directory = "."};
	struct settings s;
	struct err err = ERR_INIT;
	static bool registered;

	if (!registered)
		atexit(clean_up);
	registered = true;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const char *next = at < end
		                       ? memmem(at, (size_t)(end - at),
		                                separator, strlen(separator))
		                       : NULL;

		write_file(dir, files[i], at,
		           (size_t)((next ? next : end) - at));
		at = next ? next + strlen(separator) : end;
	}
	if (!settings_load(&request, &s, &err))
		settings_free(&s);
	else if (!*err.msg || (err.kind != ERR_CONFIG && err.kind != ERR_USAGE))
		abort();
	return 0;
}
