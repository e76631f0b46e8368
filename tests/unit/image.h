/* SPDX-License-Identifier: MIT */
/* image.h - an image, and processes that record in it, for a test */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/strv.h"
#include "kmlflow/image.h"
#include "model/declared.h"
#include "stage/capture.h"

struct fixture {
	char root[32];
	char *keep;
	char *value; /* of KMLFLOW_IMAGE */
	char *library;
	struct declared_list list;
	struct strv launched;
	struct strv seen; /* "KIND RULE PATH PATH2", relative to the root */
	struct capture_health health;
	struct capture *capture;
};

static inline const char *
image_path(const struct fixture *f)
{
	return strchr(f->value, ':') + 1;
}

static inline int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct err err = ERR_INIT;

	memcpy(f->root, "/tmp/kmlflow-capture-XXXXXX", 28);
	if (!mkdtemp(f->root))
		return -1;
	f->keep = mem_printf("%s/keep", f->root);
	mkdir(f->keep, 0700);
	f->library = capture_find_library(&err);
	if (!f->library)
		fprintf(stderr, "%s\n", err.msg);
	*state = f;
	return f->library ? 0 : -1;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	if (f->value)
		unlink(image_path(f));
	capture_close(f->capture);
	fs_remove_tree(f->root, &err);
	declared_free(&f->list);
	strv_free(&f->launched);
	strv_free(&f->seen);
	free(f->keep);
	free(f->value);
	free(f->library);
	free(f);
	return 0;
}

static inline void
declare(struct fixture *f, enum declared_kind kind, const char *name)
{
	struct declared *d = declared_add(&f->list);

	d->kind = kind;
	d->path = mem_printf("%s/%s", f->root, name);
}

static inline void
create(struct fixture *f)
{
	struct err err = ERR_INIT;

	if (capture_create(&f->list, f->keep, f->root, &f->value, &err))
		fail_msg("%s", err.msg);
}

/* Runs 'script' in the root; returns its exit status. */
static inline int
run(struct fixture *f, const char *script)
{
	cleanup_free char *preload = mem_printf("LD_PRELOAD=%s", f->library);
	cleanup_free char *image = mem_printf("KMLFLOW_IMAGE=%s", f->value);
	cleanup_free char *text = mem_printf("cd %s\n%s", f->root, script);
	char sh[] = "sh", c[] = "-c";
	char *argv[] = {sh, c, text, NULL};
	char *path = mem_printf("PATH=%s", getenv("PATH"));
	char *envp[] = {preload, image, path, NULL};
	int status = -1;
	pid_t pid;

	assert_int_equal(posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, envp),
	                 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	free(path);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline const char *
below_root(const struct fixture *f, const char *path)
{
	size_t len = strlen(f->root);

	return path && !strncmp(path, f->root, len) ? path + len + 1 : path;
}

static inline void
read_all(struct fixture *f)
{
	static const char *const kinds[] = {
	    "",     "write",  "rename", "link", "unlink",
	    "kept", "rescan", "exec",   "read",
	};
	struct err err = ERR_INIT;
	struct event e;

	if (capture_open(image_path(f), &f->capture, &err))
		fail_msg("%s", err.msg);
	while (capture_next(f->capture, &e)) {
		assert_in_range(e.kind, EVENT_WRITE, EVENT_LAUNCH_OFF);
		if (e.kind == EVENT_EXEC)
			continue;
		if (e.kind >= EVENT_LAUNCH) {
			strv_take(&f->launched,
			          mem_printf("%s%s", e.path,
			                     e.kind == EVENT_LAUNCH ? ""
			                                            : " off"));
			continue;
		}
		strv_take(&f->seen,
		          mem_printf("%s %d %s%s%s", kinds[e.kind], e.rule,
		                     below_root(f, e.path), e.path2 ? " " : "",
		                     e.path2 ? below_root(f, e.path2) : ""));
	}
	capture_get_health(f->capture, &f->health);
}

static inline void
edit_header(const struct fixture *f, size_t offset, const void *data,
            size_t len)
{
	int fd = open(image_path(f), O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, len, (off_t)offset), (ssize_t)len);
	close(fd);
}

static inline void
read_header(const struct fixture *f, struct kmlflow_image *h)
{
	int fd = open(image_path(f), O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, h, sizeof(*h), 0), (ssize_t)sizeof(*h));
	close(fd);
}
