/* SPDX-License-Identifier: MIT */
/* version.h - releases of Kedro, in their order */
#pragma once

#include <stdbool.h>

/* "0.18.3" before 0.19.0?  No for NULL, and for what is no number. */
bool version_before(const char *version, int major, int minor, int patch);
