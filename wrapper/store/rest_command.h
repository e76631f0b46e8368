/* SPDX-License-Identifier: MIT */
/* rest_command.h - headers that a command of the user's prints */
#pragma once

struct err;
struct kvs;

/*
 * Adds "Name: value" lines to 'headers', as KMLFLOW_REQUEST_HEADERS has them;
 * 'source' names where they are from.  ERR_CONFIG: what cannot be sent, or
 * belongs to the body of a request.  No message shows a value.
 */
int rest_headers_add(const char *lines, const char *source, struct kvs *headers,
                     struct err *err);

/*
 * Runs 'command' by the shell: it prints a token, which becomes
 * "Authorization: Bearer …", or lines as above.  ERR_RETRY: it failed, or took
 * too long.
 */
int rest_command_run(const char *command, struct kvs *headers, struct err *err);
