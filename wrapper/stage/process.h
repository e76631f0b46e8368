/* SPDX-License-Identifier: MIT */
/* process.h - tells one process from another that has its number */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct buf;

/* Appends "PID START BOOT": its start in clock ticks, this boot's id. */
void process_identify(pid_t pid, struct buf *to);

/* Appends this boot's id, or "unknown". */
void process_boot(struct buf *to);

/* Whether the process of such a line still runs, on this boot. */
bool process_alive(const char *identity);
