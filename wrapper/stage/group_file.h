/* SPDX-License-Identifier: MIT */
/* group_file.h - what the files of group.h share */
#pragma once

#include "stage/origin.h"

/* In the spool: what rank 0 says of the launch. */
#define GROUP_FILE "ranks/group.json"

enum { GROUP_MAX = 1 << 16 };

struct buf;

/*
 * "HOST ORIGIN", see origin.h: machines that were made from one image can have
 * the same id, and then only the host's name tells them apart.
 */
void group_origin(struct buf *to);
enum origin_state group_origin_state(const char *text);

/* The file by which the ranks meet, beside the spools; owned. */
char *group_meeting(const char *place, const char *key);
