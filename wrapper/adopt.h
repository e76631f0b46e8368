/* SPDX-License-Identifier: MIT */
/* adopt.h - kmlflow new --from-dir: a project of a pipeline that is there */
#pragma once

struct options;

/*
 * Puts conf/ into the directory, with a catalog of what one run of CMD wrote
 * there, or with an example where no CMD is named.  Gives the exit status.
 */
int adopt(const struct options *o);
