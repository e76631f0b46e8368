/* SPDX-License-Identifier: MIT */
/* tree.h - directories with files for a test, gone when it ends */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

/* An empty directory, owned. */
static inline char *
tree_new(void)
{
	char *dir = mem_dup("/tmp/kmlflow-test-XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static inline void
tree_mkdir(const char *dir, const char *name)
{
	cleanup_free char *path = mem_printf("%s/%s", dir, name);
	struct err err = ERR_INIT;

	assert_int_equal(fs_mkdirs(path, 0755, &err), 0);
}

/* 'text' into 'dir'/'name', whose directories are made. */
static inline void
tree_write(const char *dir, const char *name, const char *text)
{
	cleanup_free char *path = mem_printf("%s/%s", dir, name);
	struct err err = ERR_INIT;

	assert_int_equal(fs_mkparents(path, 0755, &err), 0);
	assert_int_equal(fs_write_atomic(path, text, strlen(text), 0644, &err),
	                 0);
}

/* For teardown: removes the tree and frees its name. */
static inline void
tree_free(char **dir)
{
	struct err err = ERR_INIT;

	if (*dir)
		fs_remove_tree(*dir, &err);
	free(*dir);
	*dir = NULL;
}
#define cleanup_tree __attribute__((cleanup(tree_free)))
