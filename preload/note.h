/* SPDX-License-Identifier: MIT */
/* note.h - what hooks say before they call libc */
#pragma once

#include <fcntl.h>
#include <stdbool.h>

/*
 * All are cheap and make no system call for a path that is not declared, may
 * be called in a signal handler and in a child of vfork(2), and keep errno.
 * A path may be NULL or relative to 'fd', as *at() functions have it.
 */

/* 'path' is about to be written to. */
void note_write(int fd, const char *path);

/* The open file 'fd' is about to be written to; its name is not known. */
void note_write_fd(int fd);

enum note_pair { NOTE_RENAME, NOTE_EXCHANGE, NOTE_LINK };

/* 'from' is about to become, or to be known as well as, 'to'. */
void note_pair(enum note_pair kind, int from_fd, const char *from, int to_fd,
               const char *to);

/* 'path', no directory, is about to be removed. */
void note_unlink(int fd, const char *path);

/* System calls may soon be forbidden: asks what later records need. */
void note_last_chance(void);

/* 'path' is about to become a symbolic link. */
void note_symlink(int fd, const char *path);
