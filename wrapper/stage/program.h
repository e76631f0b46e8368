/* SPDX-License-Identifier: MIT */
/* program.h - why the interposed library does not get into a program */
#pragma once

#include <stdbool.h>

/*
 * What execvp(3) would start: 'name' itself if it has a slash, else the first
 * such file in $PATH; owned and absolute, NULL where there is none.
 */
char *program_find(const char *name);

/*
 * Words that go before the path, like "static program"; owned.  NULL: nothing
 * in the file keeps the library out, or it cannot be looked at.  Of a script
 * its interpreter counts.
 */
char *program_obstacle(const char *path);

/*
 * Whether it may be one that starts under another name than it runs by: text
 * without "#!", which some callers hand to a shell, or the loader itself.
 */
bool program_is_proxy(const char *path);
