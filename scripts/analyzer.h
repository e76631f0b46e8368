/* SPDX-License-Identifier: MIT */
/* analyzer.h - what clang-tidy, which reads one file, must be told */
#pragma once

#include "base/err.h"

/* That these give -1 is known in err.c alone. */
#define err_set(...) ((err_set)(__VA_ARGS__), -1)
#define err_sys(...) ((err_sys)(__VA_ARGS__), -1)
#define err_wrap(...) ((err_wrap)(__VA_ARGS__), -1)
#define err_at(...) ((err_at)(__VA_ARGS__), -1)
