/* SPDX-License-Identifier: MIT */
/* file_unfit.h - what cannot become an artifact */
#pragma once

struct stat;

/* Why a file cannot be read as an artifact, NULL if it can. */
const char *file_unfit(const char *path, const struct stat *st);
