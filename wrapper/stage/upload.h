/* SPDX-License-Identifier: MIT */
/* upload.h - one captured file into an artifact store */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct artifact;
struct err;
struct manifest_entry;

struct upload_result {
	bool vanished; /* it is not there any more: nothing was stored */
	bool same;     /* the store had these bytes at this place already */
	bool unstable; /* it went on changing while it was read */
	int64_t size;
};

/*
 * Reads through one descriptor, so that a rename cannot switch files midway;
 * reads again, at most twice, when the file changed meanwhile.
 */
int upload_file(struct artifact *store, const struct manifest_entry *e,
                struct upload_result *ret, struct err *err);
