/* SPDX-License-Identifier: MIT */
/* file_scalar.h - one YAML scalar: read in any flow style, written quoted */
#pragma once

#include <stdbool.h>

struct buf;

/*
 * 'raw' is what stands behind "key:", with its continuation lines.  False for
 * null, collections, block scalars, anchors, and quotes that do not close;
 * 'to' may then hold a part.  Everything else is a string, "1" and "true" as
 * well.
 */
bool scalar_decode(const char *raw, struct buf *to);

/*
 * In single quotes, so that no reader takes it for a number, a date or null;
 * in double quotes where single ones cannot hold it.  What is not UTF-8
 * becomes U+FFFD: it would make the whole file unreadable.
 */
void scalar_encode(struct buf *to, const char *value);
