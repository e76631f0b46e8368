/* SPDX-License-Identifier: MIT */
/* image.c - makes an image for a test, and prints what was recorded in it */
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "model/declared.h"
#include "stage/capture.h"

static const char *const kinds[] = {
    [EVENT_WRITE] = "write",   [EVENT_RENAME] = "rename",
    [EVENT_LINK] = "link",     [EVENT_UNLINK] = "unlink",
    [EVENT_KEPT] = "kept",     [EVENT_RESCAN] = "rescan",
    [EVENT_EXEC] = "exec",     [EVENT_READ] = "read",
    [EVENT_LAUNCH] = "launch", [EVENT_LAUNCH_OFF] = "launch-off",
};

/* "file:PATH", "versioned:PATH", "dir:PATH[:SUFFIX]" or "glob:PATTERN". */
static void
add_rule(struct declared_list *list, const char *text)
{
	struct declared *d = declared_add(list);
	const char *path = strchr(text, ':');
	const char *suffix;

	if (!path++)
		exit(2);
	d->kind = *text == 'f'   ? DECLARED_FILE
	          : *text == 'v' ? DECLARED_VERSIONED
	          : *text == 'd' ? DECLARED_DIR
	                         : DECLARED_GLOB;
	suffix = d->kind == DECLARED_DIR ? strchr(path, ':') : NULL;
	if (suffix)
		d->suffix = mem_dup(suffix + 1);
	d->path =
	    mem_ndup(path, suffix ? (size_t)(suffix - path) : strlen(path));
}

static int
create(const char *keep, char **rules)
{
	struct declared_list list = {.v = NULL};
	struct err err = ERR_INIT;
	cleanup_free char *cwd = fs_cwd();
	cleanup_free char *value = NULL;

	for (; *rules; rules++)
		add_rule(&list, *rules);
	if (capture_create(&list, *keep ? keep : NULL, cwd, &value, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	puts(value);
	declared_free(&list);
	return 0;
}

static int
dump(const char *value)
{
	struct err err = ERR_INIT;
	struct capture_health health;
	struct capture *c = NULL;
	struct event e;
	const char *path = strchr(value, ':');

	if (capture_open(path ? path + 1 : value, &c, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	while (capture_next(c, &e))
		printf("%s %d %s%s%s%s\n", kinds[e.kind], e.rule, e.path,
		       e.path2 ? " " : "", e.path2 ? e.path2 : "",
		       e.cwd_unknown ? " (cwd unknown)" : "");
	capture_get_health(c, &health);
	if (health.dropped)
		printf("dropped %llu%s\n", (unsigned long long)health.dropped,
		       health.overflow ? ", overflow" : "");
	capture_close(c);
	return 0;
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	char *library;

	if (argc > 3 && !strcmp(argv[1], "create"))
		return create(argv[2], argv + 3);
	if (argc == 3 && !strcmp(argv[1], "dump"))
		return dump(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "library")) {
		library = capture_find_library(&err);
		puts(library ? library : err.msg);
		return !library;
	}
	fputs("usage: image create KEEP RULE... | dump VALUE | library\n",
	      stderr);
	return 2;
}
