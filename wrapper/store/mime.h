/* SPDX-License-Identifier: MIT */
/* mime.h - content types of artifacts, as MLflow's clients set them */
#pragma once

#define MIME_UNKNOWN "application/octet-stream"

/* By the last component of 'key'; never NULL. */
const char *mime_type(const char *key);

/* The same by Python's own rules alone, as the stores' own clients have it. */
const char *mime_guess(const char *key);
