/* SPDX-License-Identifier: MIT */
/* mime.h - content types of artifacts, as MLflow's client sets them */
#pragma once

#define MIME_UNKNOWN "application/octet-stream"

/* By the last component of 'key'; never NULL. */
const char *mime_type(const char *key);
