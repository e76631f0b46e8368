/* SPDX-License-Identifier: MIT */
/* config_list.h - what counts for a project, and who says so */
#pragma once

struct buf;
struct err;
struct options;
struct settings_request;

/*
 * Appends a line, or a member of a JSON object, for each value of the files as
 * merged and resolved, and for what flags and variables put in their place or
 * add.  ERR_USAGE or ERR_CONFIG; 'to' is then untouched.
 */
int config_list(const struct options *o, const struct settings_request *request,
                struct buf *to, struct err *err);
