/* SPDX-License-Identifier: MIT */
/* transfer.h - bytes of one exchange as they come and go; for exchange.c */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct http_request;
struct http_response;

struct transfer {
	const struct http_request *request;
	struct http_response *response;
	int timeout_ms;
	bool (*stop)(void);
	off_t sent;
	size_t header_bytes;
	int64_t moved;       /* bytes, when last looked at */
	int64_t moved_at;    /* ms of the monotonic clock */
	int64_t answered_at; /* ms; 0: not yet */

	/* Why one of the functions below gave up; NULL: it did not. */
	const char *bad;
	enum err_kind bad_kind; /* ERR_NONE: the sink has had enough */
};

/* 'moved_at' is now. */
void transfer_begin(struct transfer *t);

/* Each returns 0, or -1 to end the exchange. */
int transfer_header(struct transfer *t, const char *line, size_t len);
int transfer_body(struct transfer *t, int status, const void *data, size_t len);
int transfer_progress(struct transfer *t, int64_t down, int64_t up);

/* Bytes of the request's body, at most 'max'; 0: the end; -1. */
ssize_t transfer_read(struct transfer *t, void *to, size_t max);
